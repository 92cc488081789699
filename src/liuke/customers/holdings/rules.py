"""What a customer owns, and which of its days ask for somebody (DB22). No database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from liuke.customers.occasions.rules import anniversary


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


KINDS: Mapping[str, str] = {
    "vehicle": gettext_noop("car or other vehicle"),
    "property": gettext_noop("flat, shop or building"),
    "machine": gettext_noop("machine or equipment"),
    "other": gettext_noop("something else"),
}


@dataclass(frozen=True)
class Days:
    """The days of a holding; `replace_on` where somebody knows better than the usual life of such a thing."""

    bought_on: date | None = None
    replace_on: date | None = None
    service_on: date | None = None
    warranty_until: date | None = None
    insured_until: date | None = None


def replacement_on(days: Days, years: int) -> date | None:
    """When it is usually replaced: a car after eight years."""
    if days.replace_on or days.bought_on is None:
        return days.replace_on
    return anniversary(days.bought_on, years)


def due(days: Days, today: date, *, years: int, notice_days: int) -> Iterator[tuple[str, date]]:
    """What is to be asked for today: days within the notice ahead, or missed by no more than it."""
    told = {
        "replacement": replacement_on(days, years),
        "service": days.service_on,
        "warranty": days.warranty_until,
        "insurance": days.insured_until,
    }
    for what, on in told.items():
        if on is not None and abs((on - today).days) <= notice_days:
            yield what, on


@dataclass(frozen=True)
class Pack:
    """How a trade speaks of what its customers own, and when it asks about it (SC10). No data changes with it."""

    name: str
    owned: str  # above what a customer owns
    kind: str  # asked for first
    replacement_years: int
    notice_days: int


PACKS: Mapping[str, Pack] = {
    "neutral": Pack(gettext_noop("Any trade"), gettext_noop("What they own"), "vehicle", 8, 30),
    "car": Pack(gettext_noop("Car dealer with workshop"), gettext_noop("Vehicles"), "vehicle", 8, 30),
    "estate": Pack(gettext_noop("Real estate"), gettext_noop("Properties"), "property", 15, 90),
    "trade": Pack(gettext_noop("Foreign trade"), gettext_noop("Equipment"), "machine", 10, 60),
    "telecom": Pack(gettext_noop("Telecom"), gettext_noop("Subscriptions and devices"), "other", 2, 45),
}


def pack_of(code: str) -> Pack:
    return PACKS.get(code, PACKS["neutral"])


def kinds_for(pack: Pack) -> dict[str, str]:
    """All kinds there are, the trade's own first."""
    return {pack.kind: KINDS[pack.kind], **KINDS}
