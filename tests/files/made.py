"""Files made for the tests, good and hostile ones, by hand."""

import io
import random
import struct
import zipfile
import zlib

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
EXE = b"MZ" + bytes(200)


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **given: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 110)).save(out, kind, **given)
    return out.getvalue()


def noise(kind: str = "PNG", size: tuple[int, int] = (700, 500)) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3)).save(out, kind)
    return out.getvalue()


def photo() -> bytes:
    """A JPEG as a telephone makes it: where, when, with what, turned on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Telefonmakaren"
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (IFDRational(58), IFDRational(24), IFDRational(39)), 3: "E", 4: (IFDRational(15), IFDRational(37), IFDRational(17))}
    )
    return picture("JPEG", (80, 40), exif=exif, comment=b"Granskog 3")


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", b"x")
        + chunk(b"IEND", b"")
    )


def animated(kind: str, frames: int) -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("RGB", (40, 40), (n % 256, 0, 0)) for n in range(frames)]
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=10)
    return out.getvalue()


def archive(entries: dict[str, bytes], *, stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def office(kind: str = "docx", **entries: bytes) -> bytes:
    """A document of Microsoft's kind with what tells it is one; `entries` by their path with __ for /."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{TYPES[kind]}"/></Types>'.encode()
    return archive(
        {"[Content_Types].xml": types, "main.xml": b"<x/>", **{name.replace("__", "/"): content for name, content in entries.items()}}
    )


def related(relations: bytes, name: str = "word/_rels/settings.xml.rels") -> bytes:
    """A document of Word's with these relations."""
    return office(**{name: relations})


def odt(**entries: bytes) -> bytes:
    return archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": b"<x/>",
            **{name.replace("__", "/"): each for name, each in entries.items()},
        }
    )


def with_link_out_of_it() -> bytes:
    out = io.BytesIO(office())
    with zipfile.ZipFile(out, "a") as made:
        entry = zipfile.ZipInfo("passwd")
        entry.external_attr = 0o120777 << 16
        made.writestr(entry, "/etc/passwd")
    return out.getvalue()
