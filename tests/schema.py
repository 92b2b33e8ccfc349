"""The schema for tests: what the migrations make."""

from portal.ground import migrate


async def build_schema(url: str) -> None:
    """Bring the empty database at `url` to the newest revision."""
    await migrate.upgrade(url)
