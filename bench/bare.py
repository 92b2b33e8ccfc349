"""The bare limits: uvicorn with a page and a socket fan-out, and nothing else behind it. `python -m bench.bare PORT PAGE`."""

import sys
from typing import Any

import uvicorn
from jinja2 import Environment
from litestar import Litestar, MediaType, Response, get

COMMENT = """<article class="comment" id="c{{ each.id }}"><span>{{ each.initials }}</span><header><b>{{ each.name }}</b>
<small>{{ each.unit }} · {{ each.at }}</small></header><div>{{ each.body }}</div><footer><a href="?reply={{ each.id }}">Svara</a>
<a href="/comments/{{ each.id }}/edit">Ändra</a></footer></article>"""
PAGE = Environment(autoescape=True).from_string(
    "<!doctype html><title>Tråd</title><main>{% for each in comments %}" + COMMENT + "{% endfor %}</main>{{ filler }}"
)


def comments(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "initials": "ML",
            "name": "Maja Lindqvist",
            "unit": "Bildning",
            "at": "23 november kl. 13.04",
            "body": "Vi har samma fråga. " * 8,
        }
        for n in range(count)
    ]


def application(size: int) -> Any:
    """/litestar: a 20-comment Jinja page as long as the portal's; /made and /ready: the same bytes
    made once; /fan: a frame to all sockets."""
    rows = comments(20)
    filler = "x" * max(0, size - len(PAGE.render(comments=rows, filler="")))
    ready = PAGE.render(comments=rows, filler=filler).encode()

    @get("/litestar", sync_to_thread=False)
    def page() -> Response[str]:
        return Response(PAGE.render(comments=rows, filler=filler), media_type=MediaType.HTML)

    @get("/made", sync_to_thread=False)
    def made() -> Response[bytes]:
        return Response(ready, media_type=MediaType.HTML)

    litestar = Litestar([page, made], openapi_config=None)

    async def answer(send: Any, body: bytes) -> None:
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    senders: set[Any] = set()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            senders.add(send)
            while (await receive())["type"] != "websocket.disconnect":
                pass
            senders.discard(send)
        elif scope["type"] == "lifespan" or scope["path"] in ("/litestar", "/made"):
            await litestar(scope, receive, send)
        elif scope["path"] == "/fan":
            frame = {"type": "websocket.send", "text": scope["query_string"].decode() + "x" * 480}
            for each in tuple(senders):
                await each(frame)
            await answer(send, b"sent")
        else:
            await answer(send, ready)

    return app


if __name__ == "__main__":
    port, size = int(sys.argv[1]), int(sys.argv[2])
    uvicorn.run(application(size), port=port, ws="websockets-sansio", ws_per_message_deflate=False, access_log=False, log_level="warning")
