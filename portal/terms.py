"""A text's words in their base form, as `portal_fold` gives them, remembered word by word.

The database's rules (portal/search/swedish.py) look at one word at a time and take milliseconds for a long comment, while people
write the same few thousand words every day. So each word is folded once and a comment that has nothing new costs a lookup a word.
"""

import re
import unicodedata

from portal.db import Session
from portal.reading import rows

WORD = re.compile(r"\w+")
LONG_RUN = re.compile(r"\S{100,}")
# As portal_clean does: soft hyphens and the like are not seen, "och/eller" is two words.
CLEAN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")) | {ord("/"): " ", ord("İ"): "i"}
MOST_KEPT = 50_000
LONGEST_KEPT = 60
LONGEST, LARGEST = 100_000, 200_000  # characters, and bytes: PostgreSQL keeps 1 MB of words. What stands after them is not found
FOLD = "SELECT word, portal_fold(word) FROM unnest($1::text[]) AS word"

_known: dict[str, str] = {}


async def folded(session: Session, text: str) -> str:
    """The text with every word in its base form: what portal_fold(text) gives, with other marks between the words at most."""
    clean = unicodedata.normalize("NFC", text).translate(CLEAN).lower()
    words = set(WORD.findall(clean))
    base = {word: word if word.isdecimal() else _known[word] for word in words if word.isdecimal() or word in _known}
    if new := sorted(words - base.keys()):
        found = dict(await rows(session, FOLD, new))
        base |= found
        _keep(found)
    return WORD.sub(lambda match: base[match[0]], clean)


def cut(text: str) -> str:
    """As much of a text as is found."""
    return text[:LONGEST].encode()[:LARGEST].decode("utf-8", "ignore")


def eased(text: str) -> str:
    """The text without what keeps PostgreSQL's parser at it for minutes: it looks for the end of a tag at every "<!", and at every "_" for
    the end of an address that may have one, which in a long text that never ends is all of it, over and over. Its words are the same."""
    return LONG_RUN.sub(lambda run: run[0].replace("_", " "), text.replace("<!", "< "))


def _keep(found: dict[str, str]) -> None:
    if len(_known) + len(found) > MOST_KEPT:
        _known.clear()
    _known.update((word, fold) for word, fold in found.items() if len(word) <= LONGEST_KEPT)
