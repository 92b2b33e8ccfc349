"""Who comes, when a proxy stands in front: its word is believed, and nobody else's."""

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.accounts.models import Attempt
from portal.app import Portal
from portal.commands.working import configured
from portal.config import Misconfigured, Settings
from portal.db import Session
from tests.browser import Browser
from tests.conftest import BASE_URL, on_a_port

PROXY, STRANGER = "127.0.0.2", "127.0.0.3"  # all of 127/8 is this machine
HOST = {"host": BASE_URL.removeprefix("http://")}


@pytest.mark.parametrize(("peer", "counted"), [(PROXY, "192.0.2.9"), (STRANGER, STRANGER)])
async def test_a_proxy_is_believed_and_a_stranger_is_not(
    peer: str, counted: str, portal: Portal, settings: Settings, session: Session
) -> None:
    forged = {"x-forwarded-for": "198.51.100.1, 192.0.2.9, 192.0.2.200"}  # the first is what the visitor wrote herself
    transport = httpx.AsyncHTTPTransport(local_address=peer)
    async with (
        on_a_port(configured(replace(settings, proxies=f"192.0.2.128/25, {PROXY}"), portal.asgi)) as port,
        httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}", headers=HOST) as client,
    ):
        answer = await Browser(client, portal).post("/sign-in/code-request", {"email": "ingen@example.se"}, headers=forged)
    assert answer.status_code == 303
    anonymous = select(col(Attempt.bucket)).where(col(Attempt.bucket).startswith("anonymous:"))
    assert list(await session.scalars(anonymous)) == [f"anonymous:{counted}"]


def test_proxies_are_networks_written_for_both_kinds_of_socket() -> None:
    assert Settings.from_environment({}).trusted_proxies == ["127.0.0.1/32", "::1/128", "::ffff:127.0.0.1/128"]
    with pytest.raises(Misconfigured, match="PORTAL_PROXIES must be networks with commas between: 'proxy' does not appear"):
        Settings.from_environment({"PORTAL_PROXIES": "proxy"})
