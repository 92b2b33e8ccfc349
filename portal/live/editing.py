"""Shared texts as sockets see them: changes that are shown at once and stored soon, and who may point where."""

from collections.abc import Awaitable, Callable, Sequence

from portal.live import frames
from portal.live.cursors import Cursors
from portal.live.doors import Edited, Texts
from portal.live.reader import Subscription
from portal.live.streams import Streams

LONGEST_UPDATE = 1 << 20
RIGHTS = ("may_not_write", "locked")

MayWrite = Callable[[Subscription], Awaitable[bool]]


class Editing:
    """`may_write` is asked for every change; it answers from memory as long as nothing has changed."""

    def __init__(self, streams: Streams, cursors: Cursors, texts: Texts, may_write: MayWrite) -> None:
        self._streams = streams
        self._cursors = cursors
        self._texts = texts
        self._may_write = may_write

    async def edit(self, subscription: Subscription, wish: frames.Edit) -> None:
        """Hand the change on, if she may write here."""
        stream, reader = wish.stream, subscription.reader

        def refused(reason: str) -> None:
            if reason in RIGHTS:
                subscription.writing_seen = None
            reader.send(frames.unsaved(stream, wish.ref, reason))

        number, before = subscription.part
        if number == wish.ref and before is None:  # the rest of one that is refused already
            return
        update, subscription.part = (before or "" if number == wish.ref else "") + wish.update, (None, None)
        if len(update) > LONGEST_UPDATE:
            subscription.part = (wish.ref, None)
            refused("too_large")
        elif not await self._may_write(subscription):
            refused("may_not_write")
        elif wish.more:
            subscription.part = (wish.ref, update)
        else:
            await self._texts.edit(
                Edited(
                    stream_id=stream,
                    person_id=reader.viewer.person_id,
                    update=update,
                    page=subscription,
                    saved=lambda: reader.send(frames.saved(stream, wish.ref)),
                    refused=refused,
                    owners=lambda: self._owners(stream),
                    show=lambda changes: self._show(stream, changes),
                    startle=lambda: self._streams.startle(stream),
                )
            )

    def _owners(self, stream: int) -> dict[int, int]:
        return {each.client: each.reader.viewer.person_id for each in self._streams.followers(stream) if each.client is not None}

    def _show(self, stream: int, changes: Sequence[tuple[Edited, str]]) -> None:
        """One frame for all that has come at once, and the same bytes for everybody but those who wrote some of it."""
        ready = frames.edit(stream, [update for _edited, update in changes])
        theirs: dict[object, list[str]] = {edited.page: [] for edited, _update in changes}
        for page, others in theirs.items():
            others += [update for edited, update in changes if edited.page is not page]
        for each in self._streams.followers(stream):
            if each not in theirs:
                each.reader.send(ready)
            elif theirs[each]:
                each.reader.send(frames.edit(stream, theirs[each]))

    async def point(self, subscription: Subscription, wish: frames.Cursor) -> None:
        """Show the others her cursor, under her own name; with a client that is another's, or a second one, nobody sees anything."""
        others = [each for each in self._streams.followers(wish.stream) if each is not subscription]
        is_own = subscription.client in (None, wish.client) and all(each.client != wish.client for each in others)
        is_own &= not self._cursors.is_others(wish.stream, wish.client, subscription.reader.viewer.person_id)
        is_own &= self._texts.writes_as(wish.stream, wish.client) in (None, subscription.reader.viewer.person_id)
        if not is_own or not await self._may_write(subscription):
            subscription.reader.send(frames.error(frames.MEMBERSHIP_ENDED, "not_yours" if not is_own else "may_not_write", wish.ref))
            return
        if subscription.client is None:
            self._texts.expect(wish.stream)
        self._cursors.point(subscription, wish)
