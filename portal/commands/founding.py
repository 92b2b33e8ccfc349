"""`portal init`: the first network and its coordinator."""

import argparse
import asyncio

from portal.accounts.queries import demo_mark
from portal.commands.visits import visit
from portal.config import Misconfigured, Settings
from portal.ground import database, keeper, migrate
from portal.networks.actions import found_network
from portal.web import Refused
from portal.web.language import use_locale


def found(settings: Settings, arguments: argparse.Namespace) -> None:
    keeper.prepare(settings)
    with database.visited(settings, new=True) as url:
        asyncio.run(migrate.upgrade(url))
        asyncio.run(_found(url, arguments))
    print(f"{arguments.network} is at {settings.address}/{arguments.slug}.")
    print(f"{arguments.coordinator_name} signs in at {settings.address}/sign-in with {arguments.coordinator_email}: a code comes by mail.")
    print(
        f"How to reach the network from outside is written at {settings.address}/{arguments.slug}/administer/settings, and shown at /contact."
    )
    if settings.smtp_url is None:
        print(f"PORTAL_SMTP_URL is not set, so that mail stays in {settings.mail_folder.resolve()}.")


async def _found(url: str, arguments: argparse.Namespace) -> None:
    use_locale("en")
    async with visit(url) as session:
        if await demo_mark(session):
            raise Misconfigured("This database holds the demo: choose another with DATABASE_URL or PORTAL_DATA for a real network.")
        try:
            await found_network(
                session,
                name=arguments.network,
                slug=arguments.slug,
                municipality=arguments.municipality,
                coordinator_name=arguments.coordinator_name,
                coordinator_email=arguments.coordinator_email,
            )
        except Refused as refusal:
            raise Misconfigured(str(refusal)) from None
