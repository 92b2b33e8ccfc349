"""What each measure should be of its bare limit, and what it is in this run."""

from bench.load import Measured

PAGE_LIMIT = "limit: Litestar + Jinja, 20 comments, no database, 16"
POST_LIMIT = "limit: counter, comment, event, notify + commit, 16, 100"
FEED_LIMIT = "limit: a body made once, Litestar, 16"

# measure, its limit, how much of the limit's rate it should reach
RATES = (
    ("thread page, 20 comments, 16 at once", PAGE_LIMIT, 0.4),
    ("thread page, 100 comments, 16 at once", PAGE_LIMIT, 0.4),
    ("thread page, 1000 comments, 16 at once", PAGE_LIMIT, 0.4),
    ("comments, 16 writers, 100 threads, durable", POST_LIMIT, 0.4),
    ("calendar feed, 60 events, 304, 16", FEED_LIMIT, 0.4),
    ("calendar feed, 1000 events, 304, 16", FEED_LIMIT, 0.4),
)
# measure, its limit, how many times its p99 it may take
SLOWEST = (("thread page, 20 comments, 16 at once", PAGE_LIMIT, 3),)
# measure, its limit, how many times as long as the limit it may take
TIMES = (
    ("calendar feed, 60 events, after a change", "limit: icalendar alone, 60 events", 1.3),
    ("calendar feed, 1000 events, after a change", "limit: icalendar alone, 1000 events", 1.3),
)


def words(measured: list[Measured]) -> list[str]:
    """A line for each measure that was taken together with its limit."""
    found = {each.name: each for each in measured}
    lines = []
    for name, limit, target in RATES:
        if name in found and limit in found:
            ratio = found[name].per_second / found[limit].per_second
            lines.append(f"{name}: {ratio:.2f} of “{limit.removeprefix('limit: ')}” (target {target})")
    for name, limit, target in SLOWEST:
        if name in found and limit in found:
            ratio = found[name].at(99) / found[limit].at(99)
            lines.append(f"{name}: p99 {ratio:.2f} times that of “{limit.removeprefix('limit: ')}” (target {target} at most)")
    for name, limit, target in TIMES:
        if name in found and limit in found:
            ratio = found[name].at(50) / found[limit].at(50)
            lines.append(f"{name}: {ratio:.2f} times “{limit.removeprefix('limit: ')}” (target {target} at most)")
    return lines
