"""What may stand in a comment, and what people and attackers type instead."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.comments import markdown
from portal.comments.markdown import LONGEST, TAGS, TooComplex, excerpt, plain, render

REL = 'rel="nofollow noopener noreferrer"'


def link(href: str, words: str) -> str:
    return f'<a href="{href}" {REL}>{words}</a>'


class Reader(HTMLParser):
    """What a browser would make of it: tags, attributes, and whether every tag is closed in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_safe(html: str) -> None:
    read = Reader(html)
    assert read.open == []
    assert read.tags <= TAGS
    for tag, name, value in read.attributes:
        assert (tag, name) in {("a", "href"), ("a", "rel"), ("ol", "start")}
        if name == "href":
            assert re.match(r"https?://[^/@\\]+(?:[/?#]|$)|mailto:[^\s]*@|/(?![/\\])", value or "")


def parsed(source: str) -> tuple[str, str]:
    """HTML and words as the parser and the cleaner make them, whatever the text is."""
    tokens = markdown._parse(source)
    return markdown.CLEANER.clean(markdown.PARSER.renderer.render(tokens, markdown.PARSER.options, {})).strip(), markdown._plain(tokens)


@given(st.text("abåÅéßÿ÷×09 .,:;?!'()/%–…”’-\n\n_*&@\xa0\u0308", max_size=30))
def test_plain_text_is_read_as_the_parser_reads_it(source: str):
    assert markdown.read(source) == parsed(source)


@pytest.mark.parametrize(
    "source",
    [
        "Hej.",
        "Rad, rad\nrad!\n\n\nNytt (stycke) 1/2 – 50 %…",
        "A\n- b",
        "A\n1. b",
        "A \nb",
        "A\n b",
        "a://b",
        "http://x.se",
        "A\nb\n",
        "A  b",
        "mailto:a",
        "A\n\n",
    ],
)
def test_what_stands_at_the_edge_of_plain_text_is_read_as_the_parser_reads_it(source: str):
    assert markdown.read(source) == parsed(source)


def test_plain_text_that_is_a_bomb_is_refused():
    for source in ("a" * 2_401, "a\n" * 2_001 + "a", "a b " * 5_000 + "a"):
        assert markdown.PLAIN.fullmatch(source)
        with pytest.raises(TooComplex):
            markdown.read(source)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Hej", "<p>Hej</p>"),
        ("rad\nrad\n\nnytt", "<p>rad<br>\nrad</p>\n<p>nytt</p>"),
        ("**fet** *lutad* __fet__ a_b_c", "<p><strong>fet</strong> <em>lutad</em> <strong>fet</strong> a_b_c</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> citat", "<blockquote>\n<p>citat</p>\n</blockquote>"),
        ("[Brev](https://x.se/a)", f"<p>{link('https://x.se/a', 'Brev')}</p>"),
        ("[nr 7](/strandvik/findings/7)", f"<p>{link('/strandvik/findings/7', 'nr 7')}</p>"),
        ("[Anna](mailto:anna@x.se)", f"<p>{link('mailto:anna@x.se', 'Anna')}</p>"),
        ("Se https://x.se/a_(b).", f"<p>Se {link('https://x.se/a_(b)', 'https://x.se/a_(b)')}.</p>"),
        ("<https://x.se>", f"<p>{link('https://x.se', 'https://x.se')}</p>"),
        ("# nr 1\n---\n    `kod` |a|", "<p># nr 1<br>\n---<br>\n`kod` |a|</p>"),
        ("5 &lt; 6 & 7 \\*", "<p>5 &amp;lt; 6 &amp; 7 *</p>"),
        ("{{7*7}} {% include 'x' %} @everyone", "<p>{{7*7}} {% include 'x' %} @everyone</p>"),
        ("", ""),
    ],
)
def test_the_markup_officials_need(source: str, html: str) -> None:
    assert render(source) == html


HTML = [
    ("M01", "<script>alert(1)</script>"),
    ("M01", "<img src=x onerror=alert(1)>"),
    ("M01", "<svg onload=alert(1)>"),
    ("M01", "<iframe src=//evil.example></iframe>"),
    ("M01", "<form action=//evil.example><input name=password></form>"),
    ("M01", "<style>*{display:none}</style>"),
    ("M01", "<base href=//evil.example>"),
    ("M01", '<meta http-equiv=refresh content="0;url=//evil.example">'),
    ("M06", '<a id="csrf" name="body" class="x">a</a>'),
    ("M06", "<img name=cookie>"),
    ("M07", '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">'),
    ("M07", '<noscript><p title="</noscript><img src=x onerror=alert(1)>">'),
    ("M07", "<template><script>alert(1)</script></template>"),
    ("M07", '<svg><foreignObject><a href="javascript:alert(1)">'),
    ("M07", '<p title="<!--"><img src=x onerror=alert(1)>-->'),
]


