"""The boards whose dates rule a network's year."""

from datetime import date
from typing import Annotated

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from portal.db import Table, identity, reference
from portal.fields import Line
from portal.networks.models import Day
from portal.web.language import _


class BoardForm(Table):
    name: Annotated[Line, Field(min_length=1, max_length=80)]


class Board(BoardForm, table=True):
    """A political board (nämnd) whose meetings a formal answer has to reach."""

    __tablename__ = "board"
    __table_args__ = (UniqueConstraint("network_id", "name"),)

    id: int = identity()
    network_id: int = reference("network.id")


class BoardMeetingForm(Table):
    meets_on: Day
    cutoff_on: Day

    @field_validator("cutoff_on")
    @classmethod
    def papers_come_before_the_meeting(cls, cutoff_on: date, info: ValidationInfo) -> date:
        meets_on = info.data.get("meets_on")
        if meets_on is not None and cutoff_on > meets_on:
            raise PydanticCustomError("cutoff_late", _("Stopptiden kan inte ligga efter sammanträdet."))
        return cutoff_on


class BoardMeeting(BoardMeetingForm, table=True):
    """A board's meeting and the last day to hand in papers (stopptid)."""

    __tablename__ = "board_meeting"
    __table_args__ = (UniqueConstraint("board_id", "meets_on"),)

    id: int = identity()
    board_id: int = reference("board.id", ondelete="CASCADE")
