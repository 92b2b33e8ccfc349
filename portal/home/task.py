"""One thing that waits for somebody."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Task:
    """Something to do: where, why and by when (`until`: what happens then, where that is not plain). The path stands below the network's
    unless it is `everywhere` the same."""

    icon: str
    title: str
    path: str
    why: str
    due: datetime | None = None
    until: str = ""
    everywhere: bool = False
