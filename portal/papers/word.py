"""A paper (papers/__init__.py) as a Word document: headings, lists and tables by their styles, so that it can be worked on. Pure."""

import io
from collections.abc import Sequence
from typing import Any

import docx as python_docx
from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

DEEPEST = 3  # levels of lists that the styles have


def docx(paper: dict[str, Any]) -> bytes:
    """A Word file of the paper: its title, author, lang, elements and foot (as portal.papers describes them)."""
    document = python_docx.Document()
    _describe(document, paper)
    for element in paper["elements"]:
        _element(document, element)
    _foot(document, paper["foot"])
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _describe(document: Document, paper: dict[str, Any]) -> None:
    about = document.core_properties
    about.title, about.author, about.language = paper["title"][:255], paper["author"][:255], paper["lang"]
    about.comments = ""
    fonts = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = fonts.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        fonts.append(language)
    language.set(qn("w:val"), {"sv": "sv-SE", "en": "en-GB"}.get(paper["lang"], paper["lang"]))
    document.styles["Normal"].font.size = Pt(11)


def _element(document: Document, element: dict[str, Any]) -> None:
    match element["type"]:
        case "heading":
            _write(document.add_heading(level=element["level"]), element["text"])
        case "paragraph":
            _write(document.add_paragraph(), element["text"])
        case "labelled" | "note":
            paragraph = document.add_paragraph(style="Intense Quote" if element["type"] == "note" else None)
            paragraph.add_run(f"{element['label']} ").bold = True
            _write(paragraph, element["text"])
        case "list":
            for item in element["items"]:
                _write(document.add_paragraph(style="List Bullet"), item)
        case "table":
            _table(document, element["head"], element["rows"])
        case "rich":
            for block in element["blocks"]:
                _block(document, block, level=element["level"])


def _write(paragraph: Paragraph, words: str) -> None:
    for number, line in enumerate(words.split("\n")):
        if number:
            paragraph.add_run().add_break(WD_BREAK.LINE)
        paragraph.add_run(line)


def _table(document: Document, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, words in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # read out and repeated on every page
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            _write(cell.paragraphs[0], words)
    document.add_paragraph()


def _block(document: Document, block: dict[str, Any], *, level: int, style: str | None = None) -> None:
    match block["type"]:
        case "paragraph":
            _inline(document.add_paragraph(style=style), block)
        case "heading":
            _inline(document.add_heading(level=level), block)
        case "bulletList":
            _list(document, block, "List Bullet", level=level, style=style)
        case "orderedList":
            _list(document, block, "List Number", level=level, style=style)
        case "blockquote":
            for each in block.get("content", []):
                _block(document, each, level=level, style="Quote")


def _list(document: Document, block: dict[str, Any], kind: str, *, level: int, style: str | None) -> None:
    """A list in a list is one level deeper, as far as there are levels; each numbered list begins with its own number."""
    depth = min(
        DEEPEST, 1 + int(style.rpartition(" ")[2]) if style and style[-1].isdigit() else 2 if style in ("List Bullet", "List Number") else 1
    )
    name = kind if depth == 1 else f"{kind} {depth}"
    number = _numbering(document, name, block.get("attrs", {}).get("start", 1)) if kind == "List Number" else None
    for item in block.get("content", []):
        first, *others = item.get("content", [{"type": "paragraph"}])
        paragraph = document.add_paragraph(style=name)
        if number is not None:
            paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
        if first["type"] in ("paragraph", "heading"):
            _inline(paragraph, first)
        else:
            _block(document, first, level=level, style=name)
        for other in others:
            continued = f"List Continue{f' {depth}' if depth > 1 else ''}"
            _block(document, other, level=level, style=continued if other["type"] == "paragraph" else name)


def _numbering(document: Document, style: str, start: int) -> int:
    """A new count for a numbered list: the style alone would go on with the last one's."""
    numbering = document.part.numbering_part.element
    used = document.styles[style].element.pPr.numPr.numId.val
    abstract = next(each.abstractNumId.val for each in numbering.num_lst if each.numId == used)
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(start)
    number: int = made.numId
    return number


def _inline(paragraph: Paragraph, block: dict[str, Any]) -> None:
    for node in block.get("content", []):
        if node["type"] == "hardBreak":
            paragraph.add_run().add_break(WD_BREAK.LINE)
            continue
        marks = {mark["type"]: mark.get("attrs", {}) for mark in node.get("marks", [])}
        run = paragraph.add_run(node["text"])
        run.bold, run.italic = "bold" in marks or None, "italic" in marks or None
        if "link" in marks:
            run.underline = True
            _link(paragraph, run._r, marks["link"]["href"])


def _link(paragraph: Paragraph, run: Any, href: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(run)
    paragraph._p.append(link)


def _foot(document: Document, words: str) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{words}  ·  ")
    for kind, told in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = told
        run._r.append(mark)
