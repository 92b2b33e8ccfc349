"""What people and machines type into forms, and what becomes of it."""

import time
import unicodedata
from enum import Enum
from typing import Annotated, Any, Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError, create_model
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType
from sqlmodel import Field

from portal.fields import MESSAGES, SAME_AS, Email, Line, Link, Prose, Reason, Slug, sentence
from portal.links import canonical_link

Title = Annotated[Line, Field(min_length=1, max_length=200)]
Comment = Annotated[Prose, Field(min_length=1, max_length=20_000)]


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    (error,) = caught.value.errors()
    return sentence(error)


@pytest.mark.parametrize("blank", ["", "  \n\t ", "\xa0\u202f", "\u200b", "\u2060\u200d \u2800", "\ufeff", "\ufe0f"])
def test_a_field_with_nothing_to_see_is_empty(blank: str) -> None:
    for kind in (Title, Comment, Reason, Slug, Email, Link):
        assert refusal(kind, blank) == "Fyll i fältet."


def test_length_counts_what_is_left_after_cleaning() -> None:
    assert read(Comment, "  " + "å" * 20_000 + "\x07\r\n") == "å" * 20_000
    assert refusal(Comment, " " + "å" * 20_001) == "Texten är för lång: 20001 tecken, högst 20000."
    assert refusal(Annotated[Line, Field(min_length=3)], " ab ") == "Texten är för kort: minst 3 tecken."
    assert refusal(Annotated[str, Field(max_length=2)], "abc") == "Texten är för lång: 3 tecken, högst 2."


@pytest.mark.parametrize("kind", [Title, Comment, Reason, Slug, Email, Link])
def test_what_cannot_be_stored_is_refused_everywhere(kind: Any) -> None:
    assert refusal(kind, "a\x00b") == "Texten innehåller ett tecken som inte får finnas."
    assert refusal(kind, "a\ud800b") == "Texten innehåller ett trasigt tecken."
    assert refusal(kind, 7) == "Skriv en text."
    assert refusal(kind, None) == "Skriv en text."


