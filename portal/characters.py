"""What a text may be made of: which characters are taken out, which cannot be kept, and one form for every letter."""

import re
import unicodedata
from functools import cache

NUL = "\x00"
SURROGATE = re.compile("[\ud800-\udfff]")
TERMINAL_SEQUENCE = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]")
LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls (not \t \n), embeddings and overrides that reorder text, byte-order marks, invisible tag characters.
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\U000e0000-\U000e007f]")
INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064"
EDGE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + INVISIBLE + "\u2800\u3164\ufeff\uffa0"
VARIATION = "".join(map(chr, range(0xFE00, 0xFE10)))
MAYBE_PILE = re.compile("[\u0300-\U0010ffff]{31}")


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


def trimmed(text: str) -> str:
    """Without anything at its ends that shows nothing; empty if there is nothing else."""
    text = text.strip(EDGE)
    return text if text.strip(EDGE + VARIATION) else ""


def searchable(text: str) -> str:
    """What PostgreSQL can take as a text: without NUL and half characters."""
    return SURROGATE.sub("", text.replace(NUL, ""))
