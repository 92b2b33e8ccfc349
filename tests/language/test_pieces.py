"""A piece that is kept shows what it would show if it were made anew, and of nobody what is her own."""

from datetime import UTC, date, datetime

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.exceptions import UndefinedError
from markupsafe import Markup

from portal.web.language import speaking
from portal.web.pieces import Pieces, own
from portal.web.templates import environment

HOSTILE = "<i>&\"'x"
TEMPLATES = {
    "shown": "[{{ value }}]",
    "truth": "{{ 'yes' if value is true else value }}",
    "own": "<p>{{ shared }}</p>{{ mine }}<b>{{ mine }}</b>{% if long %}{{ hers }}{% endif %}",
    "measured": "{{ mine | upper }}",
    "asked": "{% if mine %}a{% endif %}",
    "counted": "{{ mine | length }}",
    "asks": "{% if value %}{{ nobody }}{% endif %}",
}


@pytest.fixture
def pieces() -> Pieces:
    return Pieces(Environment(loader=DictLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined))


def test_what_looks_alike_to_a_dictionary_is_told_apart(pieces: Pieces):
    for template, value, shown in (
        ("shown", Markup("<b>"), "[<b>]"),
        ("shown", "<b>", "[&lt;b&gt;]"),
        ("truth", 1, "1"),
        ("truth", True, "yes"),
        ("shown", date(2026, 11, 26), "[2026-11-26]"),
        ("shown", ("a", 1), "[(&#39;a&#39;, 1)]"),
    ):
        assert pieces.piece(template, value=value) == shown
        assert pieces.piece(template, value=value).encoded == shown.encode()  # and when it is taken out again


def test_what_is_somebodys_own_is_shown_to_her_alone(pieces: Pieces):
    first = pieces.piece("own", shared=HOSTILE, mine=own(HOSTILE), hers=own("unseen"), long=False)
    assert first == "<p>&lt;i&gt;&amp;&#34;&#39;x</p>&lt;i&gt;&amp;&#34;&#39;x<b>&lt;i&gt;&amp;&#34;&#39;x</b>"
    second = pieces.piece("own", shared=HOSTILE, mine=own("å"), hers=own("seen"), long=False)
    assert second == "<p>&lt;i&gt;&amp;&#34;&#39;x</p>å<b>å</b>"
    assert second.encoded == str(second).encode()
    assert (
        pieces.piece("own", shared="s", mine=own(Markup("<u>")), hers=own(HOSTILE), long=True)
        == "<p>s</p><u><b><u></b>&lt;i&gt;&amp;&#34;&#39;x"
    )


def test_words_that_are_typed_never_take_a_place(pieces: Pieces):
    typed = "\0mine\0 \0:mine\0 {{ mine }}"
    assert pieces.piece("own", shared=typed, mine=own(typed), hers=own(""), long=False) == f"<p>{typed}</p>{typed}<b>{typed}</b>"


@pytest.mark.parametrize("value", [datetime(2026, 11, 26, tzinfo=UTC), object(), ["a"], (Markup("<b>"),), 1.5])
def test_what_changes_or_looks_like_something_else_keeps_no_piece(pieces: Pieces, value: object):
    with pytest.raises(TypeError):
        pieces.piece("shown", value=value)


def test_a_piece_sees_what_it_is_given_and_nothing_else(pieces: Pieces):
    assert pieces.piece("asks", value=False) == ""
    with pytest.raises(UndefinedError):
        pieces.piece("asks", value=True)


@pytest.mark.parametrize("template", ["measured", "asked", "counted"])
def test_a_piece_does_nothing_with_what_is_ones_own_but_to_put_it_out(pieces: Pieces, template: str):
    """For the next one it would be as it was for the first."""
    with pytest.raises(ValueError, match="does more"):
        pieces.piece(template, mine=own(""))


def test_a_large_piece_is_made_each_time_and_takes_no_room(pieces: Pieces):
    for value in ("kept", "k" * 160_000, '"' * 8_000 + "🙂"):
        assert pieces.piece("shown", value=value) == pieces.piece("shown", value=value)
    assert pieces._made.cache_info().currsize == 1


def test_no_piece_knows_what_time_it_is():
    with speaking("sv"):
        made = environment("sv").from_string("{{ piece('ui/_footer.html', locale='sv', csrf=own(''), back=own('/')) }}").render()
        assert "Tillgänglighet" in made
        pieces = environment("sv").globals["piece"].__self__
        template = pieces._environment.from_string("{% import 'ui/bits.html' as bits %}{{ bits.when(day) }}")
        with pytest.raises(TypeError, match="changes with the hour"):
            template.render(day=date(2026, 11, 26))
        with pytest.raises(UndefinedError):
            pieces._environment.from_string("{{ now() }}").render()
