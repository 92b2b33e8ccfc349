"""Every text of a template is said through the catalogue."""

import re
from pathlib import Path

import pytest

from portal.web.templates import TEMPLATES
from tests.language.markup import written_out

# Names of things, which are the same in every language, and the two languages in their own words.
NAMES = {"Apple", "PDF", "Word", "Have your say", "imy.se", "Svenska", "English", "Europe/Brussels", "Europe/Stockholm"}
# A macro that writes attributes, not text.
ATTRIBUTES = 'aria-invalid="true" aria-describedby="'


def texts(template: Path) -> set[str]:
    return set(written_out(template.read_text(encoding="utf-8"))) - {ATTRIBUTES}


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_spells_out_nothing_but_names(template: Path):
    assert texts(template) - NAMES == set()


def test_a_record_is_shown_by_its_heading_which_is_in_the_readers_language():
    read = {path.name: re.findall(r"\brecord\.(?:title|heading)\b", path.read_text(encoding="utf-8")) for path in TEMPLATES.rglob("*.html")}
    assert set(read["record.html"]) == {"record.heading"}
    assert [name for name, found in read.items() if "record.title" in found] == []


def test_every_name_that_is_allowed_is_used():
    assert NAMES - set().union(*map(texts, TEMPLATES.rglob("*.html"))) == set()


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("<p>Sparat</p>", ["Sparat"]),
        ('<p>{{ _("Sparat") }} kl. 13</p>', ["kl. 13"]),
        ("{% if late %}för sent{% endif %}", ["för sent"]),
        ('<a title="Ändra" href="/edit"></a>', ["Ändra"]),
        ('<a aria-label="{{ _("Sök") }} nu"></a>', ["nu"]),
        ('<input type="submit" value="Spara"><input name="q" value="bostad">', ["Spara"]),
        ('<p data-failed="Inte sparat."></p>', ["Inte sparat."]),
        ('{{ buttons("Spara") }}', ["Spara"]),
        ('{{ buttons(_("Spara"), ("Tillbaka", "/")) }}', ["Tillbaka"]),
        ('{% call notice("warn") %}<p>Se upp!</p>{% endcall %}', ["Se upp!"]),
    ],
)
def test_a_text_that_is_spelled_out_is_found(template: str, texts: list[str]):
    assert written_out(template) == texts


@pytest.mark.parametrize(
    "template",
    [
        '<p>{{ _("Sparat") }} · {{ when }}</p>',
        '{{ ngettext("%(num)d fel", "%(num)d fel", n) }}{{ pgettext("på en kommentar", "Svara") }}',
        "{% trans %}Spara allt{% endtrans %}",
        "{# Sparas inte #}",
        '<html lang="{{ locale }}"><p lang="sv">Ett citat <b>på svenska</b></p></html>',
        "<kbd>Esc</kbd><code>KS 2026/118</code>",
        '{% block main_class %}narrow{% endblock %}<a class="{{ "btn" if x else "btn-primary" }}" href="/Sparat" data-go="up">{{ icon("arrow-up") }}</a>',
    ],
)
def test_what_the_catalogue_or_the_content_says_is_not(template: str):
    assert written_out(template) == []
