"""Pages, forms, errors and language: what every room needs to speak HTTP and HTML."""

from portal.web.errors import Conflict, Forbidden, NotFound, Refused, SignInFirst, Unavailable
from portal.web.forms import Form, check_version, fields_of, held_in, identities, identity, read, read_fields, way_back
from portal.web.language import _, _l, current_locale, ngettext, speaking
from portal.web.menu import Place
from portal.web.pages import Frame, is_seen, page, redirect, safe_path, whole
from portal.web.routing import Address

__all__ = [
    "Address",
    "Conflict",
    "Forbidden",
    "Form",
    "Frame",
    "NotFound",
    "Place",
    "Refused",
    "SignInFirst",
    "Unavailable",
    "_",
    "_l",
    "check_version",
    "current_locale",
    "fields_of",
    "held_in",
    "identities",
    "identity",
    "is_seen",
    "ngettext",
    "page",
    "read",
    "read_fields",
    "redirect",
    "safe_path",
    "speaking",
    "way_back",
    "whole",
]
