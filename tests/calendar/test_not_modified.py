"""When a client has the feed already: RFC 9110 section 13, and no answer 304 that lies."""

from datetime import UTC, datetime

import pytest

from portal.ical import not_modified

CHANGED = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("if_none_match", "unchanged"),
    [
        ('"tag"', True),
        ('W/"tag"', True),
        (' "tag" ', True),
        ('"old", "tag"', True),
        ('"old",W/"tag","older"', True),
        ('"with, comma" , "tag"', True),
        ("*", True),
        (" * ", True),
        ('"old"', False),
        ('"tag-gzip"', False),
        ("tag", False),
        ('"tag', False),
        ("", False),
        ('"*"', False),
        ('w/"other"', False),
        ('"TAG"', False),
        (",".join(['"x"'] * 3000), False),
        ("å\x00\udcff", False),
    ],
)
def test_if_none_match_decides_alone(if_none_match: str, unchanged: bool) -> None:
    for since in (None, "Sun, 01 Feb 2026 09:00:00 GMT"):
        asked = not_modified(if_none_match=if_none_match, if_modified_since=since, etag='"tag"', last_modified=CHANGED)
        assert asked is unchanged


@pytest.mark.parametrize(
    ("since", "unchanged"),
    [
        ("Sun, 01 Feb 2026 09:00:00 GMT", True),
        ("Sun, 01 Feb 2026 09:00:01 GMT", False),
        ("Sun, 01 Feb 2026 08:59:59 GMT", False),
        ("Tue, 01 Feb 2028 09:00:00 GMT", False),
        ("yesterday", False),
        ("", False),
        (None, False),
    ],
)
def test_a_date_counts_only_if_it_is_the_very_one_we_sent(since: str | None, unchanged: bool) -> None:
    asked = not_modified(if_none_match=None, if_modified_since=since, etag='"tag"', last_modified=CHANGED)
    assert asked is unchanged


def test_a_date_never_counts_without_a_stored_moment() -> None:
    since = "Sun, 01 Feb 2026 09:00:00 GMT"
    assert not_modified(if_none_match=None, if_modified_since=since, etag='"tag"') is False
