"""What a file is called: a name that any system can keep, and the header that carries it. Pure."""

import re
from urllib.parse import quote

from portal.characters import cleaned
from portal.files.models import PICTURES, Kind

LONGEST = 100
LONGEST_IN_BYTES = 200
NOT_IN_NAME = re.compile(r'[<>:"|?*%\x00-\x1f\x7f-\x9f\ufffd]')
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
ENDINGS: dict[str, str] = {"jpg": Kind.jpeg, "jpe": Kind.jpeg, "jfif": Kind.jpeg, **{kind.value: kind for kind in Kind}}
USUAL: dict[str, str] = {**{kind.value: kind.value for kind in Kind}, Kind.jpeg: "jpg"}
TYPES: dict[str, str] = {
    Kind.png: "image/png",
    Kind.jpeg: "image/jpeg",
    Kind.webp: "image/webp",
    Kind.pdf: "application/pdf",
    Kind.docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.odt: "application/vnd.oasis.opendocument.text",
    Kind.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def clean(given: str) -> str:
    """The last part of what a browser called the file, without what no name may hold."""
    last = re.split(r"[/\\]", given)[-1]
    name = NOT_IN_NAME.sub("", cleaned(last).replace("\n", " "))
    name = "".join(each for each in name if each.isprintable()).strip(" .")
    return f"_{name}" if DEVICE.fullmatch(name) else name


def belongs(name: str, kind: str) -> bool:
    """Whether the name's ending fits the contents: pictures may pass for one another, other kinds may not."""
    told = ENDINGS.get(_ending(name), kind)
    return told == kind or (told in PICTURES and kind in PICTURES)


def named(name: str, kind: str) -> str:
    """The clean name with an ending that says what the file is, short enough for every system."""
    ending = _ending(name)
    stem = name[: -len(ending) - 1] if ending in ENDINGS else name
    stem = stem.strip(" .")[:LONGEST]
    while len(stem.encode()) > LONGEST_IN_BYTES:
        stem = stem[:-1]
    return f"{stem.strip(' .') or 'fil'}.{ending if ENDINGS.get(ending) == kind else USUAL[kind]}"


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def disposition(name: str) -> str:
    """Content-Disposition (RFC 6266): saved under its name, never shown as a page of ours."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
