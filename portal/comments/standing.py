"""How it stands with a comment, read from when what was done to it. The table's row and what is shown of it answer alike."""

from datetime import datetime
from typing import Protocol


class _Moments(Protocol):
    @property
    def hidden_at(self) -> datetime | None: ...
    @property
    def held_at(self) -> datetime | None: ...
    @property
    def redacted_at(self) -> datetime | None: ...


class Standing:
    """For a class that has these three moments."""

    __slots__ = ()

    @property
    def is_hidden(self: _Moments) -> bool:
        return self.hidden_at is not None

    @property
    def is_held(self: _Moments) -> bool:
        return self.held_at is not None

    @property
    def is_redacted(self: _Moments) -> bool:
        return self.redacted_at is not None