@pytest.mark.parametrize(
    ("typed", "line", "prose"),
    [
        ("a\x01\x02b\x1fc\x7fd\x80e\x9ff", "abcdef", "abcdef"),
        ("\x1b[31mrött\x1b[0m \x9b1mfett\x1b", "rött fett", "rött fett"),
        ("Subject\r\nBcc: x@y.se", "Subject Bcc: x@y.se", "Subject\nBcc: x@y.se"),
        ("a\rb\nc\r\nd", "a b c d", "a\nb\nc\nd"),
        ("a \n\n b", "a b", "a \n\n b"),
        ("a\tb", "a b", "a\tb"),
        ("a\u2028b\u2029c\x0bd\x85e", "a b c d e", "a\nb\nc\nd\ne"),
        ("\ufeffa\ufffeb\uffffc", "abc", "abc"),
        ("faktura\u202egnp.exe", "fakturagnp.exe", "fakturagnp.exe"),
        ("\u2066a\u2069 \u202ab\u202c", "a b", "a b"),
        ("a\U000e0061\U000e007fb", "ab", "ab"),
        ("a\u030angstro\u0308m", "ångström", "ångström"),
        ("\u212a", "K", "K"),
        ("ﬁ ß İ", "ﬁ ß İ", "ﬁ ß İ"),
        ("\u200b\xa0mitt\u200bi\xa0ord\u2060 ", "mitt\u200bi\xa0ord", "mitt\u200bi\xa0ord"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f"),
        ("a" + "\u0344" * 20, "ä\u0301" + "\u0308\u0301" * 14 + "\u0308", "ä\u0301" + "\u0308\u0301" * 14 + "\u0308"),
        ("{{7*7}} <b>&amp;", "{{7*7}} <b>&amp;", "{{7*7}} <b>&amp;"),
        ("a" + "\u0316\u0301" * 250, "á" + "\u0316" * 15 + "\u0301" * 14, "á" + "\u0316" * 15 + "\u0301" * 14),
    ],
)
def test_text_is_cleaned(typed: str, line: str, prose: str) -> None:
    assert read(Line, typed) == line
    assert read(Prose, typed) == prose


def test_no_text_of_200_000_characters_takes_long() -> None:
    half = 100_000
    started = time.process_time()
    for text in (
        "a" + "\u0301\u0316" * half,
        "a" + "  " * half + "a",
        "\x1b[" * half,
        "\x1b[" + "00" * half,
        " \n" * half,
    ):
        for kind in (Line, Prose):
            read(kind, text)
    for text in ("aa" * half, "a@" + "a." * half, "https://" + "å" * half, "https://" + "a-" * half, "a." * half + "@"):
        for kind in (Email, Link, Slug):
            with pytest.raises(ValidationError):
                read(kind, text)
    assert time.process_time() - started < 10


any_text = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\r\n\t\x1b[m0 \u200b\u202e\u2028\ufeff\u030a\u0344A")))


@settings(deadline=None)
@given(any_text.filter(lambda text: "\x00" not in text))
def test_cleaning_is_finished_after_once(typed: str) -> None:
    for kind in (Line, Prose):
        cleaned = read(kind, typed)
        assert read(kind, cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)
    allowed = set("\n\t")
    assert {c for c in read(Prose, typed) if unicodedata.category(c) == "Cc"} <= allowed
    assert not {c for c in read(Line, typed) if unicodedata.category(c) in ("Cc", "Zl", "Zp")}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Anna.Berg@Strandvik.SE\r\n", "Anna.Berg@strandvik.se"),
        ("a+eu@x.se", "a+eu@x.se"),
        ("anna@Malmö.se", "anna@xn--malm-8qa.se"),
        ("o'neil@x.co.uk", "o'neil@x.co.uk"),
        ("a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + ".se", None),
        ("a" * 65 + "@x.se", ""),
        ("a@" + ".".join(["b" * 62] * 4) + ".se", ""),
        ("a@b", ""),
        ("a@b@x.se", ""),
        ('"a b"@x.se', ""),
        ("å@x.se", ""),
        ("a@x.se.", ""),
        ("a@.x.se", ""),
        (".a@x.se", ""),
        ("a..b@x.se", ""),
        ("a@-x.se", ""),
        ("a@[127.0.0.1]", ""),
        ("a@x.se\r\nRCPT TO:<b>", ""),
        ("a@x.se, b@x.se", ""),
        ("Anna <a@x.se>", ""),
        ("a\x07@x.se", ""),
        ("a\u200b@x.se", ""),
        ("@x.se", ""),
        ("a@", ""),
    ],
)
def test_an_email_address_names_one_mailbox(typed: str, stored: str | None) -> None:
    if stored == "":
        assert refusal(Email, typed) == "Skriv en e-postadress, till exempel anna@kommun.se."
    else:
        assert read(Email, typed) == (stored or typed)


@pytest.mark.parametrize(
    "typed",
    [
        "https://ec.europa.eu/info/law?id=1#top",
        "http://intranet/sida",
        "https://www.malmö.se/å",
        "https://x.se:8443/a%20b",
        "HTTPS://X.SE",
        "https://x.se/(a)?q=[1]&b=~'!*;",
    ],
)
def test_a_web_address_is_kept_as_written(typed: str) -> None:
    assert read(Link, f" {typed}\n") == typed


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://x.se",
        "//x.se",
        "/findings",
        "www.x.se",
        "https://",
        "https:///x",
        "https:x.se",
        "https://user@x.se",
        "https://@x.se",
        "https://bank.se:pw@evil.example",
        "https://x.se:99999",
        "https://x.se:abc",
        "https://[::1",
        "https://x.se/a b",
        "https://x.se/\tb",
        "https://x.se\r\nSet-Cookie: a=b",
        "https://x.se\\@evil.example",
        "https://x.se/\x1bb",
        "https://x.se/\u202eb",
        'https://x.se/"onclick="',
        "https://x.se/<b>",
        "https://-x.se",
        "https://x..se",
    ],
)
def test_what_is_no_web_address_is_refused(typed: str) -> None:
    assert refusal(Link, typed) == "Skriv en hel webbadress som börjar med https://."


def test_a_web_address_has_at_most_2000_characters() -> None:
    longest = "https://x.se/" + "a" * 1987
    assert read(Link, longest) == longest
    assert refusal(Link, longest + "a") == "Texten är för lång: 2001 tecken, högst 2000."


