"""Every table of the portal, for migrations and tests."""

from sqlmodel import SQLModel

from portal.accounts import models as accounts
from portal.activity import models as activity
from portal.calendar import models as calendar
from portal.comments import models as comments
from portal.consultations import models as consultations
from portal.drafting import models as drafting
from portal.files import models as files
from portal.findings import models as findings
from portal.funding import models as funding
from portal.live import models as live
from portal.mail import models as mail
from portal.meetings import agenda_models as agendas
from portal.meetings import models as meetings
from portal.meetings import record_models as meeting_records
from portal.meetings import series_models as series
from portal.moderation import models as moderation
from portal.networks import board_models as boards
from portal.networks import group_models as groups
from portal.networks import models as networks
from portal.notifications import models as notifications
from portal.records import models as records
from portal.sources.calendars import models as calendars
from portal.web import once
from portal.year import models as year

metadata = SQLModel.metadata
ROOMS = (
    accounts, activity, agendas, boards, calendar, calendars, comments, consultations, drafting, files, findings, funding, groups, live, mail, meetings, meeting_records,
    moderation, networks, notifications, once, records, series, year,
)  # fmt: skip
