"""What the card draws: the last orders for the rhythm strip, and the value of twelve months over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import segno
from django.utils import timezone
from django.utils.safestring import mark_safe

from liuke.customers.records.rules import TELEPHONES, by_influence
from liuke.platform.kit.rules import Rung, minor_digits

if TYPE_CHECKING:
    from liuke.customers.models import Contact, ContactPoint
    from liuke.scores.models import Score

# Block of the card in which a scope's own field stands; else among the characteristics.
PROFILE_BLOCK: Mapping[str, str] = {
    "department": "basic",
    "agency_agreement": "business",
    "agreement_until": "business",
    "cost_centre": "business",
}


def ordered_since(judged_on: date | None, last_purchase_at: datetime | None) -> bool:
    """Whether an order came that the judgement has not seen: its sentences would belie the timeline."""
    if last_purchase_at is None:
        return False
    return judged_on is None or timezone.localdate(last_purchase_at) > judged_on


STRIP_GAPS = 12  # usual gaps that the strip shows
FEWEST, MOST = 6, 24


@dataclass(frozen=True)
class Entry:
    """A purchase or what takes one back: its day and its money, as it was paid."""

    on: date
    kind: str
    minor: int
    currency: str
    channel: str = ""


@dataclass(frozen=True)
class Habits:
    """How a customer buys (DB13), of all his orders: a day's orders are one occasion, and money is the company's."""

    interval_days: float | None  # between the days on which he bought; None where there was but one
    mean_minor: int
    median_minor: int
    channel: str  # the one that most of his orders came by; blank where none is noted

    @property
    def whole_days(self) -> int | None:
        return None if self.interval_days is None else round(self.interval_days)


def habits(entries: Sequence[Entry]) -> Habits | None:
    """None without an order. Orders on the days 0, 30 and 60 have a mean interval of 30."""
    orders = [one for one in entries if one.kind == "order"]
    if not orders:
        return None
    days = sorted({one.on for one in orders})
    interval = (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else None
    values = [one.minor for one in orders]
    channels = Counter(one.channel for one in orders if one.channel)
    usual = min(channels, key=lambda name: (-channels[name], name)) if channels else ""
    return Habits(interval, round(fmean(values)), round(median(values)), usual)


@dataclass(frozen=True)
class Unrated:
    """Twelve months in a currency whose worth nobody has said: no figure of the company's can hold them."""

    currency: str
    year_minor: int
    year_orders: int


def at_home(entries: Sequence[Entry], company: str, rates: Mapping[str, Decimal]) -> list[Entry]:
    """The entries in the company's currency; those in one without a rate are not among them."""
    found = []
    for one in entries:
        rate = Decimal(1) if one.currency == company else rates.get(one.currency)
        if rate is None:
            continue
        worth = Decimal(one.minor) * rate
        worth = worth.scaleb(minor_digits(company) - minor_digits(one.currency))
        found.append(replace(one, minor=int(worth.quantize(Decimal(1), ROUND_HALF_UP)), currency=company))
    return found


def unrated(
    entries: Sequence[Entry], company: str, rates: Mapping[str, Decimal], today: date
) -> list[Unrated]:
    held: dict[str, list[Entry]] = {}
    for one in entries:
        if one.currency != company and one.currency not in rates:
            held.setdefault(one.currency, []).append(one)
    since = _year_before(today)
    told = []
    for currency, theirs in sorted(held.items()):
        year = [one for one in theirs if one.on > since]
        orders = sum(one.kind == "order" for one in year)
        told.append(Unrated(currency, sum(one.minor for one in year), orders))
    return told


def strip(orders: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    """Orders of one day as one, oldest first; at most the last two dozen, as many as tell a rhythm."""
    by_day: dict[date, int] = {}
    for on, minor in orders:
        by_day[on] = by_day.get(on, 0) + minor
    return sorted(by_day.items())[-MOST:]


def month_ends(until: date, count: int) -> list[date]:
    """`until` and the same day of the months before it (the last of a shorter month), oldest first."""
    found = []
    for back in range(count - 1, -1, -1):
        months = until.year * 12 + until.month - 1 - back
        year, month = divmod(months, 12)
        found.append(_day_in(year, month + 1, until.day))
    return found


def _day_in(year: int, month: int, day: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    last = (following.toordinal()) - date(year, month, 1).toordinal()
    return date(year, month, min(day, last))


def rolling_year(
    purchases: Sequence[tuple[date, int]], until: date, *, months: int = 24
) -> list[tuple[date, int]]:
    """The sales of the twelve months up to the end of each of the last `months` months; refunds taken off."""
    ends = month_ends(until, months)
    if not purchases:
        return []
    first = min(on for on, _ in purchases)
    return [
        (end, sum(minor for on, minor in purchases if _year_before(end) < on <= end))
        for end in ends
        if end >= first
    ]


def _year_before(day: date) -> date:
    return _day_in(day.year - 1, day.month, day.day)


TONES = {"supporter": "for", "neutral": "neutral", "opponent": "against"}


def influence_map(persons: Iterable[Any]) -> list[Rung]:
    """The people of a customer by influence (CT01); empty as long as nothing of it is known of anybody."""
    known = sorted(persons, key=by_influence)
    if not any(one.influence or one.decision_power or one.attitude for one in known):
        return []
    rungs = []
    for one in known:
        detail = " · ".join(part for part in (one.power_name, one.attitude_name) if part)
        rungs.append(Rung(one.name, detail, one.influence, TONES.get(one.attitude, ""), one.is_primary))
    return rungs


def by_channel(told: Mapping[str, str | None] | None) -> list[tuple[str, datetime]]:
    """What a database says of the last contact by channel, newest first; one without zones writes UTC."""
    found = []
    for channel, text in (told or {}).items():
        if text:
            at = datetime.fromisoformat(text)
            found.append((channel, at if at.tzinfo else at.replace(tzinfo=UTC)))
    return sorted(found, key=lambda one: one[1], reverse=True)


def code_of(address: str) -> str:
    """A QR code of `address` as SVG: black on white in every theme, with the quiet border that readers want."""
    made = segno.make(address, error="m", micro=False)
    drawn: str = made.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawn)  # noqa: S308 - drawn by the library from squares; the address is in it as modules only


@dataclass(frozen=True)
class AtHand:
    """One way to reach a customer, as his card's head offers it; `whose` is blank for the customer's own."""

    point: ContactPoint
    whose: str
    is_primary: bool = False


def at_hand(
    points: Iterable[ContactPoint], people: Iterable[tuple[Contact, Sequence[ContactPoint]]]
) -> list[AtHand]:
    """What the card's head calls, writes to or copies: two numbers, a mail address and a WeChat account at most.

    The preferred first, then the customer's own, then the primary contact's. What is veiled stands there veiled.
    """
    known = [AtHand(point, "") for point in points]
    known += [AtHand(point, one.name, one.is_primary) for one, theirs in people for point in theirs]
    known.sort(
        key=lambda one: (not one.point.is_preferred, bool(one.whose), not one.is_primary, one.point.pk)
    )
    calls = [one for one in known if one.point.kind in TELEPHONES][:2]
    mails = [one for one in known if one.point.kind == "email"][:1]
    return calls + mails + [one for one in known if one.point.kind == "wechat"][:1]


def buys_less(score: Score | None) -> bool:
    """Whether to ask why: after a fall, or of who is leaving or has left. A growing customer is not asked about."""
    return score is not None and (score.moved == "fell" or score.band in {"high", "lost"})
