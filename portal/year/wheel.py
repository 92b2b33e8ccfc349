"""The year wheel: the marks of a year → SVG. January begins at the top, and the year goes clockwise. Pure.

Shapes tell the sorts apart, not colours; every mark says its words, and what has a page is a link to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi, sin

from markupsafe import Markup, escape

from portal.web import _, current_locale, ngettext
from portal.words import LANGUAGES, span, week, weekday_date
from portal.year.days import JULY
from portal.year.marks import Mark, Sort, in_order

SIZE = 640
CENTRE = SIZE / 2
RIM, MONTHS, HUB = 286, 303, 74
# How much further out a name stands at the sides, where its width is in the way and not its height.
ASIDE = 22
MARGIN = 32  # room for half a name beyond the square
HAND = (HUB, RIM + 2)
# Where the first mark of a sort stands, and how far inwards the next one does where two would touch.
RINGS = {
    Sort.meeting: (262, 27),
    Sort.board: (222, 17),
    Sort.cutoff: (192, 15),
    Sort.window: (166, 12),
    Sort.call: (128, 12),
    Sort.reminder: (98, 14),
}
MOST_LANES = {Sort.window: 3}
DAYS_WIDE = {Sort.meeting: 6, Sort.board: 4, Sort.cutoff: 4, Sort.window: 1, Sort.call: 1, Sort.reminder: 8}


def words_of(sort: Sort) -> str:
    """What a mark of this sort is called."""
    return {
        Sort.meeting: _("Träff"),
        Sort.board: _("Sammanträde"),
        Sort.cutoff: _("Stopptid"),
        Sort.window: _("Samrådstid"),
        Sort.call: _("Utlysning"),
        Sort.reminder: _("Påminnelse"),
        Sort.foreign: _("Annan kalender"),
    }[sort]


def when(mark: Mark) -> str:
    """The day with its hours, or the first and the last day."""
    locale = current_locale()
    if mark.starts_at is not None and mark.first == mark.last:
        return f"{weekday_date(mark.first, locale)} {span(mark.starts_at, mark.ends_at, locale)}"
    if mark.first == mark.last:
        return weekday_date(mark.first, locale)
    return _("%(first)s till %(last)s", first=weekday_date(mark.first, locale), last=weekday_date(mark.last, locale))


@dataclass(frozen=True)
class _Dial:
    """The year as angles (radians, clockwise from the top)."""

    year: int

    @property
    def length(self) -> int:
        return (date(self.year + 1, 1, 1) - date(self.year, 1, 1)).days

    def angle(self, day: date, *, part: float = 0.5) -> float:
        """Of a moment of the day: its beginning (part 0), noon or its end (1)."""
        return 2 * pi * ((day - date(self.year, 1, 1)).days + part) / self.length

    def point(self, day: date, radius: float, *, part: float = 0.5) -> tuple[float, float]:
        angle = self.angle(day, part=part)
        return round(CENTRE + radius * sin(angle), 1), round(CENTRE - radius * cos(angle), 1)

    def name(self, day: date) -> tuple[float, float]:
        return self.point(day, MONTHS + ASIDE * abs(sin(self.angle(day))))

    def arc(self, first: date, last: date, radius: float) -> str:
        """A path from the beginning of the first day to the end of the last one."""
        (x, y), (to_x, to_y) = self.point(first, radius, part=0), self.point(last, radius, part=0.999)
        large = int(self.angle(last, part=1) - self.angle(first, part=0) > pi)
        return f"M{x} {y}A{radius} {radius} 0 {large} 1 {to_x} {to_y}"


def wheel(year: int, marks: Sequence[Mark], *, today: date, base: str, key: str = "wheel") -> Markup:
    """The SVG. `base` comes before the paths of pages; `key` begins its ids, for a page with two wheels."""
    dial = _Dial(year)
    shown = [mark for mark in in_order(marks) if mark.sort in RINGS and mark.first.year <= year <= mark.last.year]
    title = _("Årshjulet %(year)s", year=year)
    parts = [
        Markup('<svg class="wheel" viewBox="{x} 0 {w} {h}" role="group" aria-labelledby="{k}-title {k}-desc">').format(
            x=-MARGIN, w=SIZE + 2 * MARGIN, h=SIZE, k=key
        ),
        Markup('<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>').format(key, title, key, description(shown)),
        _face(dial, today),
        *(_drawn(dial, mark, lane, number, base) for mark, lane, number in _placed(shown, year)),
        _hand(dial, today) if today.year == year else "",
        _hub(year, today),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def description(marks: Sequence[Mark]) -> str:
    """How much of what there is, in a sentence."""
    count = {sort: sum(mark.sort == sort for mark in marks) for sort in Sort}
    told = [
        ngettext("%(num)d träff", "%(num)d träffar", count[Sort.meeting]) % {"num": count[Sort.meeting]},
        ngettext("%(num)d sammanträde", "%(num)d sammanträden", count[Sort.board]) % {"num": count[Sort.board]},
        ngettext("%(num)d stopptid", "%(num)d stopptider", count[Sort.cutoff]) % {"num": count[Sort.cutoff]},
        ngettext("%(num)d samråd", "%(num)d samråd", count[Sort.window]) % {"num": count[Sort.window]},
        ngettext("%(num)d utlysning", "%(num)d utlysningar", count[Sort.call]) % {"num": count[Sort.call]},
        ngettext("%(num)d påminnelse", "%(num)d påminnelser", count[Sort.reminder]) % {"num": count[Sort.reminder]},
    ]
    return _("%(what)s. Allt står också i tabellen.", what=", ".join(told))


def _face(dial: _Dial, today: date) -> Markup:
    """Twelve months with their names, and July shaded: then the network rests."""
    firsts = [date(dial.year, month, 1) for month in range(1, 13)]
    july, august = firsts[JULY - 1], firsts[JULY]
    (x, y), (to_x, to_y) = dial.point(july, RIM, part=0), dial.point(august, RIM, part=0)
    parts = [
        Markup('<circle class="f-surface s-line" cx="{c}" cy="{c}" r="{r}"/>').format(c=CENTRE, r=RIM),
        Markup('<path class="rest" d="M{c} {c}L{x} {y}A{r} {r} 0 0 1 {to_x} {to_y}Z"/>').format(
            c=CENTRE, r=RIM, x=x, y=y, to_x=to_x, to_y=to_y
        ),
    ]
    for first in firsts:
        (inner_x, inner_y), (x, y) = dial.point(first, HUB, part=0), dial.point(first, RIM, part=0)
        parts.append(Markup('<line class="s-line" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(inner_x, inner_y, x, y))
        text_x, text_y = dial.name(first + timedelta(days=14))
        is_now = (first.year, first.month) == (today.year, today.month)
        name = LANGUAGES[current_locale()].months[first.month - 1][:3]
        parts.append(Markup('<text class="month{}" x="{}" y="{}">{}</text>').format(" strong" if is_now else "", text_x, text_y, name))
    return Markup("").join(parts)


def _placed(marks: Sequence[Mark], year: int) -> list[tuple[Mark, int, int]]:
    """Each mark with its lane (how many it has outside itself in its ring) and its number among its sort."""
    ends: dict[tuple[Sort, int], date] = {}
    numbers = dict.fromkeys(Sort, 0)
    placed = []
    for mark in marks:
        numbers[mark.sort] += 1
        most = MOST_LANES.get(mark.sort, 2)
        free = [lane for lane in range(most) if ends.get((mark.sort, lane), date.min) < mark.first]
        lane = free[0] if free else most - 1
        ends[mark.sort, lane] = min(mark.last, date(year, 12, 31)) + timedelta(days=DAYS_WIDE[mark.sort])
        placed.append((mark, lane, numbers[mark.sort]))
    return placed


def _drawn(dial: _Dial, mark: Mark, lane: int, number: int, base: str) -> Markup:
    """The mark, with its words; a link where it has a page."""
    outermost, step = RINGS[mark.sort]
    shown = f" {number}" if mark.sort == Sort.meeting else ""  # its name has what one sees of it (WCAG 2.5.3)
    said = escape(f"{words_of(mark.sort)}{shown}: {mark.title}, {when(mark)}")
    shape = Markup("<title>{}</title>").format(said) + _shape(dial, mark, outermost - lane * step, number)
    if mark.path:
        return Markup('<a href="{}" aria-label="{}">{}</a>').format(base + mark.path, said, shape)
    return Markup("<g>{}</g>").format(shape)


def _shape(dial: _Dial, mark: Mark, radius: float, number: int) -> Markup:
    x, y = dial.point(mark.first, radius)
    if mark.sort == Sort.meeting:
        return Markup('<circle class="f-petrol" cx="{x}" cy="{y}" r="13"/><text class="on" x="{x}" y="{y}">{n}</text>').format(
            x=x, y=y, n=number
        )
    if mark.sort == Sort.board:
        return Markup('<path class="f-ink" d="M{} {}l7.5 7.5l-7.5 7.5l-7.5 -7.5z"/>').format(x, y - 7.5)
    if mark.sort == Sort.cutoff:
        return Markup('<path class="f-surface s-ink" d="M{} {}l6.5 11h-13z"/>').format(x, y - 6.5)
    if mark.sort == Sort.reminder:
        return Markup('<rect class="f-surface s-petrol" x="{}" y="{}" width="12" height="12" rx="2"/>').format(x - 6, y - 6)
    first, last = max(mark.first, date(dial.year, 1, 1)), min(mark.last, date(dial.year, 12, 31))
    end_x, end_y = dial.point(last, radius)
    if mark.sort == Sort.call:
        bar = Markup('<path class="arc broken s-edge" d="{}"/>').format(dial.arc(first, last, radius))
        closes = Markup('<rect class="f-ink" x="{:.1f}" y="{:.1f}" width="9" height="9"/>').format(end_x - 4.5, end_y - 4.5)
    else:
        bar = Markup('<path class="arc s-edge" d="{}"/>').format(dial.arc(first, last, radius))
        closes = Markup('<circle class="f-ink" cx="{}" cy="{}" r="4.5"/>').format(end_x, end_y)
    return bar + (closes if last == mark.last else "")


def _hand(dial: _Dial, today: date) -> Markup:
    (x, y), (to_x, to_y) = (dial.point(today, radius) for radius in HAND)
    line = Markup('<g class="today"><line x1="{}" y1="{}" x2="{}" y2="{}"/><circle cx="{}" cy="{}" r="5"/></g>')
    return line.format(x, y, to_x, to_y, to_x, to_y)


def _hub(year: int, today: date) -> Markup:
    """The year, and today's week in it."""
    shown = week(today, current_locale()) if today.year == year else ""
    hub = Markup('<circle class="hub" cx="{c}" cy="{c}" r="{r}"/><text class="year" x="{c}" y="{y}">{year}</text>')
    below = Markup('<text class="week" x="{}" y="{}">{}</text>').format(CENTRE, CENTRE + 26, shown) if shown else Markup("")
    return hub.format(c=CENTRE, r=HUB, y=CENTRE - 8 if shown else CENTRE, year=year) + below


def sign(sort: Sort) -> Markup:
    """The shape of a sort, alone, for the legend and the table."""
    shapes = {
        Sort.meeting: '<circle class="f-petrol" cx="9" cy="9" r="7"/>',
        Sort.board: '<path class="f-ink" d="M9 2l7 7l-7 7l-7 -7z"/>',
        Sort.cutoff: '<path class="f-surface s-ink" d="M9 3l6.5 11h-13z"/>',
        Sort.window: '<path class="arc s-edge" d="M1 9h12"/><circle class="f-ink" cx="14" cy="9" r="3.5"/>',
        Sort.call: '<path class="arc broken s-edge" d="M0 9h12"/><rect class="f-ink" x="11" y="6" width="6" height="6"/>',
        Sort.reminder: '<rect class="f-surface s-petrol" x="3" y="3" width="12" height="12" rx="2"/>',
        Sort.foreign: '<path class="s-ink hatch" d="M2 5h14M2 9h14M2 13h14"/>',
    }
    return Markup('<svg class="sign" viewBox="0 0 18 18" aria-hidden="true" focusable="false">{}</svg>').format(Markup(shapes[sort]))  # noqa: S704
