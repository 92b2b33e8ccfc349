"""Calendars of others: boards, school terms, the region's network. Read from an address or a file, for planning beside them."""
