"""What a token may be for. It never carries more than its person's own rights: what it is for only narrows them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from liuke.platform.access.rules import Right

PREFIX = "lk_"
SHOWN = 10  # of its signs are kept in the open, so that its owner tells one from another
LIFETIMES = (30, 90, 365)  # days
NAME_LENGTH = 60
REFUSAL_NOTED_EVERY = timedelta(hours=1)  # a forgotten script that calls every second fills no audit


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


# What a token is for, resource by resource; whoever may write a resource may read it.
RESOURCES: Mapping[str, str] = {
    "customers": gettext_noop("Customers and what surrounds them"),
    "timeline": gettext_noop("Timeline: contacts, notes, complaints"),
    "followups": gettext_noop("Follow-ups and promises"),
    "purchases": gettext_noop("Orders and returns"),
    "credit": gettext_noop("Credit: what was agreed, a year's trading"),
    "background": gettext_noop("Background notes, with restricted sight"),
    "merges": gettext_noop("Merging duplicate customers"),
    "exports": gettext_noop("Exports of the customer list, as its file holds it"),
    "imports": gettext_noop("Imports of customers and purchases"),
    "scores": gettext_noop("Grades, churn risk and value"),
    "catalog": gettext_noop("The catalogue of products"),
    "colleagues": gettext_noop("Colleagues: names and teams"),
}
READ_ONLY = frozenset({"scores", "catalog", "colleagues"})
SCOPES: tuple[str, ...] = tuple(
    f"{name}:{how}"
    for name in RESOURCES
    for how in ("read", "write")
    if how == "read" or name not in READ_ONLY
)

# What reading takes besides seeing customers.
_READS: Mapping[str, frozenset[Right]] = {
    "background": frozenset({Right.SEE_BACKGROUND}),
    "merges": frozenset({Right.MERGE_CUSTOMERS}),
    "exports": frozenset(
        {Right.EXPORT_CUSTOMERS, Right.APPROVE_EXPORTS}
    ),  # who approves sees what waits for it
    "imports": frozenset({Right.IMPORT}),
}
_WRITES: Mapping[str, frozenset[Right]] = {
    "customers": frozenset({Right.EDIT_CUSTOMERS, Right.ASSIGN_CUSTOMERS}),
    "timeline": frozenset({Right.LOG_CONTACTS, Right.SEE_TEAM}),  # who leads takes others' files away
    "followups": frozenset({Right.WORK_FOLLOWUPS, Right.ASSIGN_FOLLOWUPS}),
    "purchases": frozenset({Right.RECORD_PURCHASES}),
    "background": frozenset({Right.EDIT_CUSTOMERS}),
    "imports": frozenset({Right.EDIT_CUSTOMERS, Right.RECORD_PURCHASES}),
    "merges": frozenset({Right.ASSIGN_CUSTOMERS}),  # whoever merges may choose among the owners
    "credit": frozenset({Right.EDIT_CUSTOMERS, Right.SEE_TEAM}),
}


def rights_of(scopes: Collection[str]) -> frozenset[Right]:
    """The rights that these scopes leave of a person's own: reading, and the verbs of what they may write."""
    rights = {Right.VIEW_CUSTOMERS} if scopes else set()
    for scope in scopes:
        resource, _, how = scope.partition(":")
        rights |= _READS.get(resource, frozenset())
        if how == "write":
            rights |= _WRITES.get(resource, frozenset())
    return frozenset(rights)


def grants(scopes: Collection[str], needed: str) -> bool:
    """Whether `needed` is among them; what may be written may be read."""
    resource, _, how = needed.partition(":")
    return needed in scopes or (how == "read" and f"{resource}:write" in scopes)


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """256 bits of chance need no salt and no slow hash: nobody guesses them."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def why_dead(
    *,
    revoked_at: datetime | None,
    expires_at: datetime,
    epoch: int,
    users_epoch: int,
    is_active: bool,
    now: datetime,
) -> str:
    """Why a token opens nothing any more: revoked, expired, left, changed; "" while it lives."""
    if revoked_at is not None:
        return "revoked"
    if not is_active:
        return "left"
    if epoch != users_epoch:
        return "changed"
    return "expired" if expires_at <= now else ""
