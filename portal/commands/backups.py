"""`portal backup` and `portal restore`: database, files and kept mail together."""

import argparse
import asyncio
import secrets

from sqlalchemy import Connection, delete, insert

from portal.accounts.models import SignedIn
from portal.config import Misconfigured, Settings
from portal.ground import backup, database, keeper
from portal.live.models import Epoch


def take(settings: Settings, arguments: argparse.Namespace) -> None:
    if arguments.file.exists():
        raise Misconfigured(f"{arguments.file} exists already: name another file for the backup.")
    if not arguments.file.absolute().parent.is_dir():
        raise Misconfigured(f"There is no folder {arguments.file.absolute().parent} for the backup.")
    keeper.prepare(settings)
    with database.visited(settings) as url:
        taken = asyncio.run(backup.take(settings, url, arguments.file))
    print(f"{arguments.file} holds {taken.rows} rows of {taken.tables} tables and {taken.files} files. Keep it as safe as the portal.")


def put_back(settings: Settings, arguments: argparse.Namespace) -> None:
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
