"""Findings are shared and their fates decided; one is still a draft."""

from portal.demo.shapes import Decided, Spotted
from portal.demo.stage import Stage
from portal.findings import actions
from portal.findings.models import DraftForm, FateForm, FindingForm
from portal.records import actions as records


def put_finding(stage: Stage, spotted: Spotted, *, triaged_by: str) -> None:
    stage.put(stage.ago(spotted.ago, spotted.at), _publish, spotted)
    if spotted.decided is not None:
        stage.put(stage.ago(spotted.decided.ago, spotted.decided.at), _decide, spotted.key, spotted.decided, triaged_by)
    if spotted.shared is not None:
        guest, ago, at = spotted.shared
        stage.put(stage.ago(ago, at), _share, spotted.key, guest, triaged_by)


def put_draft(stage: Stage, spotted: Spotted) -> None:
    """Something begun and not shared: only its author and the coordinator can see it."""
    stage.put(stage.ago(spotted.ago, spotted.at), _keep, spotted)


async def _publish(stage: Stage, spotted: Spotted) -> None:
    by = stage.members[spotted.by]
    form = FindingForm(
        title=spotted.title,
        source_url=spotted.url,
        happens=spotted.happens,
        means=spotted.means,
        themes=stage.theme_ids(by, spotted.themes),
    )
    stage.findings[spotted.key] = await actions.publish(stage.session, by=by, form=form)


async def _keep(stage: Stage, spotted: Spotted) -> None:
    by = stage.members[spotted.by]
    form = DraftForm(
        title=spotted.title,
        source_url=spotted.url or "",
        happens=spotted.happens,
        means=spotted.means,
        themes=stage.theme_ids(by, spotted.themes),
    )
    await actions.keep_draft(stage.session, by=by, form=form)


async def _decide(stage: Stage, key: str, decided: Decided, by: str) -> None:
    form = FateForm(fate=decided.fate, reason=decided.reason)
    await actions.decide(stage.session, stage.findings[key], by=stage.members[by], form=form)


async def _share(stage: Stage, key: str, guest: str, by: str) -> None:
    await records.share(stage.session, stage.record(key), by=stage.members[by], guest=stage.members[guest])
