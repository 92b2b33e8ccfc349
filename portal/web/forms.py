"""Forms: bytes from the browser → cleaned fields → a validated form class, or errors beside what the person typed."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_origin
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import UploadFile
from pydantic import BaseModel, ValidationError

from portal.fields import sentence
from portal.web import once
from portal.web.errors import Changed, NotFound, Refused
from portal.web.language import _, _l
from portal.web.pages import safe_path

log = logging.getLogger("portal.web")

MOST_FIELDS = 400
LONGEST_IDENTITY = 18
LONGEST_VERSION = 40
LONGEST_NAME, MOST_NAMED = 40, 10  # of fields in the log
# What our pages send beside a form's own fields: its token, key and version, where to go next, a file, and which button it was.
BESIDES = {"csrf", "once", "key", "version", "next", "file", "attach", "stay"}
NOT_UTF8 = _l("Texten är inte skriven i UTF-8.")
TOO_MANY_FIELDS = _l("Formuläret har för många fält.")

Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Form(Generic[Model]):
    """What a person typed (`values`), what was wrong with it (`errors`), and the validated form if nothing was.

    `version` tells what was stored when the form was filled; `stored` is what stands there now, if somebody has changed it since.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    validated: Model | None = None
    version: str = ""
    stored: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        return not self.errors and self.stored is None and self.validated is not None

    @property
    def status(self) -> int:
        """Of the page that shows the form."""
        if self.stored is not None:
            return 409
        return 422 if self.errors else 200

    def differs(self, name: str) -> bool:
        """Whether something else is stored now than what was typed into the field."""
        return self.stored is not None and name in self.stored and _told(self.stored[name]) != _told(self.values.get(name))

    @property
    def data(self) -> Model:
        """The validated form. Forms of one button have no page to show errors in: what is wrong with them is a refusal."""
        if self.validated is None:
            raise Refused(next(iter(self.errors.values()), None), status=422)
        return self.validated

    @classmethod
    def of(cls, row: BaseModel, **more: Any) -> "Form[Any]":
        """A form filled with what `row` holds today."""
        return cls(values={name: "" if value is None else value for name, value in row.model_dump().items()} | more)

    @classmethod
    def filled(cls, stored: Mapping[str, Any]) -> "Form[Any]":
        """A form to change what is stored, which only holds for that."""
        return cls(values={name: "" if value is None else value for name, value in stored.items()}, version=version_of(stored))


def held_in(row: BaseModel, form: type[BaseModel]) -> dict[str, Any]:
    """The values that `form` changes, as they stand in the row."""
    return {name: getattr(row, name) for name in form.model_fields}


def version_of(stored: Mapping[str, Any]) -> str:
    """Another one whenever any of the values is another."""
    told = repr(sorted((name, _told(value)) for name, value in stored.items()))
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:24]


def check_version(version: str, stored: Mapping[str, Any]) -> None:
    """Changed if the form was filled with something else than what is stored; the row is held. Without a version nothing is asked."""
    if version and version != version_of(stored):
        raise Changed(stored)


def _told(value: Any) -> str | list[str]:
    if isinstance(value, (list, tuple)):
        return sorted(str(each) for each in value)
    if isinstance(value, bool) or value is None:
        return "true" if value else ""
    return str(value).replace("\r\n", "\n").strip()


def identity(raw: str) -> int:
    """A canonical row number from an address, else NotFound."""
    if not (raw.isascii() and raw.isdigit() and len(raw) <= LONGEST_IDENTITY and str(int(raw)) == raw):
        raise NotFound
    return int(raw)


def number_in(query: Mapping[str, str], name: str) -> int | None:
    """A row number from the query string, or None for anything else."""
    raw = query.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= LONGEST_IDENTITY else None


async def identities(request: "Request[Any, Any, Any]", name: str) -> set[int]:
    """Row numbers posted under one name, as by a list of boxes; NotFound for what is none."""
    return {identity(raw) for raw in (await fields_of(request)).get(name, []) if isinstance(raw, str)}


async def fields_of(request: "Request[Any, Any, Any]") -> dict[str, list[Any]]:
    """The posted fields, each with all its values; files as UploadFile. Read once per request."""
    state = request.scope["state"]
    if "fields" not in state:
        state["fields"] = {}  # a body that cannot be read is not asked for again: waiting for more of it would never end
        state["fields"] = await _parse(request)
    kept: dict[str, list[Any]] = state["fields"]
    return kept


