"""The words of the command line. An errand is named "module:function" and loaded when it is asked for, so that help and
wrong settings do not wait for the whole portal to load."""

import argparse
from collections.abc import Callable
from pathlib import Path

Words = Callable[[str, str, str], argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """The `portal` command; what it parses has the `errand` to run."""
    portal = argparse.ArgumentParser(prog="portal", description="The portal of a municipal network for international work and EU matters.")
    commands = portal.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, errand: str, words: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        added.set_defaults(errand=errand)
        return added

    command("run", "serving:run", "start the portal, with the demo when the database is empty")
    serve = command("serve", "serving:serve", "start the portal on the database as it is")
    serve.add_argument("--workers", type=int, metavar="N", help="how many processes serve together (otherwise PORTAL_WORKERS)")
    _add_beginnings(command)
    _add_upkeep(command)
    return portal


def _add_beginnings(command: Words) -> None:
    init = command("init", "founding:found", "make a network and its coordinator")
    init.add_argument("--network", required=True, metavar="NAME", help="what the network is called")
    init.add_argument("--slug", required=True, help="its part of the address: a-z, 0-9 and -")
    init.add_argument("--municipality", required=True)
    init.add_argument("--coordinator-name", required=True, metavar="NAME")
    init.add_argument("--coordinator-email", required=True, metavar="EMAIL")
    demo = command("demo", "showing:load", "load the demo network into an empty database")
    demo.add_argument("--reset", action="store_true", help="load it anew, dated from today; what has been done in it is lost")


def _add_upkeep(command: Words) -> None:
    command("migrate", "schema:bring_up", "bring the database to this portal's schema")
    backup = command("backup", "backups:take", "write database, files and kept mail to one file")
    backup.add_argument("file", type=Path)
    restore = command("restore", "backups:put_back", "make the portal what a backup holds")
    restore.add_argument("file", type=Path)
    restore.add_argument("--replace", action="store_true", help="lose everything that is in the database now")
    sources = command("sources", "importing:have_your_say", "read recorded answers of a source")
    sources.add_argument("verb", choices=["import"])
    sources.add_argument("source", choices=["have-your-say"])
    sources.add_argument("files", nargs="+", type=Path, metavar="FILE")
    mail = command("mail", "posting:take_in", "let one message count that has come to PORTAL_REPLY_ADDRESS (on standard input)")
    mail.add_argument("verb", choices=["receive"])
    command("config", "configuration:show", "print every setting with its value, meaning and source")
