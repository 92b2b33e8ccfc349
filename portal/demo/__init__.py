"""The demo: two fictional networks with a year behind them, dated from the day of loading."""

from portal.demo.loader import is_empty, load, reset
from portal.public.queries import demo_people as people

__all__ = ["is_empty", "load", "people", "reset"]
