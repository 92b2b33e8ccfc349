"""Findings (spaningar): what somebody read or heard that may matter to us."""
