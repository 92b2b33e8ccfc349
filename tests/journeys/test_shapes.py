"""Which pages are taken to have the same faults."""

import pytest

from tests.journeys.shapes import around_main, shapes

PAGE = '<main><h1>Spaningar</h1><h2>Nya</h2><ul><li><a href="/1">Ett</a></li></ul></main>'


@pytest.mark.parametrize(
    "other",
    [
        '<main><h1>Findings</h1><h2>New</h2><ul><li><a href="/2">Two</a></li></ul></main>',
        '<main><h1>Spaningar</h1><h2>Nya</h2><ul><li><a href="/1">Ett</a></li><li><a href="/2">Två</a></li></ul></main>',
    ],
    ids=["other words", "one more of the same"],
)
def test_other_words_and_more_of_the_same_are_nothing_new(other):
    assert shapes(other) == shapes(PAGE)


@pytest.mark.parametrize(
    "other",
    [
        PAGE.replace("<li>", "<li class=new>"),
        PAGE.replace("<a ", "<a aria-label='' "),
        PAGE.replace("<a ", "<a title='Ett' "),
        PAGE.replace(">Ett<", "><"),
        PAGE.replace("h2", "h3"),
        PAGE.replace("<ul>", "<ul></ul><p>Inget</p><ul>"),
        PAGE.replace("<li>", '<li id="a">').replace("</ul>", '<li id="a"></li></ul>'),
        PAGE.replace("main", "div"),
    ],
    ids=["class", "name without words", "attribute", "without words", "heading", "element", "id twice", "around it"],
)
def test_what_a_fault_may_hang_on_is_new(other):
    assert shapes(other) - shapes(PAGE)


def test_what_is_around_main_is_told_from_what_stands_in_it():
    page = f"<body><nav><a>Hem</a></nav>{PAGE}</body>"
    same = around_main(shapes(page))
    assert around_main(shapes(page.replace("<li>", "<li class=new>"))) == same
    assert around_main(shapes(page.replace("<a>", '<a aria-current="page">'))) - same
    assert around_main(shapes(page.replace("h2", "h3"))) - same
