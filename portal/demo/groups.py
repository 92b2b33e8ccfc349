"""A working group of four, and the series in which it meets: every fourth week, but not on days when people are free."""

from datetime import time

from portal.demo import days
from portal.demo.stage import Stage
from portal.meetings import series
from portal.meetings.recurrence import Repeats
from portal.meetings.series_models import SeriesForm
from portal.networks import groups
from portal.networks.group_models import GroupForm, GroupPlaceForm, WorkingGroup

FOUNDED, PLANNED = (29, "13.40"), (27, "9.35")
FIRST, EVERY, TIMES = 52, 4, 3  # after the next meeting of the whole network, whatever July or Christmas does to it


def put_groups(stage: Stage, by: str) -> None:
    found: list[WorkingGroup] = []
    stage.put(stage.ago(*FOUNDED), _found, by, found)
    stage.put(stage.ago(*PLANNED), _plan, by, found)


async def _found(stage: Stage, by: str, found: list[WorkingGroup]) -> None:
    form = GroupForm(
        name="Bostäder och energi",
        purpose="Vi följer det som EU gör om byggnader, energi och bostäder, och förbereder våra svar innan hela nätverket tar ställning.",
        lead_id=stage.members["hanna"].id,
    )
    group = await groups.add(stage.session, by=stage.members[by], form=form)
    for key in ("olof", "emil", "pelle"):
        await groups.let_in(stage.session, group, by=stage.members[by], form=GroupPlaceForm(member_id=stage.members[key].id))
    found.append(group)


async def _plan(stage: Stage, by: str, found: list[WorkingGroup]) -> None:
    form = SeriesForm(
        title="Arbetsmöte: bostäder och energi",
        day=days.meeting_day(stage.today, FIRST),
        starts=time(9),
        ends=time(10),
        place="Digitalt",
        online_url="https://mote.grankoping.example/energi",
        purpose="Kort avstämning: vad har hänt, vem läser vad till nästa gång?",
        repeats=Repeats.weeks,
        every=EVERY,
        times=4 * TIMES,
    )
    working = [day for day in form.all_days if days.is_working_day(day)][:TIMES]
    await series.plan(stage.session, by=stage.members[by], form=form.model_copy(update={"days": working}), group=found[0])
