"""Papers to take along: PDF and Word from plain data, made by a program of its own so that nobody's page waits for them.

A paper is a dict: `title`, `author`, `lang`, `foot`, `missing` (a sentence for what the PDF's font cannot write) and `elements`,
each one of
    {"type": "heading", "level": 1–3, "text"}     levels in order, the first one 1
    {"type": "paragraph", "text"}
    {"type": "labelled", "label", "text"}         a word in bold before the text
    {"type": "note", "label", "text"}             set apart
    {"type": "list", "items": [text]}
    {"type": "table", "head": [text], "rows": [[text]]}
    {"type": "rich", "level": 2–3, "blocks"}      the editor's own format (drafting/nodes.py); its headings are of that level
Links lead to whole addresses.
"""

from portal.papers.making import KINDS, PaperError, make

__all__ = ["KINDS", "PaperError", "make"]
