"""What a browser calls itself, in words that its owner knows again."""

from portal.web import _

# In this order: Edge and Opera also call themselves Chrome, Chrome also Safari, Android also Linux, iPhones also Mac.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
HANDHELD = {"iPhone", "iPad", "Android"}


def device_name(agent: str) -> str:
    """As in "Firefox på Windows", from a User-Agent header (RFC 9110, section 10.1.5)."""
    browser = next((name for mark, name in BROWSERS if mark in agent), None)
    system = next((name for mark, name in SYSTEMS if mark in agent), None)
    if browser and system:
        return _("%(browser)s på %(system)s", browser=browser, system=system)
    return browser or system or _("Okänd webbläsare")


def is_handheld(agent: str) -> bool:
    """Whether it is a phone or a tablet."""
    return any(mark in agent for mark in HANDHELD)
