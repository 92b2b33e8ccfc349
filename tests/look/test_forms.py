"""The form macros: labels, hints and errors belong to their field, and nothing typed is lost."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from portal.web import Form, Frame

ENVIRONMENT = Frame(key=b"test", secure=False).environment
OPTIONS = [("a", "Första"), ("b", "Andra")]
CALLS = {
    "field": 'field(form, "name", "Namn", hint="Som du heter.", max=20)',
    "area": 'area(form, "name", "Namn", hint="Som du heter.", max=20)',
    "choice": 'choice(form, "name", "Namn", options, hint="Som du heter.")',
    "radios": 'radios(form, "name", "Namn", options, hint="Som du heter.")',
    "checks": 'checks(form, "name", "Namn", options, hint="Som du heter.")',
    "checkbox": 'checkbox(form, "name", "Namn", hint="Som du heter.")',
    "date": 'date(form, "name", "Namn", hint="Som du heter.")',
}


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def show(call: str, form: "Form[Any]") -> str:
    source = '{% import "ui/forms.html" as forms %}{{ forms.' + call + " }}"
    return ENVIRONMENT.from_string(source).render(form=form, options=OPTIONS)


@pytest.mark.parametrize("macro", CALLS)
def test_an_error_and_a_hint_are_tied_to_their_field(macro: str) -> None:
    html = show(CALLS[macro], Form(errors={"name": "Skriv ditt namn."}))
    elements = Elements(html).found
    ids = {attrs["id"] for _tag, attrs in elements if "id" in attrs}
    described = next(attrs for _tag, attrs in elements if "aria-describedby" in attrs)
    assert described["aria-invalid"] == "true"
    assert {"f-name-hint", "f-name-error"} <= set((described["aria-describedby"] or "").split()) <= ids
    assert "Skriv ditt namn." in html


@pytest.mark.parametrize("macro", CALLS)
def test_the_summary_leads_to_the_field(macro: str) -> None:
    form = Form[Any](errors={"name": "Skriv ditt namn."})
    target = re.search(r'href="#([^"]+)"', show("summary(form)", form))
    assert target is not None
    assert target[1] in {
        attrs.get("id") for tag, attrs in Elements(show(CALLS[macro], form)).found if tag in ("input", "textarea", "select")
    }


def test_only_optional_fields_say_so() -> None:
    assert "(valfritt)" in show('field(form, "name", "Namn")', Form())
    required = show('field(form, "name", "Namn", required=True)', Form())
    assert "(valfritt)" not in required
    assert 'aria-required="true"' in required


def test_what_was_typed_stands_in_the_field_again() -> None:
    typed = Form[Any](values={"name": '  <b>"x"</b>\n', "several": ["b"], "one": "a"})
    assert "  &lt;b&gt;&#34;x&#34;&lt;/b&gt;\n</textarea>" in show('area(form, "name", "Namn", value="annat")', typed)
    assert [
        attrs.get("value") for _tag, attrs in Elements(show('checks(form, "several", "Val", options)', typed)).found if "checked" in attrs
    ] == ["b"]
    assert [
        attrs.get("value") for _tag, attrs in Elements(show('radios(form, "one", "Val", options)', typed)).found if "checked" in attrs
    ] == ["a"]


def test_a_password_is_never_sent_back() -> None:
    assert "hemligt" not in show('field(form, "password", "Lösenord", type="password")', Form(values={"password": "hemligt"}))


def test_too_long_a_text_is_not_cut_while_pasting() -> None:
    html = show(CALLS["area"], Form(values={"name": "x" * 30}))
    assert "maxlength" not in html
    assert "x" * 30 in html
