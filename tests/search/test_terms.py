"""Words that are folded one by one and remembered become the same search terms as a whole text that PostgreSQL folds."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from portal import terms
from portal.db import Session

WORDS = [line.split("|") for line in (Path(__file__).parent / "words.psv").read_text().splitlines() if line and not line.startswith("#")]
TEXTS = [
    "",
    "Vi har samma fråga inom hemvården.",
    "Samrådets frågor/svar: mötena, Östersjöländerna – och e-post till namn.efternamn@granby.se!",
    "ANSÖKNINGARNA\n\nprogrammet\tmedlemmarna 2027 §4 och/eller 50 % av energin",
    "sam\u00adrådet skiljer\u200btecken A\u030angström ﬁnansiering İstanbul ß under_streck l'État",
    "2027 dnr 2026/1234 kl. 13.30 ١٢٣ 12-mannagruppen 4:e ²",
    "👩‍🚒 räddningstjänsten 日本語 العربية ไทย",
    "x" * 5000 + " " + "yttrandet " * 400,
    " ".join(word for line in WORDS for word in line),
]


@pytest.mark.parametrize("given", TEXTS, ids=range(len(TEXTS)))
async def test_the_same_terms(session: Session, given: str) -> None:
    for _again in range(2):
        folded = await terms.folded(session, given)
        wanted = text("SELECT portal_terms(:text) = to_tsvector('swedish', :folded) || to_tsvector('english', portal_clean(:text))")
        assert await session.scalar(wanted, {"text": given, "folded": folded})


async def test_numbers_are_not_asked_for(session: Session) -> None:
    await terms.folded(session, "kommentar")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terms, "rows", None)
        assert await terms.folded(session, "kommentar 31415926 ١٢٣") == "kommentar 31415926 ١٢٣"


async def test_what_is_remembered_is_bounded(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "MOST_KEPT", 10)
    monkeypatch.setattr(terms, "_known", {})
    for n in range(8):
        assert await terms.folded(session, f"ordet{n} mötena{n} samrådet {'å' * 80}") != ""
    assert len(terms._known) <= 10
    assert all(len(word) <= terms.LONGEST_KEPT for word in terms._known)


async def test_a_word_that_is_forgotten_while_others_are_asked_for_is_not_lost(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    as_usual = terms.rows

    async def meanwhile(*given: Any) -> Any:
        found = await as_usual(*given)
        terms._known.clear()
        return found

    await terms.folded(session, "samrådet")
    monkeypatch.setattr(terms, "rows", meanwhile)
    assert await terms.folded(session, "samrådet kvastet") == "samråd kvast"


@pytest.mark.parametrize("given", ["a_" * 50_000, "<!--" * 25_000], ids=["addresses", "tags"])
async def test_no_text_keeps_the_parser_of_the_database_at_it_for_long(session: Session, given: str) -> None:
    """Without ease the first two take longer than any statement may, and their text could not be saved, nor a file with it read."""
    said = terms.eased(f"{given} Reningsverket")
    found = text("SELECT to_tsvector('swedish', :folded) || to_tsvector('english', portal_clean(:said)) @@ portal_query('reningsverket')")
    assert await session.scalar(found, {"said": said, "folded": await terms.folded(session, said)})


def test_what_people_write_is_not_eased() -> None:
    for each in TEXTS:
        assert terms.eased(each) == each
