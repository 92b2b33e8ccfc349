"""Who may do what: one table from role to permissions, read by actions and templates alike."""

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    coordinator = "coordinator"
    contact = "contact"
    deputy = "deputy"
    head = "head"
    reader = "reader"
    registrar = "registrar"
    guest = "guest"
    admin = "admin"


READ = {"minutes:correct", "network:read", "directory:read", "feed:create", "meeting:answer", "comment:report"}
WRITE = READ | {
    "finding:create",
    "call:create",
    "comment:create",
    "file:attach",
    "draft:write_asked",
    "minutes:write_asked",
    "deputy:name",
    "agenda:propose",
    "group:lead",
    "attendance:read",
}
COORDINATE = WRITE | {
    "finding:edit",
    "finding:triage",
    "comment:hide",
    "comment:redact",
    "moderation:read",
    "thread:lock",
    "thread:conclude",
    "record:share",
    "meeting:plan",
    "group:manage",
    "meeting:summon",
    "minutes:write",
    "minutes:finalise",
    "attendance:record",
    "consultation:create",
    "consultation:edit",
    "consultation:triage",
    "call:edit",
    "draft:write",
    "network:administer",
    "member:email",
    "log:read",
}

# What who leads a working group may do with the group's own meetings, whatever else her role lets her do.
LEADING = frozenset({"meeting:plan", "meeting:summon", "attendance:record", "minutes:write"})

GRANTS: dict[Role, frozenset[str]] = {
    Role.coordinator: frozenset(COORDINATE),
    Role.contact: frozenset(WRITE),
    Role.deputy: frozenset(WRITE),
    Role.head: frozenset(WRITE),
    Role.reader: frozenset(READ),
    Role.registrar: frozenset(READ | {"registry:set", "attendance:read", "comment:read_hidden", "log:read", "moderation:read"}),
    Role.guest: frozenset({"comment:create_shared", "comment:report_shared", "meeting:answer_shared"}),
    Role.admin: frozenset(READ | {"network:administer", "attendance:read", "log:read"}),
}
GRANTS[Role.coordinator] |= {"comment:read_hidden"}

PERMISSIONS = frozenset().union(*GRANTS.values())


def grants(role: str, permission: str) -> bool:
    """Whether `role` holds `permission`. A permission that stands nowhere in the table is a mistake in the code."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return permission in GRANTS[Role(role)]


class Rights(NamedTuple):
    """What a role may do, for pages that are kept: `can(permission)` as a member's."""

    role: str

    def __call__(self, permission: str) -> bool:
        return grants(self.role, permission)


def may_appoint(own: str, role: str) -> bool:
    """Whether who holds `own` may give somebody `role`, or take it away: nobody hands out more than her own."""
    return grants(own, "network:administer") and (own == Role.coordinator or role != Role.coordinator)
