"""Customers' lives, drawn from a seed: rhythm, season, basket, span; growing, fading, complaining, coming back.

Nothing here is scored or labelled: a life is what happened, and the product has to find out the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from liuke.demo.words import goods

YEARS = 3


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


@dataclass
class Line:
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
    """A complaint about an order: solved after some days, or never; what was given back."""

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


class Shelf:
    """The catalogue as arrays, each customer with a taste of his own in it."""

    def __init__(self) -> None:
        self.goods = goods()
        self.price = np.array([good.price_minor for good in self.goods], dtype=float)
        categories = sorted({good.category for good in self.goods})
        self.category = np.array([categories.index(good.category) for good in self.goods])
        self.christmas = np.array([good.category == "圣诞" for good in self.goods])

    def taste(self, rng: np.random.Generator) -> np.ndarray:
        liking = rng.gamma(0.6, size=self.category.max() + 1)[self.category] * rng.gamma(
            1.0, size=len(self.goods)
        )
        found: np.ndarray = liking / liking.sum()
        return found


def lives(count: int, *, seed: int, until: date, years: int = YEARS) -> list[Life]:
    """`count` customers who first bought within the `years` before `until`; the same seed gives the same lives."""
    rng = np.random.default_rng(seed)
    shelf = Shelf()
    begin = until - timedelta(days=round(365.25 * years))
    days = (until - begin).days
    kinds = rng.choice(len(KINDS), size=count, p=[kind.share for kind in KINDS])
    abroad = rng.random(count) < np.array([0.25, 0.35, 0.6])[kinds]
    # Half were there when the log begins, the others came since; nobody in the last week, so that each has an order.
    starts = np.where(rng.random(count) < 0.45, rng.integers(0, 60, count), rng.integers(0, days - 7, count))
    found = []
    for index in np.argsort(starts, kind="stable"):
        life = Life(
            KINDS[kinds[index]],
            "abroad" if abroad[index] else "home",
            begin + timedelta(days=int(starts[index])),
        )
        _live(life, rng, shelf, until)
        found.append(life)
    return found


def _live(life: Life, rng: np.random.Generator, shelf: Shelf, until: date) -> None:
    kind = life.kind
    gap = kind.gap_days * rng.lognormal(0, 0.45)
    basket = kind.basket_minor * rng.lognormal(0, 0.75)
    growth = rng.normal(0.05, 0.25)  # a year
    taste = shelf.taste(rng)
    season = SEASONS[life.market]
    span = rng.exponential(kind.span_days) + gap
    fade_from = span * rng.uniform(0.65, 1.0)  # towards the end orders come later and smaller
    trouble_rate = 0.035
    at = life.start
    while at <= until:
        age = (at - life.start).days
        if age > span:
            life.left_on = at
            back = _comeback(life, rng, until)
            if back is None:
                return
            at, span, fade_from = (
                back,
                (back - life.start).days + rng.exponential(kind.span_days * 0.6) + gap,
                1e9,
            )
            continue
        fading = (
            float(np.clip((age - fade_from) / max(span - fade_from, 1.0), 0, 1)) if span > fade_from else 0.0
        )
        size = basket * (1 + growth) ** (age / 365.25) * rng.lognormal(0, 0.28) * (1 - 0.55 * fading)
        breadth = max(1, rng.poisson(max(kind.lines * (1 - 0.5 * fading), 0.3)))
        life.orders.append(Order(at, _lines(rng, shelf, taste, size, breadth, kind.price, at.month)))
        if rng.random() < trouble_rate:
            span = _trouble(life, rng, age, span, until)
        wait = gap * rng.gamma(kind.regularity, 1 / kind.regularity) * (1 + 1.2 * fading)
        at = _in_season(at, wait, season)


def _in_season(at: date, wait: float, season: np.ndarray) -> date:
    """The day on which `wait` days of ordinary time are over: a busy month has more of it than a quiet one."""
    left = max(wait, 1.0)
    while True:
        pace = float(season[at.month - 1])
        month_end = (at.replace(day=28) + timedelta(days=4)).replace(day=1)
        days = (month_end - at).days
        if left <= days * pace:
            return at + timedelta(days=max(1, round(left / pace)))
        left -= days * pace
        at = month_end


def _lines(
    rng: np.random.Generator,
    shelf: Shelf,
    taste: np.ndarray,
    size: float,
    breadth: int,
    price: float,
    month: int,
) -> list[Line]:
    weights = taste * np.where(shelf.christmas, 3.0 if month in {8, 9, 10, 11} else 0.3, 1.0)
    breadth = min(breadth, 16)
    chosen = rng.choice(len(weights), size=breadth, replace=False, p=weights / weights.sum())
    shares = rng.dirichlet(np.full(breadth, 1.5))
    lines = []
    for product, share in zip(chosen, shares, strict=True):
        unit = max(1, round(float(shelf.price[product]) * price))
        quantity = max(1, round(size * float(share) / unit))
        lines.append(Line(int(product), quantity, quantity * unit))
    return lines


def _trouble(life: Life, rng: np.random.Generator, age: int, span: float, until: date) -> float:
    """A complaint about the last order; answered badly it shortens the span, answered well it hardly does."""
    order = life.orders[-1]
    on = order.on + timedelta(days=int(rng.integers(2, 15)))
    if on > until:
        return span
    well = rng.random() < 0.72
    solved = on + timedelta(days=int(rng.integers(1, 9) if well else rng.integers(15, 60)))
    unsolved = not well and rng.random() < 0.4
    life.troubles.append(
        Trouble(
            len(life.orders) - 1,
            on,
            None if unsolved or solved > until else solved,
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
