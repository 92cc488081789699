"""The customer's life (SC05): what orders, silence and contentment make of it (CH03, LO01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


BUYING = ("customer", "loyal", "won_back")
AFTER_SILENCE = ("dormant", "lost", "won_back")  # an order counts from when that began
MOVES: Mapping[str, frozenset[str]] = {
    "lead": frozenset({"prospect", "customer", "non_customer"}),
    "prospect": frozenset({"lead", "customer", "non_customer"}),
    "customer": frozenset({"loyal", "dormant", "lost"}),
    "loyal": frozenset({"customer", "dormant", "lost"}),
    "dormant": frozenset({"lost", "won_back"}),
    "lost": frozenset({"won_back", "non_customer"}),
    "won_back": frozenset({"customer", "dormant", "lost"}),
    "non_customer": frozenset({"prospect", "customer"}),
}
# What made the rule decide, as StageChange.reason keeps it; anything else there is somebody's own words.
REASONS: Mapping[str, str] = {
    "first_order": gettext_noop("first order"),
    "first_service": gettext_noop("first service job"),
    "came_back": gettext_noop("ordered again"),
    "stayed": gettext_noop("ordered again after coming back"),
    "repeats": gettext_noop("enough repeat orders, and content"),
    "dissatisfied": gettext_noop("buys again, but is not content"),
    "too_few_repeats": gettext_noop("too few repeat orders"),
    "silent": gettext_noop("no order for longer than twice the own interval"),
    "silent_long": gettext_noop("no order for so long that they count as lost"),
    "undone": gettext_noop("the import that brought the orders was undone"),
    "taken_back": gettext_noop("the order was taken back entirely"),
    "counts_again": gettext_noop("the order counts again: less of it came back"),
}
# Steps that orders alone make.
BY_ORDERS = ("first_order", "first_service", "came_back", "stayed", "taken_back", "counts_again")


class Move(NamedTuple):
    stage: str
    code: str


@dataclass(frozen=True)
class Policy:
    """The company's choices (preferences churn.* and loyal.*)."""

    dormant_factor: float = 2.0
    dormant_min_days: int = 90
    lost_days: int = 365
    min_repeats: int = 3

    def dormant_days(self, interval_days: float | None) -> float:
        """Silence beyond this is dormant: twice the own interval, and never less than 90 days."""
        return max(self.dormant_min_days, self.dormant_factor * (interval_days or 0))


@dataclass(frozen=True)
class History:
    """What the ledger says of a customer's orders up to a day."""

    orders: int  # days with an order
    first_at: datetime
    last_at: datetime
    dissatisfied: bool = False  # as of the last answer

    @property
    def repeats(self) -> int:
        return self.orders - 1

    @property
    def interval_days(self) -> float | None:
        """The usual gap between two orders; None with one order."""
        return (
            (self.last_at - self.first_at).total_seconds() / 86400 / self.repeats
            if self.repeats > 0
            else None
        )


def after_order(stage: str, *, service: bool = False) -> Move | None:
    """What an order, or a service job that was carried out, makes of a customer (SC05, CH03)."""
    match stage:
        case "lead" | "prospect" | "non_customer":
            return Move("customer", "first_service" if service else "first_order")
        case "dormant" | "lost":
            return Move("won_back", "came_back")
        case "won_back":
            return Move("customer", "stayed")
    return None


def after_orders(
    stage: str, since: datetime | None, orders: Sequence[tuple[datetime, bool]]
) -> tuple[str, datetime | None]:
    """Where the orders and service jobs (instant, whether it is a job), oldest first, lead from `stage`, and since when.

    An order of before the silence wins nobody back.
    """
    for at, service in orders:
        move = after_order(stage, service=service)
        if move and not (stage in AFTER_SILENCE and since and at <= since):
            stage, since = move.stage, max(at, since) if since else at
    return stage, since


def loyalty(history: History, policy: Policy) -> str:
    """LO01: "loyal", "unhappy" (buys again but is not content) or "few" (too few repeat orders)."""
    if history.repeats < policy.min_repeats:
        return "few"
    return "unhappy" if history.dissatisfied else "loyal"


def next_stage(stage: str, history: History, days_silent: int, policy: Policy) -> Move | None:
    """What the passing of time makes of a customer; None when he stays where he is.

    Somebody who orders once in two years isn't lost after one: lost waits until dormant is due as well.
    """
    if stage in (*BUYING, "dormant"):
        dormant_days = policy.dormant_days(history.interval_days)
        if days_silent > max(policy.lost_days, dormant_days):
            return Move("lost", "silent_long")
        if stage != "dormant" and days_silent > dormant_days:
            return Move("dormant", "silent")
    kind = loyalty(history, policy)
    if stage == "customer" and kind == "loyal":
        return Move("loyal", "repeats")
    if stage == "loyal" and kind != "loyal":
        return Move("customer", "dissatisfied" if kind == "unhappy" else "too_few_repeats")
    return None


def reason_text(reason: str) -> str:
    """A stage change's reason in the reader's language: a rule's, or somebody's own words."""
    return gettext(REASONS[reason]) if reason in REASONS else reason
