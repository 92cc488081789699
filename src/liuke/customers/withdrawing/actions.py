"""What somebody wrote by mistake on the timeline, taken back: it counts for nothing, and the books keep both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from liuke.customers.facts.actions import record
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import WITHDRAWN_KEY, FactKind
from liuke.customers.followups.actions import expire_rows, revoke, step_to_take_back, take_back
from liuke.customers.followups.rules import TooLate
from liuke.customers.mentions.actions import tell_no_more
from liuke.customers.records.models import Customer
from liuke.customers.timeline.actions import open_complaints
from liuke.customers.withdrawing.rules import is_a_slip
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right

if TYPE_CHECKING:
    from liuke.platform.models import User


def may_withdraw(fact: Fact, *, by: User, now: datetime) -> bool:
    """Whoever wrote it, as long as a slip is noticed; once."""
    return is_a_slip(fact, by=by.pk, now=now) and not Fact.objects.filter(key=_key(fact)).exists()


@transaction.atomic
def withdraw(slip: Fact, *, by: User, now: datetime) -> Fact:
    """As if it had not been written, with all it set off: what it closed is open, what it set is let go, who is named in it

    and has not read it is told nothing. Raises TooLate when somebody has gone on from there.
    """
    permit(by, Right.LOG_CONTACTS)
    # Ours until the commit: nobody answers a complaint while it is taken back.
    reach = Customer.objects.writable_by(by).select_for_update(of=("self",))
    held = reach.get(pk=slip.customer_id)
    if not may_withdraw(slip, by=by, now=now):
        raise TooLate
    _WAYS_BACK[FactKind(slip.kind)](held, slip, by=by, now=now)
    return _written(slip, by=by, now=now)


def _contact(held: Customer, slip: Fact, *, by: User, now: datetime) -> None:
    complaint = held.facts.filter(kind=FactKind.COMPLAINED, data__contact_id=slip.pk).first()
    if complaint:
        _complaint(held, complaint, by=by, now=now)
    closed = held.followups.filter(pk=slip.data.get("followup_id", 0)).first()
    step = step_to_take_back(closed, by=by, now=now) if closed else None
    if step and step.what == "done" and step.at == slip.recorded_at:
        take_back(step, by=by, now=now)
    if following := slip.data.get("next_id"):
        expire_rows([following], reason="withdrawn", now=now)
    if complaint:
        _written(complaint, by=by, now=now)


def _complaint(held: Customer, slip: Fact, *, by: User, now: datetime) -> None:
    if slip not in open_complaints(held):
        raise TooLate


def _promise(held: Customer, slip: Fact, *, by: User, now: datetime) -> None:
    revoke(held.followups.get(pk=slip.data["followup_id"]), by=by, now=now)


def _note(held: Customer, slip: Fact, *, by: User, now: datetime) -> None:
    """It sets nothing off but that colleagues are told, who are told no more."""


_WAYS_BACK: Mapping[FactKind, Callable[..., None]] = {
    FactKind.CONTACTED: _contact,
    FactKind.VISITED: _contact,
    FactKind.COMPLAINED: _complaint,
    FactKind.PROMISED: _promise,
    FactKind.NOTED: _note,
}


def _written(slip: Fact, *, by: User, now: datetime) -> Fact:
    tell_no_more(slip)
    return record(
        FactKind.WITHDRAWN,
        customer=slip.customer,
        at=now,
        by=by,
        now=now,
        subject=slip,
        data={"kind": slip.kind, **_repeated(slip.data)},
        key=_key(slip),
    )


def _repeated(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of the entry that is taken back, so that this one reads by itself."""
    if "channel" in said:
        return {"channel": said["channel"], "outcome": said["outcome"]}
    text = said.get("text", said.get("note", ""))
    return {"text": text} if text else {}


def _key(slip: Fact) -> str:
    return f"{WITHDRAWN_KEY}{slip.pk}"
