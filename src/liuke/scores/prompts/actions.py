"""From the night's judgement to the list of the day: who to win back, who is about to buy, who has been left alone too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from liuke.customers.followups.actions import ask, expire, weigh
from liuke.customers.followups.rules import TIMED, rests_on_word
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.records.rules import contact_overdue_days
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.models import User
from liuke.platform.preferences.actions import get
from liuke.scores.policy.actions import policies
from liuke.scores.prompts.rules import ALARMED, CARED_FOR, Candidate, chosen, fall, heaviest
from liuke.scores.runs.models import Score

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE = "scores"
AHEAD = 4  # candidates read per line of the list: some are asked already, or dismissed and quiet


@transaction.atomic
def prompt(*, by: User | None, now: datetime) -> int:
    """Asks for what the current run gives reason for, lets go what it no longer does; returns how many are asked."""
    permit(by, Right.RUN_SCORES)
    limit = get("today.limit_per_person")
    cadence = {grade: owed.contact_days for grade, owed in policies().items()}
    candidates = [*_from_scores(limit, cadence, now), *_gaps(now, limit, cadence)]
    picked = chosen(candidates, limit=limit)
    _let_go({candidate.key for candidate in heaviest(candidates)}, now=now)
    customers = Customer.objects.in_bulk([candidate.customer_id for candidate in picked])
    owners = User.objects.active().in_bulk([c.owner_id for c in picked if c.owner_id])
    for candidate in picked:
        ask(
            customers[candidate.customer_id],
            kind=candidate.kind,
            assignee=owners.get(candidate.owner_id) if candidate.owner_id else None,
            due_at=now,
            reasons=list(candidate.reasons),
            weight_minor=candidate.weight_minor,
            source=f"{SOURCE}.{candidate.kind}",
            key=candidate.key,
            rest_days=candidate.rest_days,
            by=None,  # Liuke suggests it, whoever started the run: rights and thanks are not his
            now=now,
        )
    _weigh(now=now)
    return len(picked)


def _weigh(*, now: datetime) -> None:
    """A complaint was weighed when it came, a promise not at all: last night's figure is what they are about."""
    waiting = FollowUp.objects.open().filter(kind__in=TIMED).values("customer")
    scores = Score.objects.current().filter(customer__in=waiting)
    weigh(dict(scores.values_list("customer_id", "expected_value_minor")), now=now)


def _owners() -> list[int | None]:
    return [
        *User.objects.active().filter(customers__isnull=False).distinct().values_list("pk", flat=True),
        None,
    ]


def _from_scores(limit: int, cadence: Mapping[str, int], now: datetime) -> Iterator[Candidate]:
    """The heaviest of each owner: at risk or fallen by the money at risk, about to buy by the money expected."""
    current = Score.objects.current()
    word_days = get("followups.word_days")
    words = Fact.objects.words_given(now - timedelta(days=word_days))
    # Who waits for an answer is not asked for an order: the complaint's own row is what is to be done.
    complaining = FollowUp.objects.open().filter(kind="complaint").order_by().values("customer")
    for owner in _owners():
        mine = current.filter(customer__owner=owner)
        risky = mine.filter(band="high").order_by("-value_at_risk_minor")
        fallen = mine.filter(moved="fell", grade_before__in=ALARMED).exclude(band__in=["high", "lost"])
        for score in (*risky[: limit * AHEAD], *fallen.order_by("-value_at_risk_minor")[: limit * AHEAD]):
            weight, rest = score.value_at_risk_minor, cadence.get(score.grade)
            reasons = [*fall(score.grade_before, score.grade, score.moved), *score.reasons]
            yield Candidate(score.customer_id, owner, "risk", weight, reasons, rest)
        due = mine.filter(about_now=True).exclude(band__in=["high", "lost"]).order_by("-expected_value_minor")
        due = due.exclude(customer__in=complaining)
        told = due.only("customer_id", "expected_value_minor", "reasons", "usual_gap_days")
        for score in told[: limit * AHEAD]:
            said_at = words.get(score.customer_id)
            if said_at is None or not rests_on_word(said_at, now, word_days, score.usual_gap_days):
                yield Candidate(score.customer_id, owner, "rhythm", score.expected_value_minor, score.reasons)


def _gaps(now: datetime, limit: int, cadence: Mapping[str, int]) -> Iterator[Candidate]:
    """Customers of the upper grades who were contacted, but not within their grade's cadence (CH09)."""
    rows: Iterable[tuple[int, int | None, str, datetime | None, int]] = (
        Score.objects.current()
        .filter(grade__in=CARED_FOR, customer__last_contact_at__isnull=False)
        .order_by("-value_12m_minor")
        .values_list(
            "customer_id",
            F("customer__owner_id"),
            "grade",
            F("customer__last_contact_at"),
            "expected_value_minor",
        )
    )
    for customer_id, owner_id, grade, last_contact_at, expected_minor in rows:
        last_on = timezone.localdate(last_contact_at) if last_contact_at else None
        if over := contact_overdue_days(cadence[grade], last_on, timezone.localdate(now)):
            figures = {"code": "contact_gap", "days": over + cadence[grade], "cadence": cadence[grade]}
            yield Candidate(customer_id, owner_id, "gap", expected_minor, [figures])


def _let_go(wanted: set[str], *, now: datetime) -> None:
    """Open suggestions that the new judgement no longer makes, or makes for a weightier reason."""
    open_keys = FollowUp.objects.open().filter(source__startswith=f"{SOURCE}.").values_list("key", flat=True)
    if gone := [key for key in open_keys if key and key not in wanted]:
        expire(keys=gone, now=now)
