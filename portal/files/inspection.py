"""Looking at a file that has come: the worker's word for what it is, and the virus scanner's."""

import asyncio
import json
import logging
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal import confined
from portal.files.models import KINDS
from portal.files.names import belongs, clean, named
from portal.files.store import checksum
from portal.web import Refused, Unavailable, _, _l

WORKER = Path(__file__).parent / "worker.py"
PATIENCE = 40.0
SCANNED_WITHIN = 60.0
AT_ONCE = asyncio.Semaphore(2)

TRY_LATER = _l("Servern har ont om utrymme just nu, så filen kunde inte sparas. Försök igen om en stund.")
SENTENCES: dict[str, tuple[int, object]] = {
    "unknown": (415, _l("Filtypen går inte att bifoga. Välj PNG, JPEG, WEBP, PDF, DOCX, ODT, XLSX eller PPTX.")),
    "svg": (415, _l("SVG-bilder går inte att bifoga. Spara bilden som PNG.")),
    "page": (415, _l("Webbsidor går inte att bifoga. Skriv ut sidan till PDF, eller klistra in länken i texten.")),
    "heic": (415, _l("Bilder i HEIC eller AVIF kan inte visas överallt. Spara bilden som JPEG.")),
    "old": (415, _l("Filen är låst med lösenord eller i ett äldre Office-format. Spara den utan lösenord som DOCX, XLSX, PPTX eller PDF.")),
    "macro": (415, _l("Filen har makron eller hämtar innehåll från nätet. Spara den utan, eller som PDF.")),
    "acts": (415, _l("PDF-filen innehåller skript eller startar program. Skriv ut den till en ny PDF och bifoga den.")),
    "mixed": (415, _l("Filen är två filtyper på en gång, och det går inte att bifoga.")),
    "pixels": (413, _l("Bilden har för många bildpunkter: högst 51 miljoner. Förminska den.")),
    "bomb": (413, _l("Filen innehåller för mycket när den packas upp.")),
    "broken": (422, _l("Filen är trasig eller går inte att läsa. Spara om den och försök igen.")),
    "full": (507, TRY_LATER),
}

log = logging.getLogger("portal.files")


class Infected(Refused):
    status = 422
    message = _l("Virusskyddet stoppade filen, så den sparades inte. Samordnaren kan se det i loggen.")


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept: `path` holds its bytes, `small` a small picture where it is one."""

    name: str
    kind: str
    path: Path
    sha256: str
    small: Path | None = None
    width: int | None = None
    height: int | None = None


async def inspect(path: Path, given_name: str, *, scanner: str) -> Inspected:
    """What the file is, whatever it calls itself. Refused, with one sentence, when it may not be kept."""
    async with AT_ONCE:
        seen = await _look(path)
    kind = seen["kind"]
    name = clean(given_name)
    if not belongs(name, kind):
        told = _("Namnet och innehållet stämmer inte överens: innehållet är %(kind)s. Byt namn på filen och försök igen.", kind=KINDS[kind])
        raise Refused(told, status=415)
    if scanner:
        await _scan(path, scanner)
    is_picture = "width" in seen
    kept = Path(f"{path}.clean") if is_picture else path
    sha256 = await asyncio.to_thread(checksum, kept)
    small = Path(f"{path}.small") if is_picture else None
    return Inspected(named(name, kind), kind, kept, sha256, small, seen.get("width"), seen.get("height"))


async def _look(path: Path) -> dict[str, Any]:
    status, said = await confined.run([sys.executable, "-I", str(WORKER), str(path)], within=PATIENCE)
    try:
        seen: dict[str, Any] = json.loads(said)
    except ValueError:  # killed for its memory or time
        log.warning("the worker ended with %s", status)
        seen = {"refused": "broken"}
    if "refused" in seen:
        refused, sentence = SENTENCES[seen["refused"]]
        raise Refused(sentence, status=refused)
    return seen


async def _scan(path: Path, scanner: str) -> None:
    """As clamdscan answers: 0 clean, 1 infected, anything else is no answer."""
    status, _said = await confined.run([*shlex.split(scanner), str(path)], within=SCANNED_WITHIN)
    if status == 1:
        raise Infected
    if status != 0:
        log.error("the virus scanner answered %s", status)
        raise Unavailable(_l("Filen kunde inte kontrolleras mot virus just nu. Försök igen om en stund."))