def test_a_slug_has_small_letters_digits_and_hyphens() -> None:
    assert read(Slug, " strandvik-2 ") == "strandvik-2"
    for typed in ("Strandvik", "å-by", "a--b", "-ab", "ab-", "a b", "a/b", "a\nb", "../etc"):
        assert refusal(Slug, typed) == MESSAGES["bad_slug"]
    assert refusal(Slug, "a") == "Texten är för kort: minst 2 tecken."


@pytest.mark.parametrize(
    "url",
    [
        "http://www.X.se/nyhet/",
        "https://x.se:443/nyhet#del",
        "https://x.se/nyhet?utm_source=brev&fbclid=1&UTM_Medium=m",
        "https://x.se/nyhet?",
        "https://x.se/nyhet//",
    ],
)
def test_the_same_page_has_one_canonical_link(url: str) -> None:
    assert canonical_link(url) == "https://x.se/nyhet"


def test_canonical_links_keep_what_makes_pages_different() -> None:
    assert canonical_link("https://x.se/a?b=2&a=1&gclid=x") == canonical_link("https://x.se/a?a=1&b=2")
    assert canonical_link("https://malmö.se/å b") == canonical_link("https://xn--malm-8qa.se/%C3%A5%20b")
    different = ["https://x.se/a", "https://x.se/A", "https://x.se/a?id=1", "https://x.se/a?id=", "https://x.se:8080/a"]
    assert len({canonical_link(url) for url in different}) == len(different)
    assert canonical_link("inte en länk") == "inte en länk"


@settings(deadline=None)
@given(st.text("abåÅ/?&=%#:.;+ 2541", max_size=30))
def test_a_canonical_link_is_its_own_canonical_link(rest: str) -> None:
    once = canonical_link(f"https://www.x.se/{rest}")
    assert canonical_link(once) == once


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (Literal["a", "b"], "c", "Välj ett av alternativen."),
        (Colour, "blue", "Välj ett av alternativen."),
        (bool, "kanske", "Välj ja eller nej."),
        (int, "tolv", "Skriv ett heltal."),
        (int, "9" * 5000, "Talet är för stort."),
        (float, "tolv", "Skriv ett tal."),
        (Annotated[int, Field(ge=1)], "0", "Talet får inte vara mindre än 1."),
        (Annotated[int, Field(gt=1)], "1", "Talet ska vara större än 1."),
        (Annotated[int, Field(le=5)], "6", "Talet får inte vara större än 5."),
        (Annotated[int, Field(lt=5)], "5", "Talet ska vara mindre än 5."),
        (Annotated[list[str], Field(min_length=1)], [], "Välj minst 1."),
        (Annotated[list[str], Field(max_length=1)], ["a", "b"], "Välj högst 1."),
        (dict[str, int], "x", "Värdet går inte att använda."),
    ],
)
def test_every_refusal_is_one_swedish_sentence(annotation: Any, value: Any, text: str) -> None:
    assert refusal(annotation, value) == text


def test_an_empty_field_says_what_to_write_in_it_and_its_label_where_the_sentence_asks_for_it() -> None:
    form = create_model("Form", title=(Title, ...))
    with pytest.raises(ValidationError) as caught:
        form.model_validate({})
    (error,) = caught.value.errors()
    assert sentence(error, "Rubrik", lambda text: f"{{label}}: {text}") == "Rubrik: Skriv en rubrik."


def test_a_form_can_bring_its_own_sentence() -> None:
    context = {"error": ValueError("Slutet är före början.")}
    assert sentence({"type": "value_error", "msg": "Value error, …", "ctx": context}) == "Slutet är före början."
    own = PydanticCustomError("gone", "Mötet är inställt.")
    assert sentence({"type": own.type, "msg": own.message(), "input": 1}) == "Mötet är inställt."


def test_the_table_of_sentences_names_real_errors() -> None:
    own = {"invalid", "control_char", "bad_unicode", "bad_encoding", "bad_email", "bad_link", "bad_slug"}
    assert set(MESSAGES) - set(get_args(ErrorType)) == own
    assert set(SAME_AS) <= set(get_args(ErrorType))
    assert set(SAME_AS.values()) <= set(MESSAGES)
