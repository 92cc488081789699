"""What is read before a visit: the little that counts, of all that the card holds. Read only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from liuke.customers.facts.rules import CONTACTS
from liuke.customers.models import Contact, Customer, Fact, FollowUp, Need
from liuke.customers.timeline.rules import OF_COMPLAINTS, entry, unanswered
from liuke.scores.models import Score
from liuke.scores.reasons.rules import advice, sentences

if TYPE_CHECKING:
    from liuke.platform.models import User

LAST_SHOWN, OPEN_SHOWN = 3, 8


def met(pk: int, user: User) -> tuple[Customer, Score | None] | None:
    """The customer and how he is judged, in one statement once everybody is; None where `user` may not write him."""
    mine = Customer.objects.reach(user, user.role.write_scope, path="customer__")
    judged = Score.objects.current().filter(mine, customer=pk).select_related("customer__owner").order_by()
    if (score := judged.first()) is not None:
        return score.customer, score
    customer = Customer.objects.writable_by(user).filter(pk=pk).select_related("owner").first()
    return (customer, None) if customer else None


def brief(customer: Customer, score: Score | None, *, money: Callable[[float], str]) -> dict[str, Any]:
    told = Fact.objects.standing().filter(customer=customer).order_by("-at", "-id")
    last = told.filter(kind__in=CONTACTS)[:LAST_SHOWN]
    either = told.filter(Q(pk__in=last.values("pk")) | Q(kind__in=OF_COMPLAINTS)).select_related("actor")
    facts = list(either)
    complaints = unanswered(fact for fact in facts if fact.kind in OF_COMPLAINTS)
    open_ones = FollowUp.objects.open().filter(customer=customer).exclude(kind="complaint")
    due = list(open_ones.select_related("assignee").order_by("due_at", "id")[:OPEN_SHOWN])
    needs = list(Need.objects.open().filter(customer=customer).select_related("product"))
    return {
        "last": [(fact, entry(fact)) for fact in facts if fact.kind in CONTACTS],
        "complaints": complaints,
        "due": [(one, one.matter or next(iter(sentences(one.reasons, money=money)), "")) for one in due],
        "score": score,
        "needs": needs,
        "people": list(Contact.objects.filter(customer=customer).select_related("department")),
        "topic": topic(score, needs, complaint_open=bool(complaints)),
        "reasons": sentences(score.reasons, money=money) if score and score.band else [],
    }


def topic(score: Score | None, needs: list[Need], *, complaint_open: bool) -> str:
    """What to speak of first: what is to be repaired, then what they need, then what the judgement suggests."""
    kind = "risk" if score and score.band == "high" else "rhythm" if score and score.about_now else ""
    reasons = score.reasons if score else []
    if complaint_open:
        return advice(kind, reasons, complaint_open=True)
    wanted = sorted(needs, key=lambda one: ("demand", "want", "need").index(one.level))
    return wanted[0].what if wanted else advice(kind, reasons)
