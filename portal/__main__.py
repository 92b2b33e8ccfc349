"""The `portal` command."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable
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
        _load(arguments.errand)(settings, arguments)
        sys.stdout.flush()
    except Misconfigured as reason:
        print(f"portal: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("portal: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `portal config | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _load(errand: str) -> Callable[[Settings, argparse.Namespace], None]:
    """The function of "module:function". Nothing that is loaded goes away again: looking for garbage in it would take a
    quarter of the time to start, and go on at every collection."""
    module, _, name = errand.partition(":")
    gc.disable()
    loaded: Callable[[Settings, argparse.Namespace], None] = getattr(import_module(f"portal.commands.{module}"), name)
    gc.freeze()
    gc.enable()
    return loaded


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
