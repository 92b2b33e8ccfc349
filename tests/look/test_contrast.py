"""WCAG contrast of every pair of colours that meet on a page, computed from the tokens."""

import math
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
PAIR = re.compile(r"--([\w-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\);")
GROUNDS = ("paper", "surface", "sunken")
TEXT = [(ink, ground) for ink in ("ink", "ink-2", "petrol", "gold", "red", "green") for ground in GROUNDS] + [
    ("ink", "petrol-soft"),
    ("ink-2", "petrol-soft"),
    ("petrol", "petrol-soft"),
    ("on-petrol", "petrol"),
    ("on-petrol", "petrol-deep"),
    ("ink", "gold-soft"),
    ("gold", "gold-soft"),
    ("ink", "red-soft"),
    ("red", "red-soft"),
    ("ink", "green-soft"),
    ("green", "green-soft"),
    *(("surface", f"writer-{n}") for n in range(6)),
]
SHAPES = [(edge, ground) for edge in ("edge", "petrol", "gold", "red") for ground in GROUNDS] + [("petrol", "petrol-soft")]
THEMES = ("light", "dark")

Colour = tuple[float, float, float]


def tokens() -> dict[str, tuple[Colour, Colour]]:
    found = {name: (_oklch(light), _oklch(dark)) for name, light, dark in PAIR.findall(TOKENS.read_text(encoding="utf-8"))}
    assert len(found) >= 17, "the tokens are no longer written as light-dark(oklch(…), oklch(…))"
    return found


def _oklch(text: str) -> Colour:
    lightness, chroma, hue = text.split()
    return float(lightness.rstrip("%")) / 100, float(chroma), math.radians(float(hue))


def linear_srgb(colour: Colour) -> Colour:
    """OKLCH → linear sRGB, clipped to the screen's range (Ottosson's matrices, as in CSS Color 4)."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return tuple(min(1.0, max(0.0, each)) for each in (red, green, blue))  # type: ignore[return-value]


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2, 1.4.3: (L1 + 0.05) / (L2 + 0.05) of the relative luminances."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = linear_srgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.01)


def test_the_srgb_red_of_css_color_4_has_its_known_luminance() -> None:
    assert _luminance((0.62796, 0.25768, math.radians(29.23388))) == pytest.approx(0.2126, abs=0.001)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, theme: str) -> None:
    colours, side = tokens(), THEMES.index(theme)
    assert contrast(colours[ink][side], colours[ground][side]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_edges_of_controls_and_shapes_of_pictures_can_be_seen(shape: str, ground: str, theme: str) -> None:
    colours, side = tokens(), THEMES.index(theme)
    assert contrast(colours[shape][side], colours[ground][side]) >= 3


def test_an_empty_box_is_drawn_in_our_colours() -> None:
    """A browser's own is filled with grey in the dark, as if it could not be ticked; the pair below is measured above."""
    rule = re.search(
        r':where\(input\[type="checkbox"\], input\[type="radio"\]\) \{([^&]*)', (TOKENS.parent / "form.css").read_text(encoding="utf-8")
    )
    assert rule
    told = dict(re.findall(r"([\w-]+): ([^;]+);", rule[1]))
    assert (told["appearance"], told["border"], told["background"]) == ("none", "1.5px solid var(--edge)", "var(--surface)")
    assert {("edge", "surface"), ("edge", "paper")} <= set(SHAPES)
