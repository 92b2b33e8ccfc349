"""`portal migrate`: bring the database to this portal's schema."""

import argparse
import asyncio

from portal.config import Settings
from portal.ground import database, keeper, migrate


def bring_up(settings: Settings, arguments: argparse.Namespace) -> None:
    keeper.prepare(settings)
    with database.opened(settings) as url:
        changed = asyncio.run(migrate.upgrade(url))
    print("The database has been brought to" if changed else "The database was already at", f"schema {migrate.newest()}.")
