"""Small files for the demo, made from words and numbers: a picture of bars, a text document."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

WIDTH, ROW, LEFT, MARGIN = 760, 96, 220, 32
PAPER, INK, PETROL = (250, 249, 245), (23, 32, 38), (0, 78, 92)
ODT = "application/vnd.oasis.opendocument.text"
NAMES = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def bars(title: str, percent: Sequence[tuple[str, int]]) -> bytes:
    """A PNG with one bar for each word."""
    picture = Image.new("RGB", (WIDTH, 2 * MARGIN + 56 + ROW * len(percent)), PAPER)
    draw = ImageDraw.Draw(picture)
    large, plain = ImageFont.load_default(30), ImageFont.load_default(24)
    draw.text((MARGIN, MARGIN), title, INK, large)
    longest = WIDTH - LEFT - MARGIN - 90
    for number, (word, value) in enumerate(percent):
        top = MARGIN + 72 + ROW * number
        end = LEFT + longest * value // 100
        draw.text((MARGIN, top + 16), word, INK, plain)
        draw.rectangle((LEFT, top, end, top + 60), PETROL)
        draw.text((end + 14, top + 16), f"{value} %", INK, plain)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def letter(title: str, paragraphs: Sequence[str]) -> bytes:
    """An ODT with a heading and paragraphs."""
    said = "".join(f"<text:p>{escape(each)}</text:p>" for each in paragraphs)
    heading = f'<text:h text:outline-level="1">{escape(title)}</text:h>'
    body = f"<office:body><office:text>{heading}{said}</office:text></office:body>"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES} office:version="1.3">{body}</office:document-content>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", ODT, zipfile.ZIP_STORED)
        made.writestr("META-INF/manifest.xml", MANIFEST)
        made.writestr("content.xml", content)
    return out.getvalue()
