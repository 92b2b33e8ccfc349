"""The watchers: what other systems publish, read and checked."""
