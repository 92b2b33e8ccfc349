"""Thread pages, beside a page that Litestar and Jinja make from nothing."""

from bench.load import Client, Measured, repeat
from bench.stage import Stage


async def pages(stage: Stage, seconds: float) -> list[Measured]:
    """Thread pages as signed-in members, sixteen of them at once; the bare page has as many bytes."""
    found = []
    for count, record in stage.threads.items():

        async def one(client: Client, number: int, path: str = f"/bench{record.path}") -> None:
            status, _body = await client.ask("GET", path, Cookie=f"sid={stage.tokens[number]}")
            assert status == 200, status

        for clients in (1, 16):
            name = f"thread page, {count} comments, {clients} at once"
            found.append(await repeat(name, stage.port, {}, one, clients=clients, seconds=seconds))
    return found


async def bare_pages(stage: Stage, seconds: float) -> list[Measured]:
    async def rendered(client: Client, _number: int) -> None:
        await client.ask("GET", "/litestar")

    async def ready(client: Client, _number: int) -> None:
        await client.ask("GET", "/ready")

    return [
        await repeat("limit: Litestar + Jinja, 20 comments, no database, 16", stage.bare_port, {}, rendered, clients=16, seconds=seconds),
        await repeat("limit: the same page made once, bare uvicorn, 16", stage.bare_port, {}, ready, clients=16, seconds=seconds),
    ]
