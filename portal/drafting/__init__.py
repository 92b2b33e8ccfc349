"""Jointly written texts: sections, versions, and never one person's words over another's."""
