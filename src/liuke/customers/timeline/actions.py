"""What a person writes on the timeline. Each is one fact, with what it closes and what comes next, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from liuke.customers.attachments.actions import Brought, keep
from liuke.customers.facts.actions import record
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import NOT_REACHED, FactKind
from liuke.customers.followups.actions import ask, complete
from liuke.customers.followups.rules import Closed
from liuke.customers.mentions.actions import tell, told_in
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.customers.timeline.rules import (
    CHANNELS,
    DIRECTIONS,
    OF_COMPLAINTS,
    OUTCOMES,
    unanswered,
)
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right

if TYPE_CHECKING:
    from liuke.customers.followups.models import FollowUp
    from liuke.customers.records.models import Contact
    from liuke.platform.models import User


@transaction.atomic
def log_contact(
    customer: Customer,
    *,
    channel: str,
    direction: str = "out",
    outcome: str,
    note: str = "",
    by: User | None,
    now: datetime,
    at: datetime | None = None,
    contact: Contact | None = None,
    followup: FollowUp | None = None,
    settles: bool = True,
    next_at: datetime | None = None,
    next_title: str = "",
    attachments: Iterable[Brought] = (),
    key: str | None = None,
) -> Fact:
    """A call, visit or message that has happened. It completes `followup` when the customer was reached and the contact
    `settles` it (a call about a promise doesn't keep the promise), and with `next_at` sets the next one for whoever logs
    it. A complaint that came up becomes a fact of its own.

    `key` is the sender's own: the same one again, from a phone that was offline or a second tap, changes nothing (MB01).
    """
    held = _held(customer, by)
    if key and (sent := held.facts.filter(key=f"contact:{key}").first()):
        return sent
    _check_contact(channel, direction, outcome, at, now)
    if followup and followup.customer_id != held.pk:
        raise Unfit("followup", gettext_noop("This follow-up belongs to another customer."))
    text = clean("note", note)
    if followup and settles and outcome not in NOT_REACHED:
        # Before the fact, which lets go of what a contact settles. Somebody may have been quicker: it happened all the same.
        with suppress(Closed):
            complete(followup, by=by, now=now, note=text[:200])
    following = _ask_next(held, next_at, next_title, by=by, now=now) if next_at else None
    fact = _written(
        FactKind.VISITED if channel == "visit" else FactKind.CONTACTED,
        held,
        text=text,
        attachments=attachments,
        at=at or now,
        by=by,
        now=now,
        data={
            "channel": channel,
            "direction": direction,
            "outcome": outcome,
            **({"note": text} if text else {}),
            **_person(held, contact),
            **({"followup_id": followup.pk} if followup else {}),
            **({"next_id": following.pk} if following else {}),
        },
        key=f"contact:{key}" if key else None,
    )
    if outcome == "complaint":  # in the same words: files and names are with the contact already
        said = {"text": text or str(OUTCOMES["complaint"]), "contact_id": fact.pk}
        record(FactKind.COMPLAINED, customer=held, at=at or now, by=by, now=now, data=said)
    return fact


def _check_contact(channel: str, direction: str, outcome: str, at: datetime | None, now: datetime) -> None:
    given = {
        "channel": (channel, CHANNELS),
        "direction": (direction, DIRECTIONS),
        "outcome": (outcome, OUTCOMES),
    }
    for name, (value, table) in given.items():
        if value not in table:
            raise Unfit(name, gettext_noop("“%(value)s” is not among the choices."), value=value)
    if at is not None and at > now:
        raise Unfit("at", gettext_noop("A contact that has happened is not in the future."))


def _person(held: Customer, contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {}
    person = held.contacts.get(pk=contact.pk)
    return {"contact_id": person.pk, "contact": person.name}


@transaction.atomic
def add_note(
    customer: Customer, *, note: str, attachments: Iterable[Brought] = (), by: User | None, now: datetime
) -> Fact:
    """A note; what it says is needed, unless files say it."""
    held, brought = _held(customer, by), list(attachments)
    text = clean("note", note, required=not brought)
    return _written(
        FactKind.NOTED, held, text=text, attachments=brought, at=now, by=by, now=now, data={"note": text}
    )


def _written(
    kind: FactKind,
    held: Customer,
    *,
    text: str,
    attachments: Iterable[Brought] = (),
    at: datetime,
    data: dict[str, Any],
    key: str | None = None,
    by: User | None,
    now: datetime,
) -> Fact:
    """An entry in a person's words, with the files that hang on it and the colleagues whom it names."""
    kept = keep(attachments, by=by, now=now)
    told = {**data, **told_in(text, held, by=by), **kept.data}
    fact = record(kind, customer=held, at=at, by=by, now=now, data=told, key=key)
    if fact.data == told:  # else it was told before, under its key: that one stands
        kept.attach(fact, by=by, now=now)
        tell(fact, now=now)
    return fact


@transaction.atomic
def complain(
    customer: Customer,
    *,
    text: str,
    number: str = "",
    attachments: Iterable[Brought] = (),
    by: User | None,
    now: datetime,
    at: datetime | None = None,
) -> Fact:
    """The customer complained, about the order `number` if one is named. Open until it is answered by `resolve`."""
    held, said = _held(customer, by), clean("note", text, required=True)
    data = {"text": said, **({"number": clean("number", number, limit=60)} if number else {})}
    return _written(
        FactKind.COMPLAINED, held, text=said, attachments=attachments, at=at or now, data=data, by=by, now=now
    )


@transaction.atomic
def resolve(
    complaint: Fact, *, text: str, attachments: Iterable[Brought] = (), by: User | None, now: datetime
) -> Fact:
    """Answers a complaint, once: a second answer gives the first. One that was taken back meanwhile has none."""
    held = _held(complaint.customer, by, alone=True)
    if complaint.kind != FactKind.COMPLAINED:
        raise Unfit("text", gettext_noop("Only a complaint can be answered."))
    if not held.facts.standing().filter(pk=complaint.pk).exists():
        raise Unfit("text", gettext_noop("This complaint was taken back: there is nothing to answer."))
    said = clean("note", text, required=True)
    data: dict[str, Any] = {"text": said, "complaint_id": complaint.pk}
    if number := complaint.data.get("number"):
        data["number"] = number
    key = f"resolved:{complaint.pk}"
    return _written(
        FactKind.RESOLVED,
        held,
        text=said,
        attachments=attachments,
        at=now,
        data=data,
        key=key,
        by=by,
        now=now,
    )


@transaction.atomic
def promise(
    customer: Customer,
    *,
    text: str,
    due_at: datetime,
    assignee: User | None = None,
    by: User | None,
    now: datetime,
) -> FollowUp:
    """Something promised to the customer: a fact, and a follow-up that is due on its day."""
    held = _held(customer, by)
    wording = clean("title", text, limit=200, required=True)
    who = assignee or by
    followup = ask(
        held, kind="promise", assignee=who, due_at=due_at, title=wording, source="person", by=by, now=now
    )
    data = {"text": wording, "due_at": due_at.isoformat(), "followup_id": followup.pk}
    key = promised_key(followup.pk)
    record(FactKind.PROMISED, customer=held, at=now, by=by, now=now, data=data, key=key)
    return followup


def promised_key(followup_id: int) -> str:
    """Of the fact that tells a promise."""
    return f"promised:{followup_id}"


def open_complaints(customer: Customer) -> list[Fact]:
    """Complaints that nobody has answered yet, oldest first."""
    told = customer.facts.filter(kind__in=OF_COMPLAINTS).select_related("actor")
    return unanswered(told)


def _ask_next(held: Customer, at: datetime, title: str, *, by: User | None, now: datetime) -> FollowUp:
    if at <= now:
        raise Unfit("next_on", gettext_noop("The next contact lies in the future."))
    return ask(
        held, kind="task", assignee=by or held.owner, due_at=at, title=title, source="person", by=by, now=now
    )


def _held(customer: Customer, by: User | None, *, alone: bool = False) -> Customer:
    """The customer as `by` may write him; `alone`: nobody answers a complaint while another takes it back."""
    permit(by, Right.LOG_CONTACTS)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return (reach.select_for_update(of=("self",)) if alone else reach).get(pk=customer.pk)
