"""The post room: who is told what, once, and what became of it. Rooms above say what is in a letter (see letters.py)."""

from portal.notifications.actions import tell, untell
from portal.notifications.letters import KINDS, Draft, Facts, Kind, Link, Links, Part, Quote, Row, Rows, Seal, Sealed, Steps

__all__ = ["KINDS", "Draft", "Facts", "Kind", "Link", "Links", "Part", "Quote", "Row", "Rows", "Seal", "Sealed", "Steps", "tell", "untell"]
