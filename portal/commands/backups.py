"""`portal backup` and `portal restore`: database, files and kept mail together."""

import argparse
import asyncio
import secrets

from sqlalchemy import Connection, delete, exists, insert, literal, select, update
from sqlmodel import col

from portal import clock, jobs
from portal.accounts.models import Person, SignedIn
from portal.config import Misconfigured, Settings
from portal.ground import backup, database, keeper
from portal.live.models import Epoch
from portal.mail import MailOut
from portal.notifications.models import Mailing, Notification
from portal.notifications.queries import REMEMBERED
from portal.notifications.words import RESTORED


def take(settings: Settings, arguments: argparse.Namespace) -> None:
    """`portal backup FILE`: Misconfigured where the file stands already or has no folder."""
    if arguments.file.exists():
        raise Misconfigured(f"{arguments.file} exists already: name another file for the backup.")
    if not arguments.file.absolute().parent.is_dir():
        raise Misconfigured(f"There is no folder {arguments.file.absolute().parent} for the backup.")
    keeper.prepare(settings)
    with database.visited(settings) as url:
        taken = asyncio.run(backup.take(settings, url, arguments.file))
    print(f"{arguments.file} holds {taken.rows} rows of {taken.tables} tables and {taken.files} files. Keep it as safe as the portal.")


def put_back(settings: Settings, arguments: argparse.Namespace) -> None:
    """`portal restore FILE`: Misconfigured without the file; see ground.backup.put_back for what else refuses it."""
    if not arguments.file.is_file():
        raise Misconfigured(f"There is no file {arguments.file}.")
    keeper.prepare(settings)
    with database.visited(settings, new=True) as url:
        taken = asyncio.run(backup.put_back(settings, url, arguments.file, replace=arguments.replace, renew=renew))
    print(f"Restored {taken.rows} rows of {taken.tables} tables and {taken.files} files. Everybody has to sign in again.")


def renew(connection: Connection) -> None:
    """What the rows said of connected browsers is past: nobody is signed in and every cursor is of an older epoch."""
    connection.execute(delete(SignedIn))
    connection.execute(delete(Epoch))
    connection.execute(insert(Epoch).values(id=1, epoch=secrets.token_hex(8)))
    _give_up_mail(connection)


def _give_up_mail(connection: Connection) -> None:
    """What was on its way then may have been sent since: it is *unknown*, which is never sent again."""
    connection.execute(delete(jobs.QUEUE))
    known = exists().where(col(MailOut.message_id) == col(Notification.message_id))
    waiting = select(
        col(Notification.message_id),
        col(Person.email),
        literal(""),
        literal("unknown"),
        col(Mailing.made_at),
        literal(0),
        literal(RESTORED),
    ).join(Person, col(Person.id) == col(Notification.person_id))
    waiting = waiting.join(Mailing, col(Mailing.id) == col(Notification.mailing_id))
    waiting = waiting.where(~known, col(Mailing.made_at) > clock.now() - REMEMBERED)
    columns = ["message_id", "to", "subject", "state", "created_at", "tries", "error"]
    connection.execute(insert(MailOut).from_select(columns, waiting))
    on_its_way = col(MailOut.state).in_(("queued", "sending"))
    connection.execute(update(MailOut).where(on_its_way).values(state="unknown", error=RESTORED))
