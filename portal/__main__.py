"""The `portal` command."""

import os
import signal
import sys
from importlib import import_module
from types import FrameType

from portal.commands import grammar
from portal.config import Misconfigured, Settings


def main(given: list[str] | None = None) -> int:
    """Run one command. A reason not to is one sentence and exit code 1, never a traceback."""
    arguments = grammar.parser().parse_args(given)
    _heed_signals()
    try:
        settings = Settings.from_environment(os.environ)
        module, _, errand = arguments.errand.partition(":")
        getattr(import_module(f"portal.commands.{module}"), errand)(settings, arguments)
    except Misconfigured as reason:
        print(f"portal: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("portal: stopped", file=sys.stderr)
        return 130
    return 0


def _heed_signals() -> None:
    """Ctrl-C, a service manager's SIGTERM and a closed terminal all end the portal in the same orderly way."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
