"""Who said what about what."""

from portal.demo.content.finding_threads import FINDINGS
from portal.demo.content.housing_thread import HOUSING
from portal.demo.content.recent_threads import CALLS, RECENT

ALL = (HOUSING, *FINDINGS, *RECENT, *CALLS)
