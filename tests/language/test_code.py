"""Sentences in the Python code are said through the catalogue."""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.app import create_app
from portal.web import Refused
from tests.language.markup import TRANSLATORS, is_words

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "portal").rglob("*.py"))
SAID_AS = {"flash", "errors", "message", "subject"}
# Content and tables of language: Swedish whatever language the page is shown in.
CONTENT = {"portal/demo", "portal/styleguide", "portal/search/swedish.py", "portal/words.py", "portal/ical.py", "portal/networks/dates.py"}
CONTENT_OF = {
    "portal/comments/markdown.py": {"A-Za-zÀ-ÖØ-öø-ÿ"},  # letters, no words
    "portal/consultations/actions.py": {"Våra synpunkter", "Förslag till ändringar"},
    "portal/records/actions.py": {"träff möte meeting", "samråd consultation"},  # searched in both languages
    "portal/meetings/queries.py": {"ö"},
    "portal/networks/actions.py": {"Värderingar", "Näringsliv"},
    "portal/networks/models.py": {"förvaltning"},
    "portal/year/models.py": {"Nätverksträff"},
}


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def literals(node: ast.AST) -> Iterator[str]:
    """String literals that no translation function takes; docstrings and keys are none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if (isinstance(node, ast.Call) and name_of(node) in TRANSLATORS) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        return
    for child in [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node):
        yield from literals(child)


def refusals(kind: type[Refused] = Refused) -> set[str]:
    return {kind.__name__}.union(*map(refusals, kind.__subclasses__()))


def shown(tree: ast.AST) -> Iterator[ast.AST]:
    """What is shown to people: refusals, flashes, subjects of mail, sentences beside fields."""
    spoken = refusals() | {"PydanticCustomError"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in spoken:
            yield from node.args
        if isinstance(node, ast.keyword) and node.arg in SAID_AS:
            yield node.value
        if isinstance(node, ast.Assign) and _is_said(node.targets[0]):
            yield node.value


def _is_said(target: ast.expr) -> bool:
    """`form.errors["name"] = …`, and `message = …` of a class of refusals."""
    if isinstance(target, ast.Subscript):
        target = target.value
    return (target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")) in SAID_AS


def unsaid(source: str) -> list[str]:
    return [text for node in shown(ast.parse(source)) for text in literals(node) if is_words(text)]


def test_every_refusal_flash_and_complaint_is_said_through_the_catalogue():
    assert create_app.__module__ == "portal.app"  # all rooms are imported, so all kinds of refusal are known
    assert {"Refused", "Conflict", "NotFound", "Forbidden", "Wrong"} <= refusals()
    found = {str(path.relative_to(ROOT)): unsaid(path.read_text(encoding="utf-8")) for path in MODULES}
    assert {path: texts for path, texts in found.items() if texts and _part(path) not in CONTENT} == {}


def test_swedish_in_the_code_is_in_the_catalogue_or_is_content():
    found = {}
    for path in MODULES:
        name = str(path.relative_to(ROOT))
        swedish = {text for text in literals(ast.parse(path.read_text(encoding="utf-8"))) if set(text.lower()) & set("åäö")}
        if swedish and _part(name) not in CONTENT:
            found[name] = swedish
    assert found == CONTENT_OF


def _part(path: str) -> str:
    return next((part for part in ("portal/demo", "portal/styleguide") if path.startswith(f"{part}/")), path)


def test_a_sentence_that_is_not_in_the_catalogue_is_found():
    assert unsaid('raise Conflict("Kommentaren har ändrats.")') == ["Kommentaren har ändrats."]
    assert unsaid('raise web.Refused(f"Bara {n} rader.", status=413)') == ["Bara "]
    assert unsaid('return redirect(request, "/", flash="Sparat.")') == ["Sparat."]
    assert unsaid('form.errors["name"] = "Fyll i fältet."') == ["Fyll i fältet."]
    assert unsaid('raise PydanticCustomError("value_error", "{error}", {"error": "Fel dag."})') == ["Fel dag."]
    assert unsaid('class Gone(Refused):\n    message = "Sidan är borta."') == ["Sidan är borta."]
    assert unsaid('raise Wrong("name", _l("Det finns redan en sådan."))') == []
    assert unsaid('return redirect(request, "/", flash=_("%(name)s är borta.", name=name) if name else None)') == []


def test_no_sentence_is_said_within_an_f_string() -> None:
    """On Python 3.11 the extractor sees an f-string as one literal, and not what is called in it."""
    found = []
    for module in MODULES:
        formatted = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.JoinedStr)]
        calls = [each for node in formatted for each in ast.walk(node) if isinstance(each, ast.Call) and name_of(each) in TRANSLATORS]
        found += [(module.name, ast.unparse(each)) for each in calls if isinstance(each.args[0], ast.Constant)]
    assert found == []
