"""Matters that settle themselves: an order or a talk ends them, a new owner takes them over."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import CONTACTS, GAVE_WORD, NOT_REACHED, FactKind, reacts_to
from liuke.customers.followups.actions import expire_rows
from liuke.customers.followups.models import FollowUp, FollowUpChange
from liuke.customers.followups.rules import (
    ENDED_BY_CONTACT,
    ENDED_BY_ORDER,
    ENDED_BY_WORD,
    rests_on_word,
    stale_after_order,
)
from liuke.platform.bulk.actions import insert_rows, update_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get

SETTLED_BY_CONTACT = ("contacted", "will_order", "written")  # reasons, of what a contact has ended by itself


@reacts_to(FactKind.PURCHASED)
def end_by_order(facts: Sequence[Fact], *, now: datetime) -> None:
    """Who has ordered is not leaving, nor about to order. An old order that an import brings changes neither."""
    last: dict[int, datetime] = {}
    for fact in facts:
        last[fact.customer_id] = max(fact.at, last.get(fact.customer_id, fact.at))
    suggested = FollowUp.objects.open().filter(kind__in=ENDED_BY_ORDER)
    if not suggested.exists():
        return  # a new company's first files: nobody was suggested yet
    ended = []
    for piece in pieces(sorted(last)):
        rows = suggested.filter(customer__in=piece)
        for pk, customer_id, asked_at in rows.values_list("pk", "customer_id", "created_at"):
            if stale_after_order(asked_at, last[customer_id]):
                ended.append(pk)
    expire_rows(ended, reason="ordered", now=now)


@reacts_to(*CONTACTS)
def end_by_contact(facts: Sequence[Fact], *, now: datetime) -> None:
    """The gap is closed by a talk after it was noticed, not by one that is written up late."""
    last: dict[int, datetime] = {}
    for fact in facts:
        if fact.data["outcome"] not in NOT_REACHED:
            last[fact.customer_id] = max(fact.at, last.get(fact.customer_id, fact.at))
    ended = []
    for piece in pieces(sorted(last)):
        rows = FollowUp.objects.open().filter(customer__in=piece, kind__in=ENDED_BY_CONTACT)
        for pk, customer_id, asked_at in rows.values_list("pk", "customer_id", "created_at"):
            if last[customer_id].date() >= asked_at.date():
                ended.append(pk)
    expire_rows(ended, reason="contacted", now=now)


@reacts_to(*CONTACTS)
def end_by_word(facts: Sequence[Fact], *, now: datetime) -> None:
    """Who has just said that they order isn't asked whether they would."""
    given = [fact for fact in facts if fact.data["outcome"] in GAVE_WORD]
    if not given:
        return
    days = get("followups.word_days")
    believed = {fact.customer_id for fact in given if rests_on_word(fact.at, now, days)}
    ended: list[int] = []
    for piece in pieces(sorted(believed)):
        rows = FollowUp.objects.open().filter(customer__in=piece, kind__in=ENDED_BY_WORD)
        ended += rows.values_list("pk", flat=True)
    expire_rows(ended, reason="will_order", now=now)


@reacts_to(FactKind.WITHDRAWN)
def open_again(facts: Sequence[Fact], *, now: datetime) -> None:
    """What only a withdrawn contact had settled is to be done as before, unless it has been asked for anew."""
    for contact in Fact.objects.filter(pk__in=[fact.subject_id for fact in facts], kind__in=CONTACTS):
        ended = FollowUpChange.objects.filter(
            what="expired",
            reason__in=SETTLED_BY_CONTACT,
            at=contact.recorded_at,
            followup__customer=contact.customer_id,
            followup__state="expired",
        )
        for step in ended.order_by("followup"):
            with suppress(IntegrityError), transaction.atomic():
                FollowUp.objects.filter(pk=step.followup_id).update(state="open", closed_at=None)
                FollowUpChange.objects.create(
                    followup_id=step.followup_id, what="taken_back", at=now, before={"what": "expired"}
                )


@reacts_to(FactKind.ASSIGNED)
def pass_on(facts: Sequence[Fact], *, now: datetime) -> None:
    """Open matters of the former owner, and nobody's, go to the new one; what a third colleague does stays his."""
    given = {fact.customer_id: fact for fact in facts if fact.data["after_id"] is not None}
    rows: list[tuple[int, int | None, Fact]] = []
    for piece in pieces(sorted(given)):
        held = FollowUp.objects.open().filter(customer__in=piece).order_by("pk").select_for_update()
        for pk, customer_id, assignee_id in held.values_list("pk", "customer_id", "assignee_id"):
            if assignee_id in (None, given[customer_id].data["before_id"]):
                rows.append((pk, assignee_id, given[customer_id]))
    if not rows:
        return
    update_rows(
        "UPDATE customers_followup SET assignee_id = %s WHERE id = %s",
        [(fact.data["after_id"], pk) for pk, _, fact in rows],
    )
    insert_rows(
        FollowUpChange,
        ["followup_id", "what", "at", "by_id", "reason", "before", "after", "tells_id"],
        [
            (
                pk,
                "reassigned",
                now,
                fact.actor_id,
                "owner_changed",
                {"assignee_id": assignee_id, "assignee": fact.data["before"] if assignee_id else ""},
                {"assignee_id": fact.data["after_id"], "assignee": fact.data["after"]},
                None,  # one notice of two hundred customers says more than two hundred of follow-ups
            )
            for pk, assignee_id, fact in rows
        ],
    )
