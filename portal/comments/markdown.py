"""The little Markdown of comments → safe HTML, plain words, and an excerpt. Pure and bounded in time."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from portal.links import is_own_path, may_link, other_host

LONGEST = 20_000
# What these cost together was measured: no text within them takes 300 ms, and nobody writes that many by hand.
MOST = {"://": 400, "[": 400, "<": 400, "@": 400, "mailto:": 200, "\n": 2_000, "*": 2_000, "_": 2_000}
LONGEST_WORD = 2_400
DEEPEST = 16
# Lines that begin with a letter and hold nothing that means something in Markdown or in HTML.
LETTERS = "A-Za-zÀ-ÖØ-öø-ÿ"
LINE = rf"[{LETTERS}][{LETTERS}0-9 .,:;?!'()/%–…”’-]*(?<! )"
PLAIN = re.compile(rf"{LINE}(?:\n+{LINE})*")
PARAGRAPHS = re.compile("\n\n+")
MARKER_BOMB = re.compile(r"^(?:[ \t]*(?:>|[-+*]|\d{1,9}[.)])){9}", re.MULTILINE)

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "blockquote"}
RULES = ["blockquote", "list", "newline", "escape", "emphasis", "link", "image", "autolink", "linkify"]


class TooComplex(ValueError):
    """The text is longer or deeper than people write."""


def render(source: str, names: Collection[str] = ()) -> str:
    """Paragraphs, line breaks, lists, bold, italics, quotes and links; everything else stands as it was typed.

    Those of `names` that are addressed with an @ stand out.
    """
    return read(source, names)[0]


def read(source: str, names: Collection[str] = ()) -> tuple[str, str]:
    """What `render` and `plain` give, from one reading of the text."""
    if not names and PLAIN.fullmatch(source) and "://" not in source:
        _refuse_bombs(source)
        return _as_it_stands(source)
    tokens = _parse(source, names)
    return CLEANER.clean(PARSER.renderer.render(tokens, PARSER.options, {})).strip(), _plain(tokens)


def named(source: str, names: Collection[str]) -> list[str]:
    """Which of `names` the text addresses with an @, as they are typed, in order. What is quoted addresses nobody."""
    tokens = (token for block in _parse(source, names) for token in block.children or ())
    return list(dict.fromkeys(token.content[1:] for token in tokens if token.meta.get("mention")))


def plain(source: str) -> str:
    """The words alone, one line per paragraph or item, for search and mail subjects."""
    return _plain(_parse(source))


def _plain(tokens: Sequence[Token]) -> str:
    lines = ("".join(map(_words, token.children or ())) for token in tokens if token.type == "inline")
    return "\n".join(line for line in lines if line.strip())


def excerpt(source: str, length: int) -> str:
    """The first words, at most `length` characters, never cut inside a letter with its marks."""
    words = " ".join(plain(source).split())
    if len(words) <= length:
        return words
    cut = words.rfind(" ", 0, length) if " " in words[:length] else length - 1
    while cut > 0 and (_joins(words[cut]) or words[cut - 1] == "\u200d"):
        cut -= 1
    return words[:cut].rstrip(" .,;:–-") + "…"


def _joins(character: str) -> bool:
    """Whether the character belongs to the one before it: marks, variation selectors, joiners, skin colours."""
    return unicodedata.category(character) in ("Mn", "Me", "Mc") or character == "\u200d" or "🏻" <= character <= "🏿"


def _as_it_stands(source: str) -> tuple[str, str]:
    """What `read` gives of a text that is PLAIN, as most are: the parser and the cleaner find nothing in it, and take ten times as long."""
    paragraphs = PARAGRAPHS.split(source)
    html = "\n".join("<p>{}</p>".format(each.replace("\n", "<br>\n")) for each in paragraphs)
    return html, "\n".join(each.replace("\n", " ") for each in paragraphs)


def _refuse_bombs(source: str) -> None:
    if len(source) > LONGEST or any(source.count(mark) > most for mark, most in MOST.items()):
        raise TooComplex
    if MARKER_BOMB.search(source) or max(map(len, source.split()), default=0) > LONGEST_WORD:
        raise TooComplex


def _parse(source: str, names: Collection[str] = ()) -> list[Token]:
    _refuse_bombs(source)
    tokens = PARSER.parse(source, {"names": _addressed(names)} if names else {})
    # Past its nesting limit the parser drops words without a sound, so it must never come near.
    if any(token.level >= DEEPEST for token in tokens):
        raise TooComplex
    return tokens


def _addressed(names: Collection[str]) -> re.Pattern[str]:
    """Matches @ and a whole name, the longest of those that fit."""
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"((?<![\w@.])@(?:{longest_first})(?!\w|-\w))", re.IGNORECASE)


def _words(token: Token) -> str:
    return " " if token.type in ("softbreak", "hardbreak") else token.content


class Linkify(LinkifyIt):
    """Finds http:// and https:// alone, and so need not look for all that others can be."""

    def pretest(self, text: str) -> bool:
        return "://" in text


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True, "maxNesting": DEEPEST + 4})
    parser.enable([*RULES, "balance_pairs", "fragments_join"])
    parser.validateLink = may_link  # type: ignore[method-assign]
    parser.linkify = Linkify(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "//", "mailto:"):
        parser.linkify.add(schema, None)
    parser.core.ruler.push("honest_links", _honest_links)
    parser.core.ruler.push("mentions", _mentions)
    return parser


