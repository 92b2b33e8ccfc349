"""Calls are registered by whoever comes across them."""

from datetime import timedelta

from portal.demo import days
from portal.demo.shapes import Offered
from portal.demo.stage import Stage
from portal.funding import actions
from portal.funding.models import CallForm


def put_call(stage: Stage, offered: Offered) -> None:
    stage.put(stage.ago(offered.ago, offered.at), _register, offered)


async def _register(stage: Stage, offered: Offered) -> None:
    by, today = stage.members[offered.by], stage.today
    form = CallForm.model_validate(
        {
            "title_sv": offered.title,
            "title_en": offered.title_en,
            "programme": offered.programme,
            "gives": offered.gives,
            "url": offered.url,
            "opens_on": days.working(today, offered.opens),
            "closes_on": days.working(today + timedelta(days=offered.closes), 1),
            "closes_time": offered.hour,
            "zone": offered.zone,
        }
    )
    stage.calls[offered.key] = await actions.register(stage.session, by=by, form=form)
