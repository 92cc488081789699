"""What a person may do, and on whose rows. Rights are data: a role is a row that lists them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whose rows: one's own, those of one's team and the teams below it, everybody's, nobody's."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    ALL = "all"


class Right(StrEnum):
    """Every permission there is. A role holds a list of these; no code asks for a role by its name."""

    VIEW_CUSTOMERS = "customers.view"
    EDIT_CUSTOMERS = "customers.edit"
    ASSIGN_CUSTOMERS = "customers.assign"
    EXPORT_CUSTOMERS = "customers.export"
    LOG_CONTACTS = "contacts.log"
    WORK_FOLLOWUPS = "followups.work"
    ASSIGN_FOLLOWUPS = "followups.assign"
    RECORD_PURCHASES = "purchases.record"
    IMPORT = "imports.run"
    VIEW_INSIGHT = "insight.view"
    RUN_SCORES = "scores.run"
    SEE_TEAM = "team.see"
    MANAGE_USERS = "users.manage"
    MANAGE_SETTINGS = "settings.manage"
    VIEW_AUDIT = "audit.view"
    MANAGE_JOBS = "jobs.manage"


EVERYTHING = [right.value for right in Right]

# The six roles a company starts with: code -> (read scope, write scope, rights). An owner may change them.
STARTING_ROLES: dict[str, tuple[Scope, Scope, list[str]]] = {
    "owner": (Scope.ALL, Scope.ALL, EVERYTHING),
    "supervisor": (
        Scope.TEAM,
        Scope.TEAM,
        [
            Right.VIEW_CUSTOMERS,
            Right.EDIT_CUSTOMERS,
            Right.ASSIGN_CUSTOMERS,
            Right.EXPORT_CUSTOMERS,
            Right.LOG_CONTACTS,
            Right.WORK_FOLLOWUPS,
            Right.ASSIGN_FOLLOWUPS,
            Right.RECORD_PURCHASES,
            Right.IMPORT,
            Right.VIEW_INSIGHT,
            Right.SEE_TEAM,
        ],
    ),
    "salesperson": (
        Scope.OWN,
        Scope.OWN,
        [
            Right.VIEW_CUSTOMERS,
            Right.EDIT_CUSTOMERS,
            Right.LOG_CONTACTS,
            Right.WORK_FOLLOWUPS,
            Right.RECORD_PURCHASES,
            Right.VIEW_INSIGHT,
        ],
    ),
    "service": (
        Scope.ALL,
        Scope.ALL,
        [Right.VIEW_CUSTOMERS, Right.EDIT_CUSTOMERS, Right.LOG_CONTACTS, Right.WORK_FOLLOWUPS],
    ),
    "marketer": (Scope.ALL, Scope.NONE, [Right.VIEW_CUSTOMERS, Right.EXPORT_CUSTOMERS, Right.VIEW_INSIGHT]),
    "analyst": (
        Scope.ALL,
        Scope.NONE,
        [Right.VIEW_CUSTOMERS, Right.EXPORT_CUSTOMERS, Right.VIEW_INSIGHT, Right.RUN_SCORES],
    ),
}


class Denied(Exception):
    """The person lacks the right; the views turn it into 403, the audit keeps the attempt."""

    def __init__(self, right: Right) -> None:
        super().__init__(right.value)
        self.right = right


@dataclass(frozen=True)
class Door:
    """Who may pass a URL: anybody, whoever is signed in, or whoever has every one of `rights`."""

    rights: tuple[Right, ...] = ()
    public: bool = False

    @property
    def kind(self) -> str:
        return "public" if self.public else "right" if self.rights else "signed_in"