async def _parse(request: "Request[Any, Any, Any]") -> dict[str, list[Any]]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        pairs = await _parts(request)
    elif kind == "application/x-www-form-urlencoded" or not (kind or await request.body()):
        try:
            pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except UnicodeDecodeError:
            raise Refused(NOT_UTF8) from None
        except ValueError:
            raise Refused(TOO_MANY_FIELDS, status=413) from None
    else:
        raise Refused(_l("Skicka formuläret som ett vanligt webbformulär."), status=415)
    fields: dict[str, list[Any]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


async def _parts(request: "Request[Any, Any, Any]") -> list[tuple[str, Any]]:
    try:
        pairs = list((await request.form()).multi_items())
    except (UnicodeError, LookupError):  # a part may name its own character set
        raise Refused(NOT_UTF8) from None
    if len(pairs) > MOST_FIELDS:
        raise Refused(TOO_MANY_FIELDS, status=413)
    return pairs


async def read_fields(request: "Request[Any, Any, Any]") -> dict[str, str]:
    """Single text fields by name, for the few forms without a class."""
    fields = await fields_of(request)
    if any(len(values) > 1 for values in fields.values()):
        raise Refused(_l("Fältet skickades två gånger."))
    return {name: values[0] for name, values in fields.items() if isinstance(values[0], str)}


async def way_back(request: "Request[Any, Any, Any]", otherwise: str = "") -> str:
    """Where the page that led here wants one to go afterwards (`next`, in the address or posted) if
    that is a path of ours, else `otherwise`."""
    given = request.query_params.get("next") or (await fields_of(request)).get("next", [""])[0]
    return safe_path(given if isinstance(given, str) else "", otherwise)


async def read(request: "Request[Any, Any, Any]", model: type[Model]) -> Form[Model]:
    """Validate the posted fields against `model`. Unknown fields are left aside; a single field sent twice is refused.

    A form without mistakes is done once: see once.py.
    """
    fields = await fields_of(request)
    values, errors = _pick(fields, model)
    _note_unknown(request, fields, model)
    version = "" if "version" in model.model_fields else _version_in(fields)
    typed = {name: value for name, value in values.items() if not (value == "" and name not in _texts(model))}
    try:
        validated = model.model_validate(typed)
    except ValidationError as failure:
        return Form(values=values, errors=errors | _sentences(failure), version=version)
    if not errors:
        await once.hold(request, fields)
    return Form(values=values, errors=errors, validated=None if errors else validated, version=version)


def _note_unknown(request: "Request[Any, Any, Any]", fields: Mapping[str, Any], model: type[BaseModel]) -> None:
    """Says in the log which fields nobody asked for, by name: somebody tries what a form takes, or a page of ours is wrong."""
    unknown = [ascii(name[:LONGEST_NAME]) for name in fields if name not in model.model_fields and name not in BESIDES]
    if unknown:
        reference = request.scope["state"].get("reference")
        log.info("left aside, reference %s, in a form for %s: %s", reference, model.__name__, ", ".join(unknown[:MOST_NAMED]))


def _pick(fields: Mapping[str, list[Any]], model: type[BaseModel]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, info in model.model_fields.items():
        given = [value for value in fields.get(name, []) if not isinstance(value, UploadFile)]
        if get_origin(info.annotation) in (list, set, tuple):
            values[name] = given
        elif len(given) > 1:
            values[name] = given[0]
            errors[name] = _("Fältet skickades två gånger.")
        elif given:
            values[name] = given[0]
    return values, errors


def _version_in(fields: Mapping[str, list[Any]]) -> str:
    given = fields.get("version", [""])[0]
    return given if given == "" or (isinstance(given, str) and given.isalnum() and len(given) <= LONGEST_VERSION) else "-"


def _texts(model: type[BaseModel]) -> set[str]:
    return {name for name, info in model.model_fields.items() if info.annotation is str}


def _sentences(failure: ValidationError) -> dict[str, str]:
    errors: dict[str, str] = {}
    for each in failure.errors(include_url=False):
        errors.setdefault(str(each["loc"][0]) if each["loc"] else "", sentence(each, translate=_))
    return errors