@pytest.mark.parametrize(("row", "source"), HTML, ids=[f"{row} {source}" for row, source in HTML])
def test_html_is_shown_as_it_was_typed(row: str, source: str) -> None:
    html = render(source)
    assert_safe(html)
    assert Reader(html).tags == {"p"}
    assert plain(source) == source


TARGETS = [
    ("M02", "javascript:alert(1)"),
    ("M02", "JaVaScRiPt:alert(1)"),
    ("M02", "java\tscript:alert(1)"),
    ("M02", "<java\tscript:alert(1)>"),
    ("M02", "&#106;avascript:alert(1)"),
    ("M02", "javascript&colon;alert(1)"),
    ("M02", "\x01javascript:alert(1)"),
    ("M02", "vbscript:x"),
    ("M02", "data:text/html,<b>"),
    ("M03", "//evil.example"),
    ("M03", "/&#47;evil.example"),
    ("M03", r"\\\\evil.example"),
    ("M03", r"/\\evil.example"),
    ("M03", "<https:\\\\evil.example>"),
    ("M03", "https:/evil.example"),
    ("M03", "https://bank.se@evil.example"),
    ("M05", "ssh://x.se"),
    ("M05", "sms:112"),
    ("M05", "tel:112"),
    ("M05", "magnet:?x"),
    ("M05", "webcal://x.se"),
    ("M05", "file:///etc/passwd"),
    ("M02", "findings/7"),
    ("M02", "www.x.se"),
    ("M02", "#"),
    ("M02", ""),
]


@pytest.mark.parametrize(("row", "target"), TARGETS, ids=[f"{row} {target}" for row, target in TARGETS])
def test_other_targets_are_no_links(row: str, target: str) -> None:
    for source in (f"[a]({target})", f"![a]({target})", f"<{target}>"):
        html = render(source)
        assert_safe(html)
        assert "<a" not in html
        assert plain(source)


def test_m04_a_picture_becomes_a_link_and_is_never_fetched() -> None:
    assert render("![bild](https://tracker.se/1.gif)") == f"<p>{link('https://tracker.se/1.gif', 'bild')}</p>"
    assert render("![](https://tracker.se/1.gif)") == f"<p>{link('https://tracker.se/1.gif', 'https://tracker.se/1.gif')}</p>"
    assert render("[![bild](https://a.se/1.gif)](https://b.se)") == f"<p>{link('https://b.se', 'bild')}</p>"


@pytest.mark.parametrize(
    ("words", "href", "shown"),
    [
        ("https://bank.se", "https://evil.example/x", "evil.example"),
        ("logga in på bank.se", "https://evil.example", "evil.example"),
        ("**bank**.se", "https://evil.example", "evil.example"),
        ("bank\u200b.se", "https://evil.example", "evil.example"),
        ("bank。se", "https://evil.example", "evil.example"),
        ("ｂａｎｋ．ｓｅ", "https://evil.example", "evil.example"),
        ("b\u0430nk.se", "https://bank.se", "bank.se"),
        ("bank.se.evil.example", "https://bank.se", "bank.se"),
        ("anna@bank.se", "mailto:anna@evil.example?subject=x", "evil.example"),
        ("https://bank.se", "https://bänk.se", "xn--bnk-qla.se"),
        ("bank.se", "https://www.bank.se/a", None),
        ("https://malmö.se/a", "https://malmö.se/b", None),
        ("Läs mer", "https://bank.se", None),
        ("https://bank.se/nytt.html", "https://bank.se/", None),
        ("bank.se,evil.example", "https://evil.example/", "evil.example"),
        ("s. 5, kl. 13.00", "https://bank.se", None),
        ("ord " * 51, "https://bank.se", "bank.se"),
    ],
)
def test_m11_a_link_that_names_another_host_shows_the_real_one(words: str, href: str, shown: str | None) -> None:
    html = render(f"[{words}]({href})")
    assert Reader(html).attributes[0][:2] == ("a", "href")
    assert html.endswith(f"</a> ({shown})</p>" if shown else "</a></p>")


