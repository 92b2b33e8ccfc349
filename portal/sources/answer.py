"""A JSON answer from another system, read field by field: whatever is not as agreed is refused with a clear sentence."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from pydantic import TypeAdapter

from portal.characters import NUL, SURROGATE
from portal.fields import Line, Prose, _l

LARGEST = 16 * 1024 * 1024
HIGHEST_NUMBER = 10**9
MOST_PARTS = 5_000
LINE, PROSE = TypeAdapter(Line), TypeAdapter(Prose)


class Foreign(Exception):
    """Not an answer of this source, or a broken one. `message_sv` is in the catalogue; `where` is a place such as content[3].id."""

    def __init__(self, message_sv: str, where: str = "") -> None:
        super().__init__(f"{message_sv} ({where})" if where else message_sv)
        self.message_sv = message_sv
        self.where = where


def parse(payload: bytes) -> object:
    """The JSON value (RFC 8259) in the payload; NaN and infinite numbers, which Python would take, are refused."""
    if len(payload) > LARGEST:
        raise Foreign(_l("Filen är för stor: högst 16 MB."))
    start = payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        raise Foreign(_l("Filen är tom."))
    if start == b"<":
        raise Foreign(_l("Filen är en webbsida (HTML) och inte data: adressen till källan var fel."))
    try:
        return json.loads(payload, parse_constant=_refuse_constant)
    except RecursionError:
        raise Foreign(_l("Filen är nästlad för djupt.")) from None
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated") or len(error.doc) - error.pos <= len("false"):
            raise Foreign(_l("Filen är avklippt: den slutar mitt i.")) from error
        raise Foreign(_l("Filen är inte giltig JSON."), f"{error.lineno}:{error.colno}") from error
    except ValueError as error:  # not Unicode, or a number of more digits than Python reads
        raise Foreign(_l("Filen är inte giltig JSON.")) from error


def _refuse_constant(name: str) -> NoReturn:
    raise Foreign(_l("Filen innehåller ett tal som inte är ett tal."), name)


def line(text: str) -> str:
    """One clean line: entities and hard spaces resolved, control characters gone."""
    return LINE.validate_python(" ".join(html.unescape(text).split()))


def prose(text: str) -> str:
    """The same with its line breaks."""
    return PROSE.validate_python(html.unescape(text).replace("\xa0", " "))


@dataclass(frozen=True)
class Part:
    """An object in the answer, and where it stands. A field that is absent or null is empty; one of another kind is Foreign."""

    fields: Mapping[str, object]
    where: str = ""

    @classmethod
    def of(cls, value: object, where: str = "") -> "Part":
        if not isinstance(value, dict):
            raise Foreign(_l("Filen har något annat där det skulle stå ett objekt."), where)
        return cls(value, where)

    def part(self, name: str) -> "Part":
        return Part.of(self.fields.get(name), self._at(name))

    def parts(self, name: str) -> "list[Part]":
        """The objects of a list, none where it is absent; Foreign if it is no list, or has more than MOST_PARTS."""
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Foreign(_l("Filen har något annat där det skulle stå en lista."), self._at(name))
        if len(value) > MOST_PARTS:
            raise Foreign(_l("Filen har en orimligt lång lista."), self._at(name))
        return [Part.of(item, f"{self._at(name)}[{number}]") for number, item in enumerate(value)]

    def raw(self, name: str, *, longest: int) -> str:
        """A text as it stands, but for what no database can store."""
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Foreign(_l("Filen har något annat där det skulle stå en text."), self._at(name))
        if len(value) > longest:
            raise Foreign(_l("Filen har en orimligt lång text."), self._at(name))
        return SURROGATE.sub("", value.replace(NUL, ""))

    def line(self, name: str, *, longest: int = 200) -> str:
        return line(self.raw(name, longest=longest))

    def flag(self, name: str) -> bool:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise Foreign(_l("Filen har något annat där det skulle stå ja eller nej."), self._at(name))
        return bool(value)

    def number(self, name: str) -> int:
        """A whole positive number, written as 18805 or 18805.0."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Foreign(_l("Filen har något annat där det skulle stå ett nummer."), self._at(name))
        if not 0 < value < HIGHEST_NUMBER or value != int(value):
            raise Foreign(_l("Filen har ett orimligt nummer."), self._at(name))
        return int(value)

    def _at(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name
