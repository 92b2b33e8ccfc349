"""The words for where a meeting stands, each with the kind of its mark."""

from portal.meetings.models import State
from portal.web import _l

STATES = {
    State.planned: (_l("Planerad"), "plain"),
    State.summoned: (_l("Kallelse skickad"), "open"),
    State.held: (_l("Hållen"), "soon"),
    State.finalised: (_l("Anteckningar färdigställda"), "done"),
    State.cancelled: (_l("Inställd"), "late"),
}
