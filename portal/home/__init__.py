"""The start page: what waits for me, the next meeting, what is new."""
