"""`python -m bench [--seconds N] [--only NOUN …]`: every measure once, each beside its bare limit."""

import argparse
import asyncio

from bench import feeds, live, pages, posts, start, targets, together
from bench import stage as stages
from bench.load import HEAD, Measured
from bench.stage import Stage

NOUNS = ("pages", "feeds", "posts", "live", "together")


async def measure(stage: Stage, seconds: float, nouns: list[str]) -> None:
    print(HEAD, flush=True)
    taken: list[Measured] = []
    with stages.portal(stage) as process:
        size = await start.size_of_page(stage)
        measures = {
            "pages": lambda: pages.pages(stage, seconds),
            "feeds": lambda: feeds.feeds(stage, seconds),
            "posts": lambda: posts.writes(stage, seconds),
        }
        for noun in nouns:
            taken += show(await measures[noun]())
        loaded = start.resident(process.pid)
    with stages.bare(stage, size):
        limits = {
            "pages": lambda: pages.bare_pages(stage, seconds),
            "feeds": lambda: feeds.bare_feeds(stage, seconds),
            "posts": lambda: posts.bare_writes(stage, seconds),
        }
        for noun in nouns:
            taken += show(await limits[noun]())
    print(start.words(stage, loaded), *targets.words(taken), sep="\n", flush=True)


def show(measured: list[Measured]) -> list[Measured]:
    for each in measured:
        print(each.row(), flush=True)
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each measure runs")
    parser.add_argument("--only", nargs="+", choices=NOUNS, default=list(NOUNS), help="these measures alone")
    given = parser.parse_args()
    with stages.database() as url:
        stage = Stage(url, stages.free_port(), stages.free_port())
        print("furnishing the database …", flush=True)
        asyncio.run(stages.furnish(stage))
        if measured := [noun for noun in given.only if noun not in ("live", "together")]:
            asyncio.run(measure(stage, given.seconds, measured))
        if "live" in given.only:
            live.run(stage)
        if "together" in given.only:
            together.run(stage)


if __name__ == "__main__":
    main()