pieces = [
    "<script>",
    "</p>",
    "<img src=x onerror=1>",
    "[",
    "](",
    ")",
    "![",
    "javascript:",
    "https://",
    "x.se",
    "//",
    "\\",
    "*",
    "**",
    "_",
    "> ",
    "- ",
    "1. ",
]
pieces += ["&#106;", "&lt;", '"', "'", " on=1", "\n", "\n\n", "  ", "<", ">", "mailto:a@b.se", "å", "\u202e", "\x00", "|", "`"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(pieces) | st.text(max_size=4), max_size=30).map("".join))
def test_whatever_is_typed_the_html_is_safe_and_balanced(source: str) -> None:
    assert_safe(render(source.encode(errors="replace").decode()))


LADDERS = [
    "> ",
    ">",
    "- ",
    "1. ",
    "- > ",
    "- a\n",
    "> a\n",
    "<div>",
    "[",
    "![",
    "[a](",
    "[a](b)",
    "](a](",
    "*a_ ",
    "*",
    "**a ",
    "a``b",
    "`",
    "&#",
    "\\",
]
LADDERS += [
    "<https://",
    "https://",
    "https://a.se/( ",
    "https://a.se/[[",
    "http://a.",
    "https://a.se ",
    "mailto:a@b.se ",
    "(",
    "a\n",
    "\n",
    " ",
    "|a|b|\n",
]


@pytest.mark.parametrize("ladder", LADDERS)
def test_m08_m09_no_comment_takes_long(ladder: str) -> None:
    """The longest of each ladder that is let through, and the longest that is not."""
    size = LONGEST
    started = time.process_time()
    while is_too_complex((ladder * size)[:size]):
        size = size * 3 // 4
        assert time.process_time() - started < 2
        started = time.process_time()
    assert time.process_time() - started < 2
    assert size > 5


def is_too_complex(source: str) -> bool:
    try:
        render(source)
    except TooComplex:
        return True
    return False


BOMBS = {
    "M15 a line": "a" * 1_000_000,
    "M15 a letter too many": "a" * (LONGEST + 1),
    "M08 quotes": "> " * 20_000,
    "M08 lists": "- " * 9_000,
    "M08 divs": "<div>" * 20_000,
    "M09 brackets": "[" * 9_000,
    "M09 a word": "a" * 2_500,
    "M08 lists in lists": "\n".join("  " * depth + "- a" for depth in range(12)),
    "M10 a table of a thousand by a thousand": "|a" * 1_000 + "|\n" + "|-" * 1_000 + "|\n" + ("|a" * 1_000 + "|\n") * 1_000,
    "M10 a table's line": "|" * 20_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_before_they_are_parsed(bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(TooComplex):
        render(bomb)
    with pytest.raises(TooComplex):
        plain(bomb)
    assert time.process_time() - started < 0.5


def test_a_long_comment_by_a_person_is_no_bomb() -> None:
    comment = "Vi *bör* svara på **förslaget**, se [sidan 4](https://x.se/a).\n- en punkt\n  - en till\n\n" * 220
    assert len(comment) <= LONGEST
    assert render(comment).count("<strong>förslaget</strong>") == 220


def test_plain_is_what_one_reads() -> None:
    source = "# Hej **du** <b>\nrad två\n\n- a [b](https://x.se)\n- ![c](https://x.se/c.png)\n\n> slut &amp; &#229;"
    assert plain(source) == "# Hej du <b> rad två\na b\nc\nslut &amp; &#229;"


@pytest.mark.parametrize(
    ("source", "length", "words"),
    [
        ("Hej **du**\n\nDär", 20, "Hej du Där"),
        ("Hej du, där borta", 8, "Hej du…"),
        ("Hej du, där borta", 7, "Hej…"),
        ("Kommunikationsavdelningen", 10, "Kommunika…"),
        ("bra 👩\u200d👩\u200d👧", 5, "bra…"),
        ("👩\u200d👩\u200d👧👩\u200d👩\u200d👧", 8, "👩\u200d👩\u200d👧…"),
        ("👍🏽👍🏽", 3, "👍🏽…"),
        ("e\u0328\u0301x" * 3, 5, "e\u0328\u0301x…"),
        ("", 5, ""),
    ],
)
def test_an_excerpt_ends_between_words_and_letters(source: str, length: int, words: str) -> None:
    assert excerpt(source, length) == words


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(min_value=1, max_value=40))
def test_an_excerpt_keeps_to_its_length(source: str, length: int) -> None:
    assert len(excerpt(source.encode(errors="replace").decode(), length)) <= length
