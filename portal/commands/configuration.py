"""`portal config`: every setting with its value, meaning and source."""

import argparse
import os
from collections.abc import Iterator
from dataclasses import fields

from portal.config import Settings


def show(settings: Settings, arguments: argparse.Namespace) -> None:
    print("\n".join(described(settings)))


def described(settings: Settings) -> Iterator[str]:
    width = max(len(each.metadata["variable"]) for each in fields(settings))
    for each in fields(settings):
        variable, value = each.metadata["variable"], getattr(settings, each.name)
        shown = "not set" if value is None else "(hidden)" if each.metadata["secret"] else str(value)
        source = "environment" if os.environ.get(variable, "").strip() else "default"
        yield f"{variable:<{width}}  {shown}  [{source}]"
        yield f"{'':<{width}}  {each.metadata['meaning']}"
