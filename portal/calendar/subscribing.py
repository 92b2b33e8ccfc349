"""One address in the forms that each calendar program wants it in. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

# Microsoft's and Google's own pages for subscribing; both ask their user before they do.
OUTLOOK = "https://outlook.office.com/calendar/0/addfromweb"
GOOGLE = "https://calendar.google.com/calendar/r"


@dataclass(frozen=True)
class Address:
    """A feed's address (https), and what the calendar is called."""

    url: str
    name: str

    @property
    def webcal(self) -> str:
        """Opens Apple's calendars, and Thunderbird where it is the one for this scheme."""
        return "webcal:" + self.url.partition(":")[2]

    @property
    def outlook(self) -> str:
        """Outlook on the web. It refuses webcal, so it gets the address as it is."""
        return f"{OUTLOOK}?{urlencode({'url': self.url, 'name': self.name})}"

    @property
    def google(self) -> str:
        """Google's page takes what has the scheme of a subscription; an https address would be looked up among its own calendars."""
        return f"{GOOGLE}?{urlencode({'cid': self.webcal})}"
