"""The cookies that the portal sets, as the page about them lists them. A test compares the list with what is set."""

from dataclasses import dataclass

from portal.web import Frame, _l


@dataclass(frozen=True)
class KnownCookie:
    name: str
    purpose: object
    lasts: object


def cookies(frame: Frame) -> list[KnownCookie]:
    """Every cookie by the name that browsers see."""
    return [
        KnownCookie(
            frame.cookie("sid"),
            _l("Håller dig inloggad. Den är en slumpad nyckel och säger inget om dig."),
            _l("Tills du loggar ut eller stänger webbläsaren. Med Kom ihåg mig i 30 dagar."),
        ),
        KnownCookie(
            frame.cookie("browser"),
            _l("Knyter formulär och inloggningskoder till din webbläsare, så att ingen annan kan använda dem."),
            _l("Ett år"),
        ),
        KnownCookie("language", _l("Minns om du valt svenska eller engelska."), _l("Ett år, eller tills du loggar ut")),
        KnownCookie("theme", _l("Minns om du valt ljust eller mörkt."), _l("Ett år, eller tills du loggar ut")),
        KnownCookie("flash", _l("Bär en kort bekräftelse till nästa sida, som Sparat."), _l("En minut")),
    ]
