"""Key accounts: begun, planned, reviewed, ended, and worked on by several people (CL14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from liuke.customers.accounts.models import AccountMember, KeyAccount
from liuke.customers.accounts.rules import (
    MOST_MEMBERS,
    PLAN_LIMIT,
    REVIEW_DAYS,
    ROLES,
    STANDARD_REVIEW_DAYS,
    next_review,
)
from liuke.customers.facts.actions import record
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask, expire
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.preferences.actions import get
from liuke.platform.users.models import User as Person

if TYPE_CHECKING:
    from liuke.platform.models import User

PLANNED = ("goals", "projects", "target_minor", "review_days", "next_review_on")


@transaction.atomic
def begin(customer: Customer, *, reason: str = "", by: User | None, now: datetime) -> KeyAccount:
    """From now on a key account; one that is one already stays as it is. Its owner leads it until somebody else does."""
    held = _held(customer.pk, by)
    if there := KeyAccount.objects.open().filter(customer=held).first():
        return there
    today = timezone.localdate(now)
    made = KeyAccount.objects.create(
        customer=held,
        reason=clean("reason", reason),
        currency=get("company.currency"),
        next_review_on=next_review(today, STANDARD_REVIEW_DAYS),
        started_at=now,
        started_by=by,
    )
    audit.record("accounts.begin", by=by, now=now, subject=held, reason=made.reason)
    return made


@transaction.atomic
def plan(
    account: KeyAccount, given: Mapping[str, Any], *, version: int, by: User | None, now: datetime
) -> KeyAccount:
    """Goals, projects, target and rhythm, read at `version`: what somebody else has written meanwhile is not lost."""
    held = _open(account, by)
    if held.version != version:
        raise Unfit("goals", gettext_noop("Somebody has changed the plan meanwhile. Look at it again first."))
    wanted = {name: given.get(name, getattr(held, name)) for name in PLANNED}
    for name in ("goals", "projects"):
        wanted[name] = _text(name, wanted[name])
    if wanted["review_days"] not in REVIEW_DAYS:
        raise Unfit(
            "review_days", gettext_noop("“%(value)s” is not among the choices."), value=wanted["review_days"]
        )
    if wanted["target_minor"] is not None and wanted["target_minor"] < 0:
        raise Unfit("target_minor", gettext_noop("A target is not below zero."))
    before = {name: getattr(held, name) for name in PLANNED}
    if changes := audit.changes_between(before, wanted):
        for name, value in wanted.items():
            setattr(held, name, value)
        held.version += 1
        held.save(update_fields=[*PLANNED, "version"])
        audit.record("accounts.plan", by=by, now=now, subject=held.customer, changes=changes)
    if held.goals:
        expire([plan_key(held.customer_id)], reason="planned", now=now)
    return held


def _text(name: str, value: str) -> str:
    """Lines stay lines; nothing else that does not show."""
    lines = [clean(name, line, limit=PLAN_LIMIT) for line in (value or "").splitlines()]
    text = "\n".join(lines).strip()
    if len(text) > PLAN_LIMIT:
        raise Unfit(name, gettext_noop("Please keep to %(limit)s letters."), limit=PLAN_LIMIT)
    return text


@transaction.atomic
def review(account: KeyAccount, *, note: str, by: User | None, now: datetime) -> KeyAccount:
    """Looked at with the customer or without: what came of it is on the timeline, and the next day is set."""
    held = _open(account, by)
    words = clean("note", note, required=True)
    data = {"note": words}
    record(FactKind.NOTED, customer=held.customer, at=now, by=by, now=now, subject=held, data=data)
    held.reviewed_at, held.next_review_on = now, next_review(timezone.localdate(now), held.review_days)
    held.save(update_fields=["reviewed_at", "next_review_on"])
    expire([review_key(held.pk)], reason="reviewed", now=now)
    audit.record("accounts.review", by=by, now=now, subject=held.customer)
    return held


@transaction.atomic
def end(account: KeyAccount, *, reason: str, by: User | None, now: datetime) -> None:
    """No key account any more: whoever reached the customer by it alone reaches him no longer."""
    held = _open(account, by)
    held.ended_at, held.ended_by = now, by
    held.save(update_fields=["ended_at", "ended_by"])
    held.members.filter(ended_at=None).update(ended_at=now)
    expire([review_key(held.pk), plan_key(held.customer_id)], reason="ended", now=now)
    audit.record("accounts.end", by=by, now=now, subject=held.customer, reason=clean("reason", reason))


# --- who works on it ---


@transaction.atomic
def add_member(
    account: KeyAccount, user: User, role: str, *, by: User | None, now: datetime
) -> AccountMember:
    """Gives somebody the customer to work on beside the owner: so it takes the right to give customers to others."""
    permit(by, Right.ASSIGN_CUSTOMERS)
    held = _open(account, by)
    if role not in ROLES:
        raise Unfit("role", gettext_noop("“%(value)s” is not among the choices."), value=role)
    colleagues = Person.objects.visible_to(by) if by else Person.objects.all()
    if not colleagues.active().filter(pk=user.pk).exists():
        raise Unfit("user", gettext_noop("There is no such colleague at work."))
    there = held.members.filter(ended_at=None)
    if there.filter(user=user).exists():
        raise Unfit("user", gettext_noop("%(name)s works on this account already."), name=str(user))
    if there.count() >= MOST_MEMBERS:
        raise Unfit("user", gettext_noop("At most %(limit)s people work on one account."), limit=MOST_MEMBERS)
    made = AccountMember.objects.create(
        account=held, customer_id=held.customer_id, user=user, role=role, since_at=now, by=by
    )
    changes = {role: [None, str(user)]}
    audit.record("accounts.member_add", by=by, now=now, subject=held.customer, changes=changes)
    return made


@transaction.atomic
def remove_member(member: AccountMember, *, by: User | None, now: datetime) -> None:
    permit(by, Right.ASSIGN_CUSTOMERS)
    account = _open(member.account, by)
    held = account.members.select_for_update().get(pk=member.pk, ended_at=None)
    AccountMember.objects.filter(pk=held.pk).update(ended_at=now)
    changes = {held.role: [str(held.user), None]}
    audit.record("accounts.member_remove", by=by, now=now, subject=account.customer, changes=changes)


def _held(pk: int, by: User | None) -> Customer:
    permit(by, Right.EDIT_CUSTOMERS)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return reach.select_for_update(of=("self",)).get(pk=pk)


def _open(account: KeyAccount, by: User | None) -> KeyAccount:
    """The row as it is now, ours until the commit; of a customer whom `by` may write."""
    _held(account.customer_id, by)
    return (
        KeyAccount.objects.open()
        .select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=account.pk)
    )


# --- asked for in time ---


def plan_key(customer_id: int) -> str:
    return f"account-plan:{customer_id}"


def review_key(account_id: int) -> str:
    return f"account-review:{account_id}"


def lead_of(account: KeyAccount) -> User | None:
    """Whoever leads it, or the customer's owner; nobody who has left."""
    led = (
        account.members.filter(ended_at=None, role="lead", user__is_active=True)
        .select_related("user")
        .first()
    )
    owner = account.customer.owner
    return led.user if led else owner if owner and owner.is_active else None


def ask_for_reviews(*, now: datetime) -> int:
    """A plan whose day has come is somebody's matter until it is reviewed; how many are asked for."""
    today = timezone.localdate(now)
    due = KeyAccount.objects.open().filter(next_review_on__lte=today).select_related("customer__owner")
    asked = 0
    for account in due.order_by("next_review_on", "pk"):
        at = timezone.make_aware(datetime.combine(today, time(9, 0)))
        with transaction.atomic():
            ask(
                account.customer,
                kind="task",
                assignee=lead_of(account),
                due_at=at,
                reasons=[{"code": "account_review", "days": account.review_days}],
                source="accounts.review",
                key=review_key(account.pk),
                by=None,
                now=now,
            )
        asked += 1
    return asked
