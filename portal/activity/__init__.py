"""Append-only record of who did what, by ids."""