def _mentions(state: StateCore) -> None:
    names: re.Pattern[str] | None = state.env.get("names")
    if names is None:
        return
    quotes = 0
    for token in state.tokens:
        quotes += token.nesting if token.type.startswith("blockquote") else 0
        if token.type == "inline" and not quotes:
            token.children = list(_with_mentions(token.children or [], names))


def _with_mentions(children: Sequence[Token], names: re.Pattern[str]) -> Iterator[Token]:
    links = 0
    for token in children:
        links += token.nesting if token.type.startswith("link") else 0
        if token.type != "text" or links:
            yield token
            continue
        for number, words in enumerate(names.split(token.content)):
            text = Token("text", "", 0, content=words, meta={"mention": True} if number % 2 else {})
            yield from (
                [text]
                if number % 2 == 0
                else [Token("strong_open", "strong", 1, attrs={"class": "mention"}), text, Token("strong_close", "strong", -1)]
            )


def _honest_links(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = list(_with_hosts(list(_images_as_links(token.children or []))))


def _images_as_links(children: Sequence[Token]) -> Iterator[Token]:
    """Nothing is fetched by reading a comment: a picture becomes a link to it. Links to nowhere are their words."""
    href: str | None = None
    for token in children:
        if token.type == "link_open":
            href = str(token.attrGet("href"))
        target = str(token.attrGet("src") or "") if token.type == "image" else ""
        words = Token("text", "", 0, content=token.content or target)
        if token.type != "image":
            yield from [token] if href != "" or not token.type.startswith("link_") else []
        elif target and href is None:
            yield from (Token("link_open", "a", 1, attrs={"href": target}), words, Token("link_close", "a", -1))
        else:
            yield words
        href = None if token.type == "link_close" else href


def _with_hosts(children: Sequence[Token]) -> Iterator[Token]:
    """After a link whose words name one host and which leads to another, the other is written out."""
    href, words = "", ""
    for token in children:
        yield token
        if token.type == "link_open":
            href, words = str(token.attrGet("href")), ""
        elif token.type == "link_close" and (host := other_host(words, href)):
            yield Token("text", "", 0, content=f" ({host})")
        words += _words(token)


PARSER = _parser()
CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}, "ol": {"start"}},
    allowed_classes={"strong": {"mention"}},
    url_schemes={"http", "https", "mailto"},
    url_relative=lambda url: url if is_own_path(url) else None,
    link_rel="nofollow noopener noreferrer",
)
