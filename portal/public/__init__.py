"""Pages that need no sign-in: the front door, accessibility, privacy, cookies, contact."""
