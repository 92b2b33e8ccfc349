"""A browser for HTTP tests: keeps cookies, sends the form token of the page."""

from typing import Any

import httpx

from portal.app import Portal


class Browser:
    """`get` and `post` as a person's browser would: forms carry the token bound to her cookies."""

    def __init__(self, client: httpx.AsyncClient, portal: Portal) -> None:
        self.client = client
        self.portal = portal

    async def get(self, path: str, **given: Any) -> httpx.Response:
        return await self.client.get(path, **given)

    async def post(self, path: str, data: dict[str, Any] | None = None, **given: Any) -> httpx.Response:
        """Post a form; `data` values may be lists. Redirects are not followed."""
        if "browser" not in self.client.cookies:
            await self.client.get("/health/live")
        return await self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **given)

    @property
    def csrf(self) -> str:
        holder = self.client.cookies.get("sid") or self.client.cookies.get("browser") or ""
        token: str = self.portal.litestar.state.frame.sign(f"csrf:{holder}")
        return token
