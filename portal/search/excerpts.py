"""What a page of results shows of a text: the part where one of the words stands, and the words marked. Pure.

It is for a thread beside the event loop. So it looks at one word at a time: a regular expression over a long text lets nobody else run
until it is through, and one for many words takes a second for it.
"""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

AROUND = 110
MARKED_FROM = 3  # letters; a shorter word is marked only where it stands whole
WORD = re.compile(r"\w+")


class Wanted:
    """The words to mark: those that begin as one of the typed ones does, less its ending; as the stems that are searched; and for what they
    say otherwise (länder is searched as land) the word itself."""

    def __init__(self, typed: str, stems: Iterable[str]) -> None:
        beginnings = {word[: max(MARKED_FROM, len(word) - 2)].lower() for word in re.findall(r"\w{2,}", typed)} | set(stems)
        self._whole = frozenset(beginnings)
        self._beginnings = tuple(each for each in beginnings if len(each) >= MARKED_FROM)
        self._known: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        known = self._known.get(word)
        if known is None:
            lower = word.lower()
            known = self._known[word] = lower in self._whole or lower.startswith(self._beginnings)
        return known

    def around(self, body: str) -> str:
        """The part of a long text where one of the words stands, else its beginning."""
        flat = " ".join(body.split())
        found = next((match.start() for match in WORD.finditer(flat) if match[0] in self), 0)
        start = max(0, found - AROUND)
        part = flat[start : start + 2 * AROUND]
        return f"{'… ' if start else ''}{part}{' …' if start + 2 * AROUND < len(flat) else ''}"

    def marked(self, text: str) -> Markup:
        """The text with the words marked."""
        shown, end = [], 0
        for match in WORD.finditer(text):
            if match[0] in self:
                shown += [escape(text[end : match.start()]), Markup("<mark>{}</mark>").format(match[0])]
                end = match.end()
        return Markup("").join([*shown, escape(text[end:])])

    def excerpt(self, body: str) -> Markup:
        return self.marked(self.around(body))
