"""Consultations (samråd): initiatives with feedback windows, what we do about them, and our joint answer."""
