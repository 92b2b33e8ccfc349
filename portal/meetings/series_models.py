"""What the coordinator asks for when she plans: one meeting, of the whole network or of a working group."""

from portal.fields import RowNumber
from portal.meetings.models import MeetingForm


class PlanForm(MeetingForm):
    """A meeting, and the working group that it is for, if it is not for the whole network."""

    group_id: RowNumber | None = None
