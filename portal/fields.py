"""Annotated types for forms, and one Swedish sentence for each way a field can be wrong."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType

from portal import clock
from portal.characters import NUL, SURROGATE, cleaned, composed, trimmed
from portal.links import LONGEST_LINK, ascii_host, is_printable, web_address

MOMENT = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)


def _l(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


MESSAGES: dict[str, str] = {
    "missing": _l("Fyll i fältet."),
    "invalid": _l("Värdet går inte att använda."),
    "string_type": _l("Skriv en text."),
    "string_too_short": _l("Texten är för kort: minst {min_length} tecken."),
    "string_too_long": _l("Texten är för lång: {length} tecken, högst {max_length}."),
    "string_pattern_mismatch": _l("Texten har inte rätt form."),
    "control_char": _l("Texten innehåller ett tecken som inte får finnas."),
    "bad_unicode": _l("Texten innehåller ett trasigt tecken."),
    "bad_encoding": _l("Texten kunde inte läsas som UTF-8."),
    "bad_email": _l("Skriv en e-postadress, till exempel anna@kommun.se."),
    "bad_link": _l("Skriv en hel webbadress som börjar med https://."),
    "bad_slug": _l("Använd bara små bokstäver a–z, siffror och bindestreck."),
    "enum": _l("Välj ett av alternativen."),
    "bool_parsing": _l("Välj ja eller nej."),
    "int_parsing": _l("Skriv ett heltal."),
    "int_parsing_size": _l("Talet är för stort."),
    "decimal_parsing": _l("Skriv ett tal."),
    "greater_than": _l("Talet ska vara större än {gt}."),
    "greater_than_equal": _l("Talet får inte vara mindre än {ge}."),
    "less_than": _l("Talet ska vara mindre än {lt}."),
    "less_than_equal": _l("Talet får inte vara större än {le}."),
    "date_parsing": _l("Skriv datumet så här: 2026-12-13."),
    "date_past": _l("Datumet ska ha varit."),
    "date_future": _l("Datumet ska ligga framåt i tiden."),
    "datetime_parsing": _l("Skriv dag och klockslag så här: 2026-12-13 13:00."),
    "time_parsing": _l("Skriv klockslaget så här: 13:00."),
    "too_short": _l("Välj minst {min_length}."),
    "too_long": _l("Välj högst {max_length}."),
    "extra_forbidden": _l("Fältet hör inte hit."),
}
# What to write in a field that was left empty, by what the field is called.
EMPTY: dict[str, str] = {
    "title": _l("Skriv en rubrik."),
    "title_sv": _l("Skriv en rubrik på svenska."),
    "heading": _l("Skriv en rubrik."),
    "programme": _l("Skriv vilket program eller vilken fond."),
    "happens": _l("Skriv vad som händer."),
    "means": _l("Skriv vad det betyder för er."),
    "themes": _l("Välj minst ett tema."),
    "name": _l("Skriv ett namn."),
    "municipality": _l("Skriv vad kommunen eller organisationen heter."),
    "email": _l("Skriv en e-postadress."),
    "code": _l("Skriv koden från mejlet."),
    "password": _l("Skriv ett lösenord."),
    "body": _l("Skriv något först."),
    "reason": _l("Ange ett skäl."),
    "day": _l("Välj en dag."),
    "starts": _l("Skriv när träffen börjar."),
    "ends": _l("Skriv när träffen slutar."),
    "stage": _l("Välj ett slag."),
    "closes_on": _l("Välj dagen då det stänger."),
    "starts_on": _l("Välj den första dagen."),
    "ends_on": _l("Välj den sista dagen."),
    "meets_on": _l("Välj dagen för sammanträdet."),
    "cutoff_on": _l("Välj dagen för stopptiden."),
}
SAME_AS = {
    "literal_error": "enum",
    "bool_type": "bool_parsing",
    "int_type": "int_parsing",
    "int_from_float": "int_parsing",
    "float_type": "decimal_parsing",
    "float_parsing": "decimal_parsing",
    "finite_number": "decimal_parsing",
    "decimal_type": "decimal_parsing",
    "decimal_max_digits": "int_parsing_size",
    "decimal_whole_digits": "int_parsing_size",
    "date_type": "date_parsing",
    "date_from_datetime_parsing": "date_parsing",
    "date_from_datetime_inexact": "date_parsing",
    "datetime_type": "datetime_parsing",
    "datetime_from_date_parsing": "datetime_parsing",
    "datetime_object_invalid": "datetime_parsing",
    "timezone_aware": "datetime_parsing",
    "time_type": "time_parsing",
    "string_unicode": "bad_unicode",
}


def sentence(error: Mapping[str, Any], label: str = "", translate: Callable[[str], str] = str) -> str:
    """What to write beside the field, from one item of `ValidationError.errors()`."""
    context = {**error.get("ctx", {}), "label": label}
    kind = SAME_AS.get(error["type"], error["type"])
    if kind in ("value_error", "assertion_error"):
        return translate(str(context["error"]))
    if kind in ("too_short", "too_long") and isinstance(error["input"], str):
        kind = f"string_{kind}"  # what pydantic calls the length of a text that one of our cleaners returned
    if kind == "string_too_short" and context["min_length"] == 1:
        kind = "missing"
    name = str(error["loc"][0]) if error.get("loc") else ""
    if name in EMPTY and (kind == "missing" or (kind == "too_short" and not error["input"])):
        return translate(EMPTY[name]).format(**context)
    if kind == "string_too_long":
        context["length"] = context.get("actual_length") or len(error["input"])
    if kind in MESSAGES:
        return translate(MESSAGES[kind]).format(**context)
    # A form's own PydanticCustomError brings its Swedish sentence; pydantic's own words are English.
    return translate(MESSAGES["invalid"] if kind in get_args(ErrorType) else error["msg"])


def _error(kind: str) -> PydanticCustomError:
    return PydanticCustomError(kind, MESSAGES[kind])


def _whole(value: Any) -> Any:
    """Refuses what can be neither stored nor repaired."""
    if isinstance(value, str) and NUL in value:
        raise _error("control_char")
    if isinstance(value, str) and SURROGATE.search(value):
        raise _error("bad_unicode")
    return value


def _prose(value: Any) -> Any:
    return trimmed(cleaned(_whole(value))) if isinstance(value, str) else value


def _line(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = (part.strip(" ") for part in re.split("[\n\t]+", _prose(value)))
    return " ".join(part for part in parts if part)


def _email(value: Any) -> Any:
    """An RFC 5321 address without quoting: ASCII local part, domain in lower case and IDNA (RFC 5891)."""
    if not isinstance(value, str):
        return value
    text = trimmed(composed(_whole(value)))
    if not text:
        raise _error("missing")
    local, _, domain = text.partition("@")
    host = ascii_host(domain)
    # "=?" begins an encoded word, which Python's header parser would decode, line ends and all.
    if not LOCAL_PART.fullmatch(local) or "=?" in local or len(local) > 64 or host is None or "." not in host:
        raise _error("bad_email")
    if len(address := f"{local}@{host}") > 254:
        raise _error("bad_email")
    return address


def _link(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = trimmed(composed(_whole(value)))
    if not text:
        raise _error("missing")
    if not is_printable(text) or web_address(text) is None:
        raise _error("bad_link")
    return text


def _slug(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = trimmed(composed(_whole(value)))
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", text):
        raise _error("bad_slug" if text else "missing")
    return text


def _moment(value: object) -> datetime:
    """A day of this century and a time, as a browser's field says them, by a Swedish clock."""
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise _error("datetime_parsing")
    try:
        return datetime.fromisoformat(value).replace(tzinfo=clock.STOCKHOLM)
    except ValueError:
        raise _error("datetime_parsing") from None


Line = Annotated[str, BeforeValidator(_line)]
Prose = Annotated[str, BeforeValidator(_prose)]
Reason = Annotated[str, BeforeValidator(_prose), Field(min_length=1, max_length=1000)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Slug = Annotated[str, BeforeValidator(_slug), Field(min_length=2, max_length=60)]
Email = Annotated[str, BeforeValidator(_email)]
Link = Annotated[str, BeforeValidator(_link), Field(max_length=LONGEST_LINK)]
# Numbers that the database's bigint and integer columns can hold.
RowNumber = Annotated[int, Field(ge=1, lt=2**63)]
Version = Annotated[int, Field(ge=0, lt=2**31)]
