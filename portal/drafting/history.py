"""The versions of a section, page by page: what each change added and took away, and what lies between any two."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from portal.db import Session
from portal.drafting import compare, document, queries
from portal.drafting.models import Section, SectionVersion
from portal.drafting.nodes import Node

# On a page, whichever comes first: a text may be long, and have hundreds of versions. The letters are those of their texts in light markup.
MOST_VERSIONS, MOST_LETTERS = 20, 400_000

Changes = list[compare.Change]


@dataclass
class History:
    """`versions` are all there are, without their texts, the newest first; `shown` those on this page, each with what it changed. `before`
    is where the next page begins, None if this is the last one. `between` is what lies between the two of `pair`, if both were chosen."""

    versions: Sequence[SectionVersion]
    shown: Sequence[tuple[SectionVersion, Changes]]
    before: int | None
    pair: tuple[SectionVersion | None, SectionVersion | None]
    between: Changes | None


async def history(session: Session, section: Section, *, before: int | None, pair: tuple[str, str]) -> History:
    """The newest versions, or those older than `before`; `pair` are the numbers of two to compare."""
    kept = list(await queries.versions(session, section))
    if not kept or kept[0].version != section.version:
        kept.insert(0, queries.present(section))
    rest = [each for each in kept if before is None or each.version < before]
    one, other = (next((each for each in kept if str(each.version) == number), None) for number in pair)
    wanted = [each.version for each in (*rest[: MOST_VERSIONS + 1], one, other) if each is not None]
    bodies = await queries.bodies(session, section, wanted)
    row = [bodies[each.version] for each in rest[: MOST_VERSIONS + 1]]
    changes, between = await asyncio.to_thread(_compared, row, (bodies[one.version], bodies[other.version]) if one and other else None)
    shown = list(zip(rest, changes, strict=False))
    return History(kept, shown, shown[-1][0].version if len(shown) < len(rest) else None, (one, other), between)


def _compared(row: Sequence[Node], pair: tuple[Node, Node] | None) -> tuple[list[Changes], Changes | None]:
    """What each text changed in the one after it, as far as they go on one page; and what lies between the two."""
    changes: list[Changes] = []
    newer, letters = document.to_markdown(row[0]) if row else "", 0
    for number in range(1, min(len(row), MOST_VERSIONS) + 1):
        older = document.to_markdown(row[number]) if number < len(row) else ""
        changes.append(compare.words(older, newer))
        letters += len(newer)
        if letters > MOST_LETTERS:
            break
        newer = older
    return changes, compare.words(*map(document.to_markdown, pair)) if pair else None
