"""Customers' lives, drawn from a seed: rhythm, season, basket, span; growing, fading, complaining, coming back.

Nothing here is scored or labelled: a life is what happened, and the product has to find out the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

import numpy as np

from liuke.demo.words import goods

YEARS = 3
CHRISTMAS = (8, 9, 10, 11)  # the months in which its goods are bought
MOST_LINES = 16


class Kind(NamedTuple):
    """A class of customers: share of all, median days between orders, regularity, median basket in fen, lines, span in days."""

    name: str
    share: float
    gap_days: float
    regularity: float  # shape of the gamma: 1 is chance, more is clockwork
    basket_minor: float
    lines: float
    span_days: float
    price: float  # of the list price


KINDS = (
    Kind("consumer", 0.42, 85, 1.2, 18_000, 2.0, 520, 1.0),
    Kind("firm", 0.34, 48, 2.5, 260_000, 4.0, 800, 0.72),
    Kind("dealer", 0.24, 27, 3.5, 780_000, 7.0, 950, 0.55),
)

# How much likelier an order is in each month, January first: at home before Spring Festival, abroad well before Christmas.
SEASONS = {
    "home": np.array([1.45, 0.55, 0.9, 0.95, 1.0, 0.95, 0.85, 0.95, 1.1, 1.0, 1.05, 1.25]),
    "abroad": np.array([0.65, 0.7, 0.85, 0.9, 0.95, 1.0, 1.1, 1.3, 1.45, 1.3, 1.05, 0.75]),
}


class Line(NamedTuple):
    product: int
    quantity: int
    amount_minor: int


@dataclass
class Order:
    on: date
    lines: list[Line]

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


@dataclass
class Trouble:
    """A complaint about an order: solved after days or months, or not yet; what was given back."""

    order: int
    on: date
    solved_on: date | None
    refunded: bool


@dataclass
class Life:
    kind: Kind
    market: str  # home, abroad
    start: date
    orders: list[Order] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    left_on: date | None = None
    came_back_on: date | None = None


class Draft(NamedTuple):
    """An order before its lines: the day, the money it is about in fen, and how many different goods."""

    on: date
    size: float
    breadth: int


class Shelf:
    """The catalogue as arrays, each customer with a taste of his own in it."""

    def __init__(self) -> None:
        self.goods = goods()
        self.price = np.array([good.price_minor for good in self.goods], dtype=float)
        categories = sorted({good.category for good in self.goods})
        self.category = np.array([categories.index(good.category) for good in self.goods])
        christmas = np.array([good.category == "圣诞" for good in self.goods])
        # By month, January in row 1: what is in season sells three times as well, out of season a third.
        self.season = np.where(christmas, np.where(np.isin(np.arange(13), CHRISTMAS), 3.0, 0.3)[:, None], 1.0)

    def taste(self, rng: np.random.Generator) -> np.ndarray:
        liking = rng.gamma(0.6, size=self.category.max() + 1)[self.category] * rng.gamma(
            1.0, size=len(self.goods)
        )
        found: np.ndarray = liking / liking.sum()
        return found


def lives(count: int, *, seed: int, until: date, years: int = YEARS) -> list[Life]:
    """`count` customers who first bought within the `years` before `until`; the same seed gives the same lives."""
    return list(each_life(count, seed=seed, until=until, years=years))


def each_life(count: int, *, seed: int, until: date, years: int = YEARS) -> Iterator[Life]:
    """As `lives`, one after the other in the order of their first day: a hundred thousand need not be held at once."""
    rng = np.random.default_rng(seed)
    shelf = Shelf()
    begin = until - timedelta(days=round(365.25 * years))
    days = (until - begin).days
    kinds = rng.choice(len(KINDS), size=count, p=[kind.share for kind in KINDS])
    abroad = rng.random(count) < np.array([0.25, 0.35, 0.6])[kinds]
    # Half were there when the log begins, the others came since; nobody in the last week, so that each has an order.
    starts = np.where(rng.random(count) < 0.45, rng.integers(0, 60, count), rng.integers(0, days - 7, count))
    for index in np.argsort(starts, kind="stable"):
        life = Life(
            KINDS[kinds[index]],
            "abroad" if abroad[index] else "home",
            begin + timedelta(days=int(starts[index])),
        )
        _live(life, rng, shelf, until)
        yield life


def _live(life: Life, rng: np.random.Generator, shelf: Shelf, until: date) -> None:
    kind = life.kind
    gap = kind.gap_days * rng.lognormal(0, 0.45)
    basket = kind.basket_minor * rng.lognormal(0, 0.75)
    growth = max(-0.9, rng.normal(0.05, 0.25))  # a year
    taste = shelf.taste(rng)
    season = SEASONS[life.market].tolist()
    span = rng.exponential(kind.span_days) + gap
    fade_from = span * rng.uniform(0.65, 1.0)  # towards the end orders come later and smaller
    trouble_rate = 0.035
    at = life.start
    drafts: list[Draft] = []
    while at <= until:
        age = (at - life.start).days
        if age > span:
            life.left_on = at
            back = _comeback(life, rng, until)
            if back is None:
                break
            at, span, fade_from = (
                back,
                (back - life.start).days + rng.exponential(kind.span_days * 0.6) + gap,
                1e9,
            )
            continue
        fading = (
            min(1.0, max(0.0, (age - fade_from) / max(span - fade_from, 1.0))) if span > fade_from else 0.0
        )
        size = basket * (1 + growth) ** (age / 365.25) * rng.lognormal(0, 0.28) * (1 - 0.55 * fading)
        breadth = max(1, rng.poisson(max(kind.lines * (1 - 0.5 * fading), 0.3)))
        drafts.append(Draft(at, size, min(breadth, MOST_LINES)))
        if rng.random() < trouble_rate:
            span = _trouble(life, at, len(drafts) - 1, rng, age, span, until)
        wait = gap * rng.gamma(kind.regularity, 1 / kind.regularity) * (1 + 1.2 * fading)
        at = _in_season(at, wait, season)
    life.orders = _orders(rng, shelf, taste, drafts, kind.price)


def _in_season(at: date, wait: float, season: list[float]) -> date:
    """The day on which `wait` days of ordinary time are over: a busy month has more of it than a quiet one."""
    left = max(wait, 1.0)
    while True:
        pace = season[at.month - 1]
        month_end = (at.replace(day=28) + timedelta(days=4)).replace(day=1)
        days = (month_end - at).days
        if left <= days * pace:
            return at + timedelta(days=max(1, round(left / pace)))
        left -= days * pace
        at = month_end


def _orders(
    rng: np.random.Generator, shelf: Shelf, taste: np.ndarray, drafts: list[Draft], price: float
) -> list[Order]:
    """The lines of all orders of a life at once. Whose exponential, divided by his weight, ends first is drawn first:

    that is drawing by weights without putting back, and forty times as fast as asking rng.choice for each order.
    """
    if not drafts:
        return []
    breadths = np.array([draft.breadth for draft in drafts])
    sizes = np.array([draft.size for draft in drafts])
    weights = taste * shelf.season[[draft.on.month for draft in drafts]]
    ends = rng.standard_exponential(weights.shape) / np.maximum(weights, 1e-12)
    chosen = np.argsort(ends, axis=1)[:, :MOST_LINES]
    parts = rng.standard_gamma(1.5, chosen.shape) * (np.arange(MOST_LINES) < breadths[:, None])
    shares = parts / np.maximum(parts.sum(axis=1, keepdims=True), 1e-12)
    units = np.maximum(1, np.rint(shelf.price[chosen] * price))
    quantities = np.maximum(1, np.rint(sizes[:, None] * shares / units)).astype(np.int64)
    amounts = (quantities * units.astype(np.int64)).tolist()
    rows = zip(drafts, chosen.tolist(), quantities.tolist(), amounts, strict=True)
    return [
        Order(draft.on, list(map(Line._make, islice(zip(products, many, minor, strict=True), draft.breadth))))
        for draft, products, many, minor in rows
    ]


def _trouble(
    life: Life, ordered: date, place: int, rng: np.random.Generator, age: int, span: float, until: date
) -> float:
    """A complaint about the last order; answered badly it shortens the span, answered well it hardly does."""
    on = ordered + timedelta(days=int(rng.integers(2, 15)))
    if on > until:
        return span
    well = rng.random() < 0.72
    days = int(rng.integers(1, 9) if well else rng.integers(15, 60))
    if not well and rng.random() < 0.4:
        days *= 2  # forgotten, and answered when somebody clears up
    solved = on + timedelta(days=days)
    life.troubles.append(
        Trouble(
            place,
            on,
            None if solved > until else solved,
            bool(rng.random() < 0.55),
        )
    )
    stays = rng.random() < (0.85 if well else 0.35)
    return span if stays else min(span, age + life.kind.gap_days * rng.uniform(0.5, 2.0))


def _comeback(life: Life, rng: np.random.Generator, until: date) -> date | None:
    """One in seven comes back after a long pause, once."""
    if life.came_back_on is not None or life.left_on is None or rng.random() > 0.15:
        return None
    back = life.left_on + timedelta(days=int(rng.integers(120, 380)))
    if back > until:
        return None
    life.came_back_on, life.left_on = back, None
    return back
