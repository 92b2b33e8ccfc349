"""Documents: what is valid, how they are edited as text, and how they are shown."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.drafting import document, nodes
from portal.drafting.document import Invalid, from_markdown, normal, to_html, to_markdown, to_text, validate

Node = dict[str, Any]


def doc(*blocks: Node) -> Node:
    return {"type": "doc", "content": list(blocks)}


def paragraph(*inlines: Node | str) -> Node:
    content = [text(each) if isinstance(each, str) else each for each in inlines]
    return {"type": "paragraph", **({"content": content} if content else {})}


def text(words: str, *marks: str) -> Node:
    written = [{"type": mark} if mark.isalpha() else {"type": "link", "attrs": {"href": mark}} for mark in marks]
    return {"type": "text", **({"marks": written} if written else {}), "text": words}


def bullets(*items: list[Node]) -> Node:
    return {"type": "bulletList", "content": [{"type": "listItem", "content": item} for item in items]}


def numbers(start: int, *items: list[Node]) -> Node:
    return {"type": "orderedList", "attrs": {"start": start}, "content": bullets(*items)["content"]}


def heading(level: Any, words: str) -> Node:
    return {"type": "heading", "attrs": {"level": level}, "content": [text(words)]}


def quote(*blocks: Node) -> Node:
    return {"type": "blockquote", "content": list(blocks)}


BREAK = {"type": "hardBreak"}

SIGNS = ["*", "**", "_", "[", "]", "](", "(", ")", "\\", "#", "### ", "-", "- ", "1. ", "12)", ">", "> ", "•", "!", "|", "`", ".", ":"]
WORDS = [
    "a",
    "åäö",
    "Ä",
    " ",
    "  ",
    "\t",
    "\xa0",
    "\u200b",
    "å\u030a",
    "\u0338",
    "é",
    "👩\u200d👧",
    "https://x.se/a",
    "http://",
    "//",
    "\n",
    "\u2028",
]
texts = st.lists(st.sampled_from(SIGNS + WORDS) | st.text(min_size=1, max_size=3), min_size=1, max_size=6).map("".join)
texts = texts.filter(lambda words: "\x00" not in words and not any("\ud800" <= letter <= "\udfff" for letter in words))
addresses = st.sampled_from(
    ["https://x.se", "https://x.se/(a)_b)", "https://x.se/a", "https://x.se/a.", "/findings/7", "mailto:a@x.se", "https://x.se/[1]*"]
)
marked = st.builds(
    lambda words, link, bold, italic: text(words, *[mark for mark, on in ((link, link), ("bold", bold), ("italic", italic)) if on]),
    texts,
    st.none() | addresses,
    st.booleans(),
    st.booleans(),
)
linked = addresses.map(lambda href: text(href, href))
inlines = st.lists(marked | linked | st.just(BREAK), max_size=6)
leaves = st.builds(lambda content: paragraph(*content), inlines) | st.builds(
    lambda level, content: {"type": "heading", "attrs": {"level": level}, "content": content}, st.sampled_from([3, 4]), inlines
)
blocks = st.recursive(
    leaves,
    lambda inner: (
        st.builds(
            lambda kind, items: kind(*items),
            st.sampled_from([bullets, lambda *items: numbers(7, *items)]),
            st.lists(st.lists(inner, max_size=3), max_size=3),
        )
        | st.builds(lambda content: quote(*content), st.lists(inner, max_size=3))
    ),
    max_leaves=8,
)
documents = st.lists(blocks, max_size=4).map(lambda content: doc(*content))


def is_valid(candidate: Node) -> bool:
    try:
        validate(candidate)
    except Invalid:
        return False
    return True


@settings(deadline=None)
@given(documents.filter(is_valid))
def test_nothing_is_lost_between_the_editor_and_the_text_field(written: Node) -> None:
    valid = validate(written)
    assert from_markdown(to_markdown(valid)) == valid


@settings(deadline=None)
@given(documents)
def test_the_normal_form_is_reached_at_once_and_says_the_same(written: Node) -> None:
    once = normal(written)
    assert normal(once) == once
    assert "".join(to_text(written).split()) == "".join(to_text(once).split())
    assert to_html(written) == to_html(once)


@settings(deadline=None)
@given(st.lists(st.sampled_from(SIGNS + WORDS + ["\n", "\n\n", "  ", "[a](https://x.se)"]) | st.text(max_size=3), max_size=25).map("".join))
def test_whatever_somebody_types_is_a_document(typed: str) -> None:
    typed = typed.replace("\x00", "")
    read = from_markdown(typed)
    assert validate(read) == read
    assert from_markdown(to_markdown(read)) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", document.empty()),
        (" \n\n\t\n", document.empty()),
        ("Hej", doc(paragraph("Hej"))),
        ("Hej\nhopp\n\nSlut", doc(paragraph("Hej", BREAK, "hopp"), paragraph("Slut"))),
        ("Hej\r\nhopp\r\n\r\nSlut", doc(paragraph("Hej", BREAK, "hopp"), paragraph("Slut"))),
        ("en **fet** och *lutad*", doc(paragraph("en ", text("fet", "bold"), " och ", text("lutad", "italic")))),
        ("***båda***", doc(paragraph(text("båda", "bold", "italic")))),
        ("2 * 3 * 4, a_b_c, **öppet", doc(paragraph("2 * 3 * 4, a_b_c, **öppet"))),
        (r"\*inte lutad\* C:\temp", doc(paragraph(r"*inte lutad* C:\temp"))),
        ("[Brev](https://x.se/a)", doc(paragraph(text("Brev", "https://x.se/a")))),
        ("[**Brev** nu](/findings/7)", doc(paragraph(text("Brev", "/findings/7", "bold"), text(" nu", "/findings/7")))),
        ("Se https://x.se/a_(b).", doc(paragraph("Se ", text("https://x.se/a_(b)", "https://x.se/a_(b)"), "."))),
        ("[a](javascript:x) [b](//x.se) [c](www.x.se)", doc(paragraph("[a](javascript:x) [b](//x.se) [c](www.x.se)"))),
        ("******", doc(paragraph("******"))),
        ("[a](https://x.se/a\u030a)", doc(paragraph(text("a", "https://x.se/å")))),
        ("- a\n- b", doc(bullets([paragraph("a")], [paragraph("b")]))),
        ("Listan:\n• a\n\n* b\nSlut", doc(paragraph("Listan:"), bullets([paragraph("a")], [paragraph("b")]), paragraph("Slut"))),
        ("3. a\n4) b", doc(numbers(3, [paragraph("a")], [paragraph("b")]))),
        ("- a\n    - b\n- c", doc(bullets([paragraph("a"), bullets([paragraph("b")])], [paragraph("c")]))),
        ("- a\n\tmer\n\n  sen", doc(bullets([paragraph("a", BREAK, "mer"), paragraph("sen")]))),
        ("-", doc(bullets([paragraph()]))),
        ("- a\n1. b", doc(bullets([paragraph("a")]), numbers(1, [paragraph("b")]))),
        ("> a\n> b\n\n> c", doc(quote(paragraph("a", BREAK, "b")), quote(paragraph("c")))),
        ("# a\n#### b\n#c", doc(heading(3, "a"), heading(4, "b"), paragraph("#c"))),
        ("2026. Året", doc(paragraph("2026. Året"))),
        ("a\x07\u202eb\ufeff", doc(paragraph("ab"))),
    ],
)
def test_the_markup_people_write(typed: str, read: Node) -> None:
    assert from_markdown(typed) == read


@pytest.mark.parametrize(
    ("written", "markup"),
    [
        (doc(paragraph("- a", BREAK, "1. b", BREAK, "> c", BREAK, "### d")), "\\- a\n1\\. b\n\\> c\n\\### d"),
        (doc(bullets([paragraph("a"), numbers(9, [paragraph("b")], [paragraph("c")])])), "- a\n  9. b\n  10. c"),
        (doc(paragraph(text("a ", "bold"), "b")), "**a** b"),
        (doc(paragraph(text("a", "bold"), text(" b", "bold", "italic"))), "**a *b***"),
        (doc(paragraph("se ", text("l", "https://x.se"), text("i", "https://x.se", "italic"))), "se [l*i*](https://x.se)"),
        (doc(paragraph(text("https://x.se", "https://x.se"), ", ok")), "https://x.se, ok"),
        (doc(paragraph(text("https://x.se", "https://x.se"), "/ok")), "[https\\://x.se](https://x.se)/ok"),
        (doc(paragraph("[utan länk](/n)")), "[utan länk]\\(/n)"),
        (doc(paragraph("utan länk: https://x.se")), "utan länk: https\\://x.se"),
        (doc(quote(paragraph("a"), bullets([paragraph("b")]))), "> a\n>\n> - b"),
        (doc(paragraph(BREAK, "a", BREAK, BREAK, "b"), paragraph()), "a\n\nb"),
    ],
)
def test_documents_read_well_in_a_text_field(written: Node, markup: str) -> None:
    assert to_markdown(written) == markup


def test_html_is_escaped_and_plain() -> None:
    written = doc(
        heading(3, "<script>alert(1)</script>"),
        paragraph("a & b", BREAK, text("fet", "bold", "italic"), text("x", 'https://x.se/?a=1&b="'.rstrip('"'))),
        numbers(3, [paragraph("c")]),
        numbers(1, []),
        quote(bullets([paragraph("{{7*7}}")])),
    )
    assert to_html(written) == (
        "<h3>&lt;script&gt;alert(1)&lt;/script&gt;</h3>\n"
        "<p>a &amp; b<br>\n<strong><em>fet</em></strong>"
        '<a href="https://x.se/?a=1&amp;b=" rel="nofollow noopener noreferrer">x</a></p>\n'
        '<ol start="3"><li><p>c</p></li>\n<li><p></p></li></ol>\n'
        "<blockquote><ul><li><p>{{7*7}}</p></li></ul></blockquote>"
    )
    assert to_html(document.empty()) == ""


def test_text_has_a_line_for_every_line() -> None:
    written = from_markdown("### Rubrik\nen **fet** rad\n\n- a\n  - b [c](https://x.se)")
    assert to_text(written) == "Rubrik\nen fet rad\na\nb c"
    assert to_text(document.empty()) == ""


def nested(depth: int) -> Node:
    block = paragraph("a")
    for _ in range(depth):
        block = quote(block)
    return doc(block)


FORM = "Texten har inte rätt form."
PLACE = "Texten innehåller något som inte får stå där."
FORMATTING = "Texten har en formatering som inte finns här."
LINK = "En länk leder till en adress som inte går att använda. Den ska börja med https://."


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (None, FORM),
        ([], FORM),
        ("doc", FORM),
        ({}, FORM),
        (paragraph("a"), FORM),
        (doc() | {"extra": 1}, FORM),
        (doc() | {"attrs": {"id": "x"}}, FORM),
        (doc() | {"marks": []}, FORM),
        ({"type": "doc", "content": "a"}, FORM),
        ({"type": "doc", "content": ["a"]}, PLACE),
        (doc({"type": "image", "attrs": {"src": "x"}}), PLACE),
        (doc({"type": ["paragraph"]}), PLACE),
        (doc({"type": None}), PLACE),
        (doc(text("a")), PLACE),
        (doc(doc()), PLACE),
        (doc(bullets() | {"content": [paragraph("a")]}), PLACE),
        (doc(paragraph(paragraph("a"))), PLACE),
        (doc(paragraph("a") | {"attrs": {"style": "x"}}), FORM),
        (doc(heading(1, "a")), FORM),
        (doc(heading("3", "a")), FORM),
        (doc(heading(3.0, "a")), FORM),
        (doc({"type": "heading"}), FORM),
        (doc(numbers(True, [paragraph("a")])), FORM),
        (doc(numbers(-1, [paragraph("a")])), FORM),
        (doc(numbers(1000, [paragraph("a")])), FORM),
        (doc({"type": "orderedList", "attrs": []}), FORM),
        (doc(paragraph(text(""))), FORM),
        (doc(paragraph({"type": "text"})), FORM),
        (doc(paragraph({"type": "text", "text": 1})), FORM),
        (doc(paragraph({"type": "text", "text": "a", "marks": "bold"})), FORM),
        (doc(paragraph({"type": "text", "text": "a", "marks": ["bold"]})), FORM),
        (doc(paragraph({"type": "hardBreak", "text": "a"})), FORM),
        (doc(paragraph("a\x00")), "Texten innehåller ett tecken som inte får finnas."),
        (doc(paragraph("a\ud800")), "Texten innehåller ett tecken som inte får finnas."),
        (doc(paragraph(text("a", "code"))), FORMATTING),
        (doc(paragraph(text("a", "bold", "bold"))), FORMATTING),
        (doc(paragraph({"type": "text", "text": "a", "marks": [{"type": ["bold"]}]})), FORMATTING),
        (doc(paragraph({"type": "text", "text": "a", "marks": [{"type": "bold", "attrs": {"class": "x"}}]})), FORMATTING),
        (doc(paragraph({"type": "text", "text": "a", "marks": [{"type": "link"}]})), LINK),
        (doc(paragraph({"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": 1}}]})), LINK),
        (
            doc(
                paragraph({"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": "https://x.se", "target": "_blank"}}]})
            ),
            LINK,
        ),
        *(
            (doc(paragraph(text("a", href))), LINK)
            for href in ("javascript:a//", "//x.se", "/\\x.se", "https://a@x.se", "data:text/html,", "https://x.se/ a")
        ),
        (nested(12), "Texten har för många listor eller citat i varandra."),
        (doc(paragraph("å" * 131_100)), "Texten är för stor. Dela den i flera avsnitt."),
    ],
)
def test_what_the_editor_does_not_write_is_refused(wrong: Any, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        validate(wrong)
    assert str(refused.value) == sentence


def test_addresses_are_composed_like_the_words() -> None:
    written = doc(paragraph(text("a", "https://x.se/a\u030a")))
    assert validate(written) == doc(paragraph(text("a", "https://x.se/å")))


def test_what_the_editor_writes_is_kept() -> None:
    assert validate(nested(11)) == nested(11)
    assert validate(doc(paragraph("å" * 131_000))) == doc(paragraph("å" * 131_000))
    assert validate(doc()) == document.empty()
    assert validate({"type": "doc"}) == document.empty()


def test_many_marks_take_no_longer_than_as_many_letters() -> None:
    """Letters are looked at once for each direction, not once for each mark."""

    class Counting(str):
        looked_at = 0

        def isspace(self) -> bool:
            Counting.looked_at += 1
            return super().isspace()

    letters = [(Counting(" x"[number % 2]), {("link", f"https://x.se/{number // 4}"), ("bold", "")}) for number in range(4_000)]
    nodes._shrink(letters)
    assert Counting.looked_at == len(letters)
    assert [len(marks) for _letter, marks in letters[:6]] == [0, 2, 2, 2, 1, 2]
    links = [text(f" {number} ", f"https://x.se/{number}") for number in range(3_000)]
    started = time.process_time()
    normal(doc(paragraph(*links)))
    assert time.process_time() - started < 3


def test_a_text_has_so_many_marked_pieces_and_no_more() -> None:
    def marked(number: int) -> Node:
        return doc(*(paragraph(text(str(each), "bold")) for each in range(number)))

    assert validate(marked(500)) == marked(500)
    with pytest.raises(Invalid, match="för stor"):
        validate(marked(501))


def test_no_text_takes_long() -> None:
    size = 8_000
    ladders = [
        "> ",
        "- ",
        "- a\n",
        "> - ",
        "*",
        "*a ",
        "**a** ",
        "[",
        "[a](b",
        "[a](https://x.se)",
        "https://a.",
        "https://a(",
        "\\",
        "](a",
        " ",
        "a\n",
    ]
    started = time.process_time()
    for ladder in ladders:
        typed = (ladder * size)[:size]
        read = from_markdown(typed)
        assert len(json.dumps(read)) > 0
        assert from_markdown(to_markdown(read)) == read
    assert time.process_time() - started < 12


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[https://bank.se](https://evil.example/x)", "https://bank.se</a> (evil.example)</p>"),
        ("[**bank**.se](https://evil.example)", "<strong>bank</strong>.se</a> (evil.example)</p>"),
        ("[bank.se](https://www.bank.se/a)", "bank.se</a></p>"),
        ("https://bank.se/a", "https://bank.se/a</a></p>"),
    ],
)
def test_m11_a_link_that_names_another_host_shows_the_real_one(typed: str, shown: str) -> None:
    assert to_html(from_markdown(typed)).endswith(shown)
