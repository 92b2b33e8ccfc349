"""How soon the portal shows its first page, and how much memory it takes."""

import psutil

from bench.load import Client
from bench.stage import Stage


def resident(process: int) -> float:
    """What the process holds in memory, in MiB."""
    return float(psutil.Process(process).memory_info().rss / 2**20)


async def size_of_page(stage: Stage) -> int:
    """How many bytes the page with twenty comments has: the bare page gets as many."""
    async with Client(stage.port, {"Cookie": f"sid={stage.tokens[0]}"}) as client:
        _status, body = await client.ask("GET", f"/bench{stage.threads[20].path}")
    return len(body)


def words(stage: Stage, loaded: float) -> str:
    return f"start to first page {stage.start:.2f} s (database there) · memory then {stage.memory:.0f} MiB, after the load {loaded:.0f} MiB"
