"""Attachments: files that hang on a record, most of them on a comment in its thread."""
