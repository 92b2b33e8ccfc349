"""`portal mail receive`: how a mail server hands over what has come to the portal's mailbox."""

import argparse
import asyncio
import sys

from sqlalchemy.exc import SQLAlchemyError

from portal.app import signing_key
from portal.commands.serving import write_log
from portal.config import Misconfigured, Settings
from portal.db import engine_for, sessions_for
from portal.ground import database
from portal.mail import Outcome, receive
from portal.mail.incoming import LONGEST
from portal.web import Frame

# What mail servers understand (sysexits.h): the message cannot be used and is not to come again; try again later.
REFUSED, LATER = 65, 75


def take_in(settings: Settings, arguments: argparse.Namespace) -> None:
    """Exit code 0 when it counts or tells nothing new, 65 when it is refused, 75 when the portal cannot take it now."""
    write_log()
    content = sys.stdin.buffer.read(LONGEST + 1)
    try:
        if settings.reply_address is None:
            raise Misconfigured("PORTAL_REPLY_ADDRESS is not set: no mail can come to the portal.")
        with database.visited(settings) as url:
            outcome = asyncio.run(_receive(settings, url, content))
    except (Misconfigured, OSError, SQLAlchemyError) as reason:
        print(f"portal: {reason}", file=sys.stderr)
        sys.exit(LATER)
    print(outcome.value)
    if outcome.is_refusal:
        sys.exit(REFUSED)


async def _receive(settings: Settings, url: str, content: bytes) -> Outcome:
    engine = engine_for(url, pool=1)
    frame = Frame(key=signing_key(settings), secure=settings.secure)
    try:
        return await receive(settings, sessions_for(engine), frame.sign, content)
    finally:
        await engine.dispose()
