"""Keeping threads in order: reports, rulings, the queue."""
