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
    MERGE_CUSTOMERS = "customers.merge"
    EXPORT_CUSTOMERS = "customers.export"
    APPROVE_EXPORTS = "exports.approve"
    SEE_BACKGROUND = "background.see"
    SHARE_SEGMENTS = "segments.share"
    LOG_CONTACTS = "contacts.log"
    WORK_FOLLOWUPS = "followups.work"
    ASSIGN_FOLLOWUPS = "followups.assign"
    RECORD_PURCHASES = "purchases.record"
    IMPORT = "imports.run"
    VIEW_INSIGHT = "insight.view"
    RUN_SCORES = "scores.run"
    SEE_TEAM = "team.see"
    HAND_OVER = "colleagues.handover"
    MANAGE_USERS = "users.manage"
    MANAGE_SETTINGS = "settings.manage"
    VIEW_AUDIT = "audit.view"
    MANAGE_JOBS = "jobs.manage"


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


# What each right allows, in the words of the people who tick it, grouped as they think of their work.
RIGHT_GROUPS: list[tuple[str, dict[Right, str]]] = [
    (
        gettext_noop("Customers"),
        {
            Right.VIEW_CUSTOMERS: gettext_noop("See customers"),
            Right.EDIT_CUSTOMERS: gettext_noop("Add and edit customers"),
            Right.ASSIGN_CUSTOMERS: gettext_noop("Give customers to another owner"),
            Right.MERGE_CUSTOMERS: gettext_noop("Merge duplicate customers"),
            Right.EXPORT_CUSTOMERS: gettext_noop("Export customer lists"),
            Right.APPROVE_EXPORTS: gettext_noop("Approve large exports, and export without approval"),
            Right.SEE_BACKGROUND: gettext_noop("Read background notes of others' customers"),
            Right.SHARE_SEGMENTS: gettext_noop("Make segments for everybody"),
            Right.RECORD_PURCHASES: gettext_noop("Record orders and returns"),
            Right.IMPORT: gettext_noop("Import files"),
        },
    ),
    (
        gettext_noop("Daily work"),
        {
            Right.LOG_CONTACTS: gettext_noop("Log contacts"),
            Right.WORK_FOLLOWUPS: gettext_noop("Work through follow-ups"),
            Right.ASSIGN_FOLLOWUPS: gettext_noop("Give follow-ups to others"),
            Right.SEE_TEAM: gettext_noop("See the team's lists of the day"),
            Right.HAND_OVER: gettext_noop("Arrange leave and departures"),
        },
    ),
    (
        gettext_noop("Insight"),
        {
            Right.VIEW_INSIGHT: gettext_noop("See the analyses"),
            Right.RUN_SCORES: gettext_noop("Start a new scoring"),
        },
    ),
    (
        gettext_noop("Administration"),
        {
            Right.MANAGE_USERS: gettext_noop("Manage colleagues, teams and roles"),
            Right.MANAGE_SETTINGS: gettext_noop("Change the company's settings"),
            Right.MANAGE_JOBS: gettext_noop("Manage background jobs"),
            Right.VIEW_AUDIT: gettext_noop("Read the audit"),
        },
    ),
]
RIGHT_NAMES: dict[str, str] = {
    right: name for _group, rights in RIGHT_GROUPS for right, name in rights.items()
}

# What a role may be kept from seeing of customers that are not its holder's own: told by hints, searched by nobody.
MASKS: dict[str, str] = {
    "phone": gettext_noop("telephone numbers"),
    "email": gettext_noop("e-mail addresses"),
    "wechat": gettext_noop("WeChat"),
    "address": gettext_noop("addresses below the town"),
    "identity": gettext_noop("identity numbers"),
}

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
            Right.MERGE_CUSTOMERS,
            Right.EXPORT_CUSTOMERS,
            Right.SEE_BACKGROUND,
            Right.SHARE_SEGMENTS,
            Right.LOG_CONTACTS,
            Right.WORK_FOLLOWUPS,
            Right.ASSIGN_FOLLOWUPS,
            Right.RECORD_PURCHASES,
            Right.IMPORT,
            Right.VIEW_INSIGHT,
            Right.SEE_TEAM,
            Right.HAND_OVER,
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
    "marketer": (
        Scope.ALL,
        Scope.NONE,
        [Right.VIEW_CUSTOMERS, Right.EXPORT_CUSTOMERS, Right.SHARE_SEGMENTS, Right.VIEW_INSIGHT],
    ),
    "analyst": (
        Scope.ALL,
        Scope.NONE,
        [
            Right.VIEW_CUSTOMERS,
            Right.EXPORT_CUSTOMERS,
            Right.SHARE_SEGMENTS,
            Right.VIEW_INSIGHT,
            Right.RUN_SCORES,
        ],
    ),
}


# Those who look at everybody's customers without working with them start without the ways to reach them.
STARTING_MASKS: dict[str, list[str]] = {"marketer": list(MASKS), "analyst": list(MASKS)}


class Denied(Exception):
    """The person lacks the right; the views turn it into 403, the audit keeps the attempt."""

    def __init__(self, right: Right) -> None:
        super().__init__(right.value)
        self.right = right


@dataclass(frozen=True)
class Door:
    """Who may pass a URL: anybody, whoever is signed in, whoever has every one of `rights`; or programs, by a token
    whose operation says which scope and right it takes (platform/api)."""

    rights: tuple[Right, ...] = ()
    public: bool = False
    token: bool = False

    @property
    def kind(self) -> str:
        if self.token:
            return "token"
        return "public" if self.public else "right" if self.rights else "signed_in"
