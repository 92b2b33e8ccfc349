"""What letters say: drafts by the rooms above, and the same draft as plain text and as HTML."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import ColumnElement, SQLColumnExpression

from portal.accounts.models import Person
from portal.config import Settings
from portal.db import Session
from portal.mail import CalendarPart
from portal.networks.models import Membership
from portal.notifications.models import Mailing, Notification
from portal.web import current_locale


@dataclass(frozen=True)
class Link:
    """Where to go, and to do what. `path` lies below the address that the letter is written with, or is a whole address."""

    label: str
    path: str


@dataclass(frozen=True)
class Links:
    """Ways to choose between, beside each other."""

    links: Sequence[Link]


@dataclass(frozen=True)
class Steps:
    """What comes in which order."""

    heading: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Row:
    title: str
    path: str
    small: str = ""


@dataclass(frozen=True)
class Rows:
    heading: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Facts:
    """What, when, where: a line each, the first one the most important."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Quote:
    """Somebody's own words."""

    text: str


Part = str | Link | Links | Steps | Rows | Facts | Quote


@dataclass(frozen=True)
class Seal:
    """What the post room alone has: the portal's addresses, and its mark, which nobody else can make."""

    settings: Settings
    sign: Callable[[str], str]


Sealed = Callable[[Seal], Part]


@dataclass(frozen=True)
class Draft:
    """A letter without its greeting and its foot. The subject names nobody: it is read on locked screens and by mail servers.
    What is known to its reader alone, such as a link that is as good as her sign-in, is made when the letter is sealed."""

    subject: str
    parts: Sequence[Part | Sealed]
    calendar: Callable[[Seal], CalendarPart] | None = None


@dataclass(frozen=True)
class Kind:
    """What the rooms' letters have in common. `write` makes the draft for a member who may read the mailing's record, in her language, or
    None if there is nothing to say to her any more. `listed`: it stands among the coordinator's mailings. `despite` is a where-clause, made
    from a person's number and a record's: whom letters of the kind reach though she wants none about the record. `farewell` makes the draft
    for who may not read the record any more, or is no member, and holds nothing but what she was sent before. `returned` does what follows
    when a letter has come back undelivered, or was refused for good. `stands` is a where-clause on Mailing: while it holds, the mailing is
    remembered however old it is, since those who come later are told by it, too."""

    name: object
    write: Callable[[Session, Membership, Mailing], Awaitable[Draft | None]]
    listed: bool = False
    despite: Callable[[SQLColumnExpression[int], int], ColumnElement[bool]] | None = None
    farewell: Callable[[Session, Person, Mailing], Awaitable[Draft | None]] | None = None
    returned: Callable[[Session, Notification], Awaitable[None]] | None = None
    stands: Callable[[], ColumnElement[bool]] | None = None


# By the name of the kind. Rooms live above; portal/rooms.py fills it.
KINDS: dict[str, Kind] = {}


def plain(parts: Sequence[Part], foot: Sequence[Link], *, address: str) -> str:
    """The letter as text; its links lie below `address`."""
    body = [_plain(part, address) for part in parts if part]
    return "\n\n".join([*body, "-- \n" + "\n".join(_plain(link, "") for link in foot)]) + "\n"


def _plain(part: Part, address: str) -> str:
    match part:
        case Link(label, path):
            return f"{label}:\n{_at(address, path)}"
        case Links(links):
            return "\n".join(_plain(link, address) for link in links)
        case Steps(heading, lines):
            return "\n".join([heading, *(f"{number}. {line}" for number, line in enumerate(lines, 1))])
        case Rows(heading, rows):
            return "\n".join([heading, *(_plain_row(row, address) for row in rows)])
        case Facts(lines):
            return "\n".join(lines)
        case Quote(text):
            return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        case _:
            return part


def _at(address: str, path: str) -> str:
    return path if path.startswith(("https://", "http://")) else f"{address}{path}"


def _plain_row(row: Row, address: str) -> str:
    return "\n".join(["", f"* {row.title}", *([f"  {row.small}"] if row.small else []), f"  {address}{row.path}"])


# Mail programs read no style sheets. No colour is set but that of the links: each program has its own light and dark.
PAGE = Markup(
    '<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>{subject}</title></head>\n'
    '<body style="margin:0"><div style="max-width:36em;margin:0 auto;padding:20px;font:17px/1.5 sans-serif">\n{body}\n'
    '<p style="margin:32px 0 0;padding:12px 0 0;border-top:1px solid #8a8a8a;font-size:14px">{foot}</p>\n</div></body>\n</html>\n'
)
PARAGRAPH = Markup('<p style="margin:0 0 16px">{}</p>')
BUTTON = Markup(
    '<a href="{}" style="display:inline-block;margin:0 8px 8px 0;padding:11px 18px;border:2px solid #00707a;border-radius:8px;'
    'color:#00707a;font-weight:bold;text-decoration:none">{}</a>'
)
BUTTONS = Markup('<p style="margin:0 0 8px">{}</p>')
HEADING = Markup('<h2 style="margin:28px 0 8px;font-size:19px">{}</h2>')
ORDER = Markup('<ol style="margin:0 0 16px;padding:0 0 0 24px">{}</ol>')
STEP = Markup("<li>{}</li>")
LIST = Markup('<ul style="margin:0 0 16px;padding:0 0 0 20px">\n{}\n</ul>')
ITEM = Markup('<li style="margin:0 0 10px"><a href="{}">{}</a>{}</li>')
SMALL = Markup('<br><span style="font-size:15px">{}</span>')
QUOTED = Markup('<blockquote style="margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #8a8a8a">{}</blockquote>')
BREAK = Markup("<br>\n")


def html(subject: str, parts: Sequence[Part], foot: Sequence[Link], *, address: str) -> str:
    """The letter as a page that a mail program shows."""
    body = Markup("\n").join(_html(part, address) for part in parts if part)
    links = BREAK.join(Markup('<a href="{}">{}</a>').format(link.path, link.label) for link in foot)
    return str(PAGE.format(locale=current_locale(), subject=subject, body=body, foot=links))


def _html(part: Part, address: str) -> Markup:
    match part:
        case Link(label, path):
            return BUTTONS.format(BUTTON.format(_at(address, path), label))
        case Links(links):
            return BUTTONS.format(Markup("\n").join(BUTTON.format(_at(address, each.path), each.label) for each in links))
        case Steps(heading, lines):
            return HEADING.format(heading) + "\n" + ORDER.format(Markup("").join(map(STEP.format, lines)))
        case Rows(heading, rows):
            items = (ITEM.format(f"{address}{row.path}", row.title, SMALL.format(row.small) if row.small else "") for row in rows)
            return HEADING.format(heading) + "\n" + LIST.format(Markup("\n").join(items))
        case Facts(lines):
            first, *others = lines
            return PARAGRAPH.format(BREAK.join([Markup("<b>{}</b>").format(first), *others]))
        case Quote(text):
            return QUOTED.format(BREAK.join(text.splitlines()))
        case _:
            return PARAGRAPH.format(BREAK.join(part.splitlines()))
