"""Whom PostgreSQL runs as: the portal's own account, or the one that root hands it to."""

import os
import pwd
from pathlib import Path
from typing import TypedDict

from portal.config import Misconfigured


class Identity(TypedDict, total=False):
    """Whom a program runs as, for subprocess; the caller where nothing is said."""

    user: int
    group: int
    extra_groups: list[int]


def identity(cluster: Path) -> Identity:
    """Whom the programs run as that read and write the cluster. Raises Misconfigured where there is no such account."""
    account = _account(cluster)
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give(folder: Path, cluster: Path) -> None:
    """Let the folder belong to whom the cluster's server runs as."""
    account = _account(cluster)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)


def check_reach(cluster: Path, *goals: Path) -> None:
    """The account that root hands PostgreSQL to must be able to enter these folders, else Misconfigured."""
    account = _account(cluster)
    if account is None:
        return
    for goal in goals:
        for folder in reversed([goal, *goal.parents]):
            if not _may_enter(account, folder):
                raise Misconfigured(
                    f"PostgreSQL does not run as root, and the account {account.pw_name}, which runs it, may not enter {folder}: "
                    f"start the portal as an ordinary user, allow it (chmod o+x {folder}), or move {goal} to a folder open to all."
                )


def _account(cluster: Path) -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root, so root hands it to the cluster's owner, or else to an
    account without rights; None is the caller's own."""
    if os.geteuid() != 0:
        if cluster.exists() and cluster.stat().st_uid != os.geteuid():
            raise Misconfigured(f"The database in {cluster} belongs to another account: start the portal as that one, or as root.")
        return None
    if cluster.exists() and cluster.stat().st_uid:
        return pwd.getpwuid(cluster.stat().st_uid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name]
    raise Misconfigured("PostgreSQL does not run as root and there is no account postgres or nobody: start the portal as another user.")


def _may_enter(account: pwd.struct_passwd, folder: Path) -> bool:
    state = folder.stat()
    if state.st_uid == account.pw_uid:
        return bool(state.st_mode & 0o100)
    return bool(state.st_mode & (0o010 if state.st_gid == account.pw_gid else 0o001))
