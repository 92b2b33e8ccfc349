"""What is no answer of the portal, or a damaged one: refused with a sentence, never a crash, nothing guessed."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.consultations.windows import choose, state
from portal.sources.have_your_say import Foreign, read
from tests.sources.constructed import (
    constructed_detail,
    constructed_item,
    constructed_list,
    constructed_status,
    moment,
    refusal,
    refused_item,
)

NOW = moment(2026, 9, 10, 12)


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (b"", "Filen är tom."),
        (b"\xef\xbb\xbf \n", "Filen är tom."),
        (b"<!doctype html><html><div id=app></div></html>", "Filen är en webbsida (HTML)"),
        (b"\n  <html>", "Filen är en webbsida (HTML)"),
        (b"bad_request", "Filen är inte giltig JSON. (1:1)"),
        (b'{"a": tru}, "b": 12345678', "Filen är inte giltig JSON. (1:7)"),
        (b'{"publications": [\xff\xfe]}', "Filen är inte giltig JSON."),
        (b'{"publications": []', "Filen är avklippt"),
        (b'{"id": ' + b"9" * 5000 + b"}", "Filen är inte giltig JSON."),
        (b'{"id": NaN}', "Filen innehåller ett tal som inte är ett tal. (NaN)"),
        (b'{"id": -Infinity}', "Filen innehåller ett tal som inte är ett tal. (-Infinity)"),
        (b"[" * 100_000, "Filen är nästlad för djupt."),
        (b'{"a":' * 100_000, "Filen är nästlad för djupt."),
        (b" " * (16 * 1024 * 1024 + 1), "Filen är för stor"),
        (b"[]", "Filen är en lista som någon har bearbetat."),
        (b'[{"shortTitle": "x", "initiativeId": 1, "daysLeft": 3, "endDate": "x"}]', "Filen är en lista som någon"),
        (b"null", "Filen har något annat där det skulle stå ett objekt."),
        (b'"text"', "Filen har något annat där det skulle stå ett objekt."),
        (b"{}", "Filen är inte ett svar från searchInitiatives eller groupInitiatives."),
        (b'{"content": [], "totalPages": 0, "last": true}', "Filen är inte ett svar från searchInitiatives"),
        (b'{"general_error": "x"}', "Filen är inte ett svar från searchInitiatives"),
        (b'{"page": {"totalPages": 0}}', "Filen är inte ett svar från searchInitiatives"),
        (b'{"initiativeResultDtoPage": null}', "Filen har något annat där det skulle stå ett objekt. (initiativeResultDtoPage)"),
        (b'{"initiativeResultDtoPage": {}}', "Filen saknar listan över initiativ. (content)"),
        (b'{"initiativeResultDtoPage": {"content": {}}}', "Filen har något annat där det skulle stå en lista."),
        (b'{"initiativeResultDtoPage": {"content": [1]}}', "Filen har något annat där det skulle stå ett objekt."),
        (b'{"_embedded": {"feedback": []}}', "Filen saknar listan över initiativ. (initiativeResultDtoes)"),
        (b'{"publications": []}', "Filen har något annat där det skulle stå ett nummer. (id)"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_answer_of_the_portal_is_refused_with_a_sentence(payload: bytes, sentence: str) -> None:
    assert refusal(payload).startswith(sentence)


@pytest.mark.parametrize("number", [0, -1, 18805.5, 1e300, 10**400, 1e9, -0.0])
def test_a_number_that_cannot_be_is_refused(number: float) -> None:
    assert refused_item(id=number) == "Filen har ett orimligt nummer. (initiativeResultDtoPage.content[0].id)"


def test_a_number_beyond_all_numbers_is_refused() -> None:
    assert refusal(constructed_list(constructed_item()).replace(b"19293.0", b"1e999")).startswith("Filen har ett orimligt nummer.")


@pytest.mark.parametrize("number", ["18805", None, True, [18805], {}])
def test_something_else_than_a_number_is_refused(number: object) -> None:
    where = "(initiativeResultDtoPage.content[0].id)"
    assert refused_item(id=number) == f"Filen har något annat där det skulle stå ett nummer. {where}"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("2026-09-28", "i en annan form än"),
        ("2026/09/28", "i en annan form än"),
        ("2026-09-28T23:59:59", "i en annan form än"),
        ("28/09/2026 23:59:59", "i en annan form än"),
        ("2026/09/28 23:59:59 ; DROP", "i en annan form än"),
        ("٢٠٢٦/٠٩/٢٨ 23:59:59", "i en annan form än"),
        ("2026/02/30 23:59:59", "som inte finns"),
        ("2026/09/28 24:00:00", "som inte finns"),
        ("0000/01/01 00:00:00", "som inte finns"),
        ("0001/01/01 00:00:00", "orimligt datum"),
        ("9999/12/31 23:59:59", "orimligt datum"),
        (20260928, "skulle stå en text"),
        ("x" * 41, "orimligt lång text"),
    ],
)
def test_a_date_that_cannot_be_is_refused(written: Any, sentence: str) -> None:
    for dates in ((written, None), (None, written)):
        said = refused_item(currentStatuses=[constructed_status("OPC_LAUNCHED", "OPEN", *dates)])
        assert sentence in said
        assert "content[0].currentStatuses[0].feedback" in said


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"shortTitle": 5}, "shortTitle"),
        ({"shortTitle": "x" * 10_000_000}, "shortTitle"),
        ({"topics": "FOOD"}, "topics"),
        ({"topics": ["FOOD"]}, "topics[0]"),
        ({"topics": [{"code": 7}]}, "topics[0].code"),
        ({"topics": [{}] * 5_001}, "topics"),
        ({"reference": ["x"]}, "reference"),
        ({"currentStatuses": {}}, "currentStatuses"),
        ({"currentStatuses": [{"receivingFeedbackStatus": 1}]}, "currentStatuses[0].receivingFeedbackStatus"),
        ({"initiativeTranslations": [{"field": "SHORT_TITLE", "language": "SV", "value": {}}]}, "initiativeTranslations[0].value"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_field_of_another_kind_is_refused_and_named(fields: dict[str, Any], place: str) -> None:
    assert refused_item(**fields).endswith(f"(initiativeResultDtoPage.content[0].{place})")


@pytest.mark.parametrize(
    ("attachment", "sentence"),
    [
        ({"documentId": "../../etc"}, "ett dokument utan giltigt nummer"),
        ({}, "ett dokument utan giltigt nummer"),
        ({"documentId": "a1", "pages": "four"}, "skulle stå ett nummer"),
        ({"documentId": "a1", "isOriginal": "yes"}, "skulle stå ja eller nej"),
    ],
)
def test_a_document_that_cannot_be_fetched_is_refused(attachment: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(constructed_detail({"isCurrent": True, "attachments": [attachment]}))


CONSTRUCTED = json.loads(
    constructed_detail(
        {
            "frontEndStage": "OPC_LAUNCHED",
            "receivingFeedbackStatus": "OPEN",
            "publishedDate": "2026/09/01 10:00:00",
            "endDate": "2026/11/24 23:59:59",
            "isCurrent": True,
            "attachments": [{"documentId": "a1", "language": "SV", "pages": 4, "isOriginal": False}],
        },
        topics=[{"code": "ENV"}],
        initiativeTranslations=[{"field": "SUMMARY", "language": "SV", "value": "<p>x</p>"}],
        publishedDate="2026/09/01 10:00:00",
        dg="MARE",
    )
)
MUTABLE = [
    {
        "initiativeResultDtoPage": {
            "content": [
                constructed_item(currentStatuses=[constructed_status("OPC_LAUNCHED", "OPEN", "2026/09/01 10:00:00", "2026/11/24 23:59:59")])
            ]
        }
    },
    CONSTRUCTED,
]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=50),
    st.sampled_from(["0001/01/01 00:00:00", "2026/02/30 00:00:00", "<p>", "&#xa0;", "\x00", "\ud800", "SV", "SHORT_TITLE", 1e999, 10**400]),
)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4))
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, part in inner for found in places(part, (*path, key)))]


@st.composite
def mutated_answers(draw: st.DrawFn) -> bytes:
    """An answer of the portal with one to four places replaced or gone, and now and then cut off or with a byte changed."""
    answer = {"whole": copy.deepcopy(draw(st.sampled_from(MUTABLE)))}
    for _ in range(draw(st.integers(1, 4))):
        *path, last = draw(st.sampled_from(places(answer)[1:] or [("whole",)]))
        target: Any = answer
        for key in path:
            target = target[key]
        if draw(st.booleans()) or path == []:
            target[last] = draw(values)
        else:
            del target[last]
    payload = bytearray(json.dumps(answer["whole"]).encode())
    if draw(st.integers(0, 9)) == 0:
        payload[draw(st.integers(0, len(payload) - 1))] = draw(st.integers(0, 255))
    return bytes(payload[: draw(st.one_of(st.none(), st.integers(0, len(payload)))) if draw(st.integers(0, 9)) == 0 else None])


@settings(max_examples=300)
@given(mutated_answers())
def test_a_damaged_answer_is_read_or_refused_and_never_crashes(payload: bytes) -> None:
    try:
        initiatives = read(payload)
    except Foreign:
        initiatives = []
    for initiative in initiatives:
        assert initiative.title_sv
        assert "\x00" not in repr(initiative)
        for found in initiative.windows:
            assert state(found, NOW) in ("upcoming", "open", "closed")
        assert (choose(initiative.windows, NOW) is None) == (initiative.windows == ())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    with pytest.raises(Foreign):
        read(payload)
