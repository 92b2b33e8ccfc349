"""Signals: one word to the open pages of a network that something has changed, at most once a second for each subject."""

import asyncio
from asyncio import TimerHandle

from portal.live import frames
from portal.live.reader import Reader

EVERYTHING = "*"
ONCE_IN = 1.0
MARGIN = 2.0
MOST_REMEMBERED = 2000

Subject = tuple[int, str]


class Signals:
    """Who hears which network. Remembers when each subject last changed, for pages that come a moment later."""

    def __init__(self) -> None:
        self._readers: dict[int, set[Reader]] = {}
        self._heard_at: dict[Subject, float] = {}
        self._sent_at: dict[Subject, float] = {}
        self._due: dict[Subject, TimerHandle] = {}
        self._complete_since = float("inf")

    def heard(self, network: int, what: str) -> None:
        """Pass it on: now, or when the second is over."""
        loop = asyncio.get_running_loop()
        subject = (network, what)
        self._heard_at.pop(subject, None)
        self._heard_at[subject] = loop.time()
        if len(self._heard_at) > MOST_REMEMBERED:
            self._forget()
        if subject in self._due or network not in self._readers:
            return
        wait = self._sent_at.get(subject, 0.0) + ONCE_IN - loop.time()
        self._due[subject] = loop.call_later(max(0.0, wait), self._send, subject)

    def everything(self) -> None:
        """Signals may have gone by unheard until now: whoever is here looks at everything."""
        self._complete_since = asyncio.get_running_loop().time()
        for network in self._readers:
            self.heard(network, EVERYTHING)

    def join(self, reader: Reader, network: int, age: float | None) -> None:
        """From now on; and what has changed in the `age` seconds since the page was made or last heard anything."""
        reader.networks.add(network)
        self._readers.setdefault(network, set()).add(reader)
        since = None if age is None else asyncio.get_running_loop().time() - age - MARGIN
        if since is None or since <= self._complete_since:
            reader.send(frames.signal(network, EVERYTHING))
            return
        for (of_network, what), moment in self._heard_at.items():
            if of_network == network and moment >= since:
                reader.send(frames.signal(network, what))

    def leave(self, reader: Reader, network: int) -> None:
        reader.networks.discard(network)
        readers = self._readers.get(network, set())
        readers.discard(reader)
        if not readers:
            self._readers.pop(network, None)

    def stop(self) -> None:
        for timer in self._due.values():
            timer.cancel()
        self._due.clear()

    def _forget(self) -> None:
        """Drop the older half; whoever has been away since before that looks at everything."""
        for subject in list(self._heard_at)[: MOST_REMEMBERED // 2]:
            self._complete_since = max(self._complete_since, self._heard_at.pop(subject))
            if subject not in self._due:
                self._sent_at.pop(subject, None)

    def _send(self, subject: Subject) -> None:
        del self._due[subject]
        self._sent_at[subject] = asyncio.get_running_loop().time()
        ready = frames.signal(*subject)
        for reader in tuple(self._readers.get(subject[0], ())):
            reader.send(ready)
