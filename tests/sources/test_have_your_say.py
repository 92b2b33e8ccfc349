"""What is read from the portal's answers: the recorded ones as they are, and constructed ones."""

from datetime import UTC, datetime

import pytest

from portal.consultations.windows import choose
from portal.sources.have_your_say import Document, Initiative, Window, read
from tests.sources.constructed import (
    constructed_detail,
    constructed_embedded,
    constructed_item,
    constructed_list,
    constructed_status,
    moment,
    recording,
    refusal,
    refused_item,
)
from tests.sources.recordings import names

TITLE = "Växter som erhållits genom nya genomiska metoder: informationskrav och verifiering av status som kategori 1"
TITLE_EN = "Plants obtained by new genomic techniques: information requirements and verification of category 1 status"
URL = "https://ec.europa.eu/info/law/better-regulation/have-your-say/initiatives/18805"
FILES = "https://ec.europa.eu/info/law/better-regulation/api/download/"


def test_the_recorded_list_is_read() -> None:
    first, second, third = read(recording("searchInitiatives_2026-09-01.json"))
    evidence = Window(
        key="call_for_evidence",
        stage="call_for_evidence",
        opens_at=moment(2026, 8, 31, 8, 24),
        closes_at=moment(2026, 9, 28, 23, 59, 59),
        published_text="2026/09/28 23:59:59",
        source_status="OPEN",
    )
    assert first == Initiative(
        key="hys:18805",
        reference="Ares(2026)7014840",
        title_sv=TITLE,
        title_en=TITLE_EN,
        summary_sv="",
        summary_en="",
        topics=("FOOD",),
        act_type="REG_DEL",
        status="ACTIVE",
        url=URL,
        published_at=None,
        changed_at=None,
        lead_dg="",
        windows=(evidence,),
        documents=(),
        detailed=False,
    )
    assert (second.key, second.windows) == ("hys:18806", (evidence,))
    assert (third.key, third.title_en) == ("hys:14778", "Evaluation of the Balanced Approach Regulation on noise at EU airports")
    assert third.title_sv == "Buller vid EU-flygplatser – utvärdering av förordningen om en välavvägd strategi"
    assert [(window.stage, window.closes_at) for window in third.windows] == [("public_consultation", moment(2026, 11, 19, 23, 59, 59))]


def test_the_recorded_detail_is_read() -> None:
    (initiative,) = read(recording("groupInitiatives_18805_2026-09-01.reduced.json"))
    assert (initiative.key, initiative.title_sv, initiative.title_en) == ("hys:18805", TITLE, TITLE_EN)
    assert initiative.summary_sv.startswith("Genom det här initiativet kompletteras förordning (EU) 2026/1388")
    assert initiative.summary_sv.split("\n")[1].startswith("Syftet är att skapa klarhet")
    assert initiative.summary_en.split("\n")[1].startswith("The purpose is to provide clarity")
    assert "<" not in initiative.summary_sv + initiative.summary_en
    assert (initiative.lead_dg, initiative.topics, initiative.act_type) == ("SANTE", ("FOOD",), "REG_DEL")
    assert initiative.published_at == datetime(2026, 7, 20, 15, 24, 10, tzinfo=UTC)
    assert initiative.changed_at == moment(2026, 8, 31, 8, 24)
    assert [(window.key, window.closes_at) for window in initiative.windows] == [
        ("call_for_evidence", moment(2026, 9, 28, 23, 59, 59)),
        ("draft_act", None),
    ]
    assert [document.language for document in initiative.documents] == ["it", "en", "sv"]
    swedish = Document(language="sv", name="PART-2026-822977V1.pdf", url=f"{FILES}090166e532b9493a", pages=4, original=False)
    assert initiative.documents[2] == swedish


def test_list_and_detail_tell_the_same_window() -> None:
    listed = read(recording("searchInitiatives_2026-09-01.json"))[0]
    (detailed,) = read(recording("groupInitiatives_18805_2026-09-01.reduced.json"))
    assert listed.windows[0] == detailed.windows[0] == choose(detailed.windows, moment(2026, 9, 10, 12))
    assert (listed.key, listed.reference, listed.url) == (detailed.key, detailed.reference, detailed.url)
    assert (listed.detailed, detailed.detailed) == (False, True)


@pytest.mark.parametrize("name", ["derived_open_consultations_2026-04.json", "derived_public_consultations_2016_2026.json"])
def test_what_others_have_made_of_it_is_refused(name: str) -> None:
    assert refusal(recording(name)).startswith("Filen är en lista som någon har bearbetat.")


def test_every_recording_is_known_here() -> None:
    recording("README.md")
    assert names("have-your-say", "*.json") == [
        "derived_open_consultations_2026-04.json",
        "derived_public_consultations_2016_2026.json",
        "groupInitiatives_18805_2026-09-01.reduced.json",
        "searchInitiatives_2026-09-01.json",
    ]


def test_a_file_that_was_cut_off_anywhere_is_refused() -> None:
    whole = recording("searchInitiatives_2026-09-01.json").rstrip()
    for length in range(1, len(whole), 97):
        assert refusal(whole[:length]) in ("Filen är avklippt: den slutar mitt i.", "Filen är inte giltig JSON.")
    assert refusal(whole[:5000]) == refusal(whole[:-1]) == "Filen är avklippt: den slutar mitt i."


def test_both_envelopes_are_read_alike() -> None:
    item = constructed_item(currentStatuses=[constructed_status("OPC_LAUNCHED", "OPEN", "2026/09/01 10:00:00", "2026/11/24 23:59:59")])
    assert read(constructed_embedded(item)) == read(constructed_list(item)) != []
    assert read(constructed_embedded()) == read(constructed_list()) == []


