"""One search over everything a person may read."""
