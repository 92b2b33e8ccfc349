"""Forms: bytes from the browser → cleaned fields → a validated form class, or errors beside what the person typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_origin
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import UploadFile
from pydantic import BaseModel, ValidationError

from portal.fields import sentence
from portal.web.errors import NotFound, Refused
from portal.web.language import _, _l

MOST_FIELDS = 400
LONGEST_IDENTITY = 18
NOT_UTF8 = _l("Texten är inte skriven i UTF-8.")
TOO_MANY_FIELDS = _l("Formuläret har för många fält.")

Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Form(Generic[Model]):
    """What a person typed (`values`), what was wrong with it (`errors`), and the validated form if nothing was."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    validated: Model | None = None

    @property
    def ok(self) -> bool:
        return not self.errors and self.validated is not None

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


def identity(raw: str) -> int:
    """A canonical row number from an address, else NotFound."""
    if not (raw.isascii() and raw.isdigit() and len(raw) <= LONGEST_IDENTITY and str(int(raw)) == raw):
        raise NotFound
    return int(raw)


def number_in(query: Mapping[str, str], name: str) -> int | None:
    """A row number from the query string, or None for anything else."""
    raw = query.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= LONGEST_IDENTITY else None


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


async def read(request: "Request[Any, Any, Any]", model: type[Model]) -> Form[Model]:
    """Validate the posted fields against `model`. Unknown fields are left aside; a single field sent twice is refused."""
    values, errors = _pick(await fields_of(request), model)
    typed = {name: value for name, value in values.items() if not (value == "" and name not in _texts(model))}
    try:
        validated = model.model_validate(typed)
    except ValidationError as failure:
        return Form(values=values, errors=errors | _sentences(failure))
    return Form(values=values, errors=errors, validated=None if errors else validated)


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


def _texts(model: type[BaseModel]) -> set[str]:
    return {name for name, info in model.model_fields.items() if info.annotation is str}


def _sentences(failure: ValidationError) -> dict[str, str]:
    errors: dict[str, str] = {}
    for each in failure.errors(include_url=False):
        errors.setdefault(str(each["loc"][0]) if each["loc"] else "", sentence(each, translate=_))
    return errors
