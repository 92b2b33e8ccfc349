"""Annotated types for forms, and one Swedish sentence for each way a field can be wrong."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, get_args
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import idna
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType

from portal import clock

LONGEST_LINK = 2000
NUL = "\x00"
SURROGATE = re.compile("[\ud800-\udfff]")
TERMINAL_SEQUENCE = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]")
LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls (not \t \n), embeddings and overrides that reorder text, byte-order marks, invisible tag characters.
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\U000e0000-\U000e007f]")
INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064"
EDGE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + INVISIBLE + "\u2800\u3164\ufeff\uffa0"
MOMENT = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
VARIATION = "".join(map(chr, range(0xFE00, 0xFE10)))
MAYBE_PILE = re.compile("[\u0300-\U0010ffff]{31}")

LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*", re.IGNORECASE)
HOST_IN_TEXT = re.compile(r"((?:[\w-]+\.)+[^\W\d_][\w-]+)(?:[/?#:]\S*)?")
LONGEST_LINK_TEXT = 200
DOTS = str.maketrans("。｡․", "...") | dict.fromkeys(map(ord, EDGE.replace(" ", "").replace("\n", "")), "")
NOT_IN_LINK = re.compile(r'[\s\x00-\x1f\x7f-\x9f\\<>"`{}|^]')
TRACKING = re.compile(r"utm_.*|(fb|g|dcl|ms)clid|mc_[ce]id|_hs(enc|mi)|igshid|wt\.mc_id|pk_(campaign|kwd)", re.IGNORECASE)


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


def composed(text: str) -> str:
    """NFC. Sorting a pile of accents takes quadratic time: 30 on one letter are enough (UAX 15, stream-safe text)."""
    return _flat(unicodedata.normalize("NFC", _flat(text)))


@cache
def _pile() -> re.Pattern[str]:
    marks = "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x1E94B))))
    return re.compile(f"([{marks}]{{30}})[{marks}]+")


def _flat(text: str) -> str:
    return _pile().sub(r"\1", text) if MAYBE_PILE.search(text) else text


def cleaned(text: str) -> str:
    """NFC without controls, overrides and invisible tags; every line end is \\n."""
    if text.isprintable() and max(text, default="") < "\u0300":
        return text
    return composed(UNWANTED.sub("", LINE_END.sub("\n", TERMINAL_SEQUENCE.sub("", text))))


def searchable(text: str) -> str:
    """What PostgreSQL can take as a text: without NUL and half characters."""
    return SURROGATE.sub("", text.replace(NUL, ""))


def _trimmed(text: str) -> str:
    text = text.strip(EDGE)
    return text if text.strip(EDGE + VARIATION) else ""


def _prose(value: Any) -> Any:
    return _trimmed(cleaned(_whole(value))) if isinstance(value, str) else value


def _line(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = (part.strip(" ") for part in re.split("[\n\t]+", _prose(value)))
    return " ".join(part for part in parts if part)


def _email(value: Any) -> Any:
    """An RFC 5321 address without quoting: ASCII local part, domain in lower case and IDNA (RFC 5891)."""
    if not isinstance(value, str):
        return value
    text = _trimmed(composed(_whole(value)))
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
    text = _trimmed(composed(_whole(value)))
    if not text:
        raise _error("missing")
    if not _is_printable(text) or web_address(text) is None:
        raise _error("bad_link")
    return text


def may_link(url: str) -> bool:
    """Whether a text may link there: a web address, an e-mail address or a path of the portal."""
    if not _is_printable(url) or len(url) > LONGEST_LINK:
        return False
    return web_address(url) is not None or is_own_path(url) or (url.startswith("mailto:") and "@" in url)


def is_own_path(url: str) -> bool:
    """A path of this portal: browsers read // and /\\ as the beginning of another host."""
    return url.startswith("/") and not url.lower().startswith(("//", "/\\", "/%5c"))


def _is_printable(url: str) -> bool:
    return not (NOT_IN_LINK.search(url) or UNWANTED.search(url))


def web_address(url: str) -> SplitResult | None:
    """The parts of a web address, or None if it is not one: the standard library raises for bad ports and brackets."""
    try:
        parts = urlsplit(url)
        userinfo, _ = parts.username is not None, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or userinfo or ascii_host(parts.hostname or "") is None:
        return None
    return parts


def ascii_host(host: str) -> str | None:
    """The host in lower case and IDNA, or None if it cannot be one."""
    if len(host) > 253:
        return None
    try:
        ascii_host = host.lower() if host.isascii() and "xn--" not in host.lower() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return None
    return ascii_host if len(ascii_host) <= 253 and HOST.fullmatch(ascii_host) else None


def other_host(words: str, href: str) -> str:
    """The host a link leads to, where its words name another one (or are so long that nobody sees what they name): to be shown with them. Else ""."""
    address = web_address(href)
    host = address.hostname if address else href.partition("?")[0].rpartition("@")[2] if href.startswith("mailto:") else ""
    target = (ascii_host(host or "") or "").removeprefix("www.")
    return target if target and (len(words) > LONGEST_LINK_TEXT or any(each != target for each in _hosts_in(words))) else ""


def _hosts_in(words: str) -> Iterator[str]:
    for found in HOST_IN_TEXT.findall(unicodedata.normalize("NFKC", words).translate(DOTS)):
        yield (ascii_host(found) or found).removeprefix("www.")


def _slug(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = _trimmed(composed(_whole(value)))
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


def canonical_link(url: str) -> str:
    """One key for every way of writing the same address, to find duplicates; never to be followed."""
    parts = web_address(url)
    if parts is None:
        return url
    host = (ascii_host(parts.hostname or "") or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = quote(unquote(parts.path).rstrip("/"), safe="/:@!$&'()*+,;=~")
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.fullmatch(pair[0])]
    return f"https://{host}{port}{path}" + ("?" + urlencode(sorted(query)) if query else "")