def test_an_initiative_may_lack_nearly_everything() -> None:
    (bare,) = read(constructed_list(constructed_item()))
    assert (bare.key, bare.title_sv, bare.title_en) == ("hys:19293", "Ocean Act", "Ocean Act")
    assert (bare.windows, bare.topics, bare.act_type, bare.status, bare.reference) == ((), (), "", "", "")
    (empty,) = read(
        constructed_list(constructed_item(currentStatuses=None, foreseenActType=None, topics=None, initiativeTranslations=None))
    )
    assert empty == bare


def test_unknown_codes_are_kept() -> None:
    statuses = [constructed_status("NEW_STAGE", "PAUSED", None, "2026/11/24 23:59:59")]
    item = constructed_item(
        foreseenActType="PAPER_PINK", topics=[{"code": "MOON"}, {"code": "ENV"}, {"code": "MOON"}], currentStatuses=statuses
    )
    (initiative,) = read(constructed_list(item))
    (window,) = initiative.windows
    assert (initiative.act_type, initiative.topics) == ("PAPER_PINK", ("MOON", "ENV"))
    assert (window.key, window.stage, window.source_status) == ("NEW_STAGE", "NEW_STAGE", "PAUSED")


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("Public consultation on&#xa0;Evaluation of A &amp; B", "Public consultation on Evaluation of A & B"),
        ("A\u00a0B\u202f2026", "A B 2026"),
        (" A\r\n\tB  C ", "A B C"),
        ("A\x00B\x07\x9fC\x1b[31mD\ud800E", "ABCDE"),
        ("A\u202etxt\u2069&#x202e;B", "AtxtB"),
        ("a\u030angest", "ångest"),
        ("<b>5 < 6</b>", "<b>5 < 6</b>"),
        ("&#0;&#xD800;x", "\ufffd\ufffdx"),
    ],
)
def test_titles_are_clean_lines(published: str, shown: str) -> None:
    swedish = {"field": "SHORT_TITLE", "language": "SV", "value": published}
    (initiative,) = read(constructed_list(constructed_item(shortTitle=published, initiativeTranslations=[swedish])))
    assert (initiative.title_sv, initiative.title_en) == (shown, shown)


def test_titles_come_from_the_translations_where_there_are_any() -> None:
    english = {"field": "SHORT_TITLE", "language": "EN", "value": "Another English"}
    swedish = {"field": "SHORT_TITLE", "language": "SV", "value": "Havsakten"}
    (both,) = read(constructed_list(constructed_item(initiativeTranslations=[english, swedish])))
    assert (both.title_sv, both.title_en) == ("Havsakten", "Ocean Act")
    (only_swedish,) = read(constructed_list(constructed_item(shortTitle=None, initiativeTranslations=[swedish])))
    assert (only_swedish.title_sv, only_swedish.title_en) == ("Havsakten", "Havsakten")
    (only_english,) = read(constructed_list(constructed_item(shortTitle="", initiativeTranslations=[english])))
    assert (only_english.title_sv, only_english.title_en) == ("Another English", "Another English")
    assert refused_item(shortTitle=" &#xa0; ", initiativeTranslations=[]) == (
        "Ett initiativ saknar titel. (initiativeResultDtoPage.content[0])"
    )


def test_summaries_lose_their_markup_and_keep_their_paragraphs() -> None:
    markup = "<p>Första&nbsp;stycket, 5 &lt; 6.</p><p>Andra<br>raden</p><ul><li>punkt</li></ul><script>alert(1)</script>"
    summary = [{"field": "SUMMARY", "language": "SV", "value": markup}]
    (initiative,) = read(constructed_detail(initiativeTranslations=summary, dossierSummary="Plain&#xa0;&amp; simple.\n"))
    assert initiative.summary_sv == "Första stycket, 5 < 6.\nAndra\nraden\npunkt"
    assert initiative.summary_en == "Plain & simple."


def test_the_newest_moment_of_change_counts() -> None:
    order, modified = "2026/08/31 08:24:00", "2026/09/02 10:00:00"
    (ordered,) = read(constructed_detail(orderDate=order))
    (changed,) = read(constructed_detail(orderDate=order, modifiedDate=modified))
    assert (ordered.changed_at, changed.changed_at) == (moment(2026, 8, 31, 8, 24), moment(2026, 9, 2, 10))


def test_documents_are_those_of_the_current_publication() -> None:
    old = {"isCurrent": False, "attachments": [{"documentId": "old"}]}
    current = {"isCurrent": True, "attachments": [{"documentId": "new", "language": "SV", "filename": "a.pdf", "isOriginal": True}]}
    (initiative,) = read(constructed_detail(old, current))
    assert initiative.documents == (Document(language="sv", name="a.pdf", url=f"{FILES}new", pages=None, original=True),)


def test_names_of_people_are_never_read() -> None:
    names = ("authorName", "authorSurname", "authorMail", "authorPhoneNumber", "firstName", "surname")
    people = dict.fromkeys(names, "Hemlig Person")
    attachment = {"documentId": "090166e5", "language": "SV", "author": "Hemlig Person", **people}
    publication = {"frontEndStage": "OPC_LAUNCHED", "receivingFeedbackStatus": "OPEN", "isCurrent": True, "attachments": [attachment]}
    (initiative,) = read(constructed_detail({**publication, **people}, **people))
    assert len(initiative.windows) == len(initiative.documents) == 1
    assert "Hemlig" not in repr(initiative)


def test_the_same_initiative_twice_in_an_answer_is_one() -> None:
    twice = read(constructed_list(constructed_item(shortTitle="Old"), constructed_item(), constructed_item(id=7)))
    assert [(initiative.key, initiative.title_en) for initiative in twice] == [("hys:19293", "Ocean Act"), ("hys:7", "Ocean Act")]
