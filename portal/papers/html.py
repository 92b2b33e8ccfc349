"""A paper (papers/__init__.py) as HTML: its body for a page of ours, or a file that stands on its own. Pure."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

BREAK = Markup("<br>\n")
# A file that is opened from a folder has no style sheet of ours beside it.
STYLE = Markup(
    "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1.0625rem/1.55 Georgia,serif;color:#1c1f23;background:#fff}"
    "h1,h2,h3,h4{line-height:1.25}table{border-collapse:collapse;width:100%}th,td{border:1px solid #8a8a8a;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top}.note{border-inline-start:4px solid #8a8a8a;padding-inline-start:1rem}footer{margin-top:3rem;font-size:.9rem;color:#555}"
)
PAGE = Markup(
    '<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>{style}</style></head>\n<body>\n<main>\n{body}\n</main>\n<footer>{foot}</footer>\n</body>\n</html>\n"
)


def page(paper: Mapping[str, Any]) -> bytes:
    """The whole file."""
    return PAGE.format(lang=paper["lang"], title=paper["title"], style=STYLE, body=body(paper), foot=paper["foot"]).encode()


def body(paper: Mapping[str, Any]) -> Markup:
    """What stands in the paper. An element with rich text brings its own `html`, which is safe."""
    return Markup("\n").join(_element(each) for each in paper["elements"])


def _element(element: Mapping[str, Any]) -> Markup:
    match element["type"]:
        case "heading":
            return Markup("<h{0}>{1}</h{0}>").format(element["level"], _lines(element["text"]))
        case "labelled":
            return Markup("<p><b>{}</b> {}</p>").format(element["label"], _lines(element["text"]))
        case "note":
            return Markup('<p class="note"><b>{}</b><br>{}</p>').format(element["label"], _lines(element["text"]))
        case "list":
            return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_lines(each)) for each in element["items"]))
        case "rich":
            return Markup(element["html"])  # noqa: S704 (drafting/document.py escapes)
        case "table":
            head = Markup("").join(Markup('<th scope="col">{}</th>').format(each) for each in element["head"])
            rows = Markup("\n").join(Markup("<tr>{}</tr>").format(_cells(element["head"], row)) for row in element["rows"])
            return Markup("<table>\n<thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table>").format(head, rows)
        case _:
            return Markup("<p>{}</p>").format(_lines(element["text"]))


def _cells(head: list[str], row: list[str]) -> Markup:
    """Each says what its column is called, for a screen without room for columns."""
    cell = Markup('<td data-label="{}">{}</td>')
    return Markup("").join(cell.format(*each) for each in zip(head, map(_lines, row), strict=True))


def _lines(words: str) -> Markup:
    return BREAK.join(map(escape, words.split("\n")))
