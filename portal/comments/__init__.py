"""Threads on any record."""
