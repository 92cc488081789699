"""Acquisition against retention: where the next unit of money does most (with a budget or without)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Final

from liuke.insight.errors import BadFigure
from liuke.insight.figures import one_figure

STEPS: Final = 200  # of the bisection; each halves the error


@dataclass(frozen=True)
class ResponseCurve:
    """The share won or kept when so much is spent on each: share(e) = ceiling - (ceiling - base) · exp(-speed · e).

    `base` without spending, `ceiling` however much is spent (0 <= base <= ceiling <= 1), `speed` per unit of money.
    Two things are best known of it: what is spent now with the share that comes of it, and the ceiling; see `through`.

    Source: Blattberg and Deighton (1996), Manage Marketing by the Customer Equity Test, Harvard Business Review 74(4),
    136-144, with the base added, because customers also stay when nothing is spent on them.
    """

    ceiling: float
    speed: float
    base: float = 0.0

    def __post_init__(self) -> None:
        one_figure(self.ceiling, "ceiling", most=1.0)
        one_figure(self.base, "base", most=self.ceiling)
        one_figure(self.speed, "speed")

    @classmethod
    def through(cls, *, spend: float, share: float, ceiling: float, base: float = 0.0) -> ResponseCurve:
        """The curve on which spending `spend` on each wins or keeps `share`.

        Errors: `BadFigure` unless spend > 0 and base < share < ceiling <= 1.
        """
        most = one_figure(ceiling, "ceiling", most=1.0)
        least = one_figure(base, "base", most=most)
        reached = one_figure(share, "share", least=least, above=True)
        if reached >= most:
            raise BadFigure(f"{reached:g} must lie below the ceiling of {most:g}", name="share")
        speed = log((most - least) / (most - reached)) / one_figure(spend, "spend", above=True)
        return cls(ceiling=most, speed=speed, base=least)

    def share(self, spend: float) -> float:
        """The share won or kept at a spend on each."""
        return self.ceiling - (self.ceiling - self.base) * exp(-self.speed * one_figure(spend, "spend"))

    def slope(self, spend: float) -> float:
        """What one more unit of money on each adds to the share."""
        return (self.ceiling - self.base) * self.speed * exp(-self.speed * one_figure(spend, "spend"))


@dataclass(frozen=True)
class Pool:
    """People on whom the same may be spent: prospects to win, or customers to keep.

    `customers` how many; `value` of one won or kept, in money (his lifetime value, or what staying is worth); `curve` how
    spending on each moves the share.

    `name` is its own.
    """

    name: str
    customers: float
    value: float
    curve: ResponseCurve

    def __post_init__(self) -> None:
        one_figure(self.customers, f"customers of {self.name}")
        one_figure(self.value, f"value of {self.name}")


@dataclass(frozen=True)
class Share:
    """What one pool gets and gives, in money and customers.

    `each` spent on each of its people, `spend` on all; `reached` how many are won or kept; `gain` their value beyond what
    comes without spending, less the spend; `marginal` value that one more unit of money would bring here;
    `average_cost`, `marginal_cost` of one more customer than without spending (None where nothing is spent, or where no
    money buys another).
    """

    pool: Pool
    each: float
    spend: float
    reached: float
    gain: float
    marginal: float
    average_cost: float | None
    marginal_cost: float | None


@dataclass(frozen=True)
class BudgetSplit:
    """How a budget divides best. `spent` + `left` = `budget`; `gain` of all pools together, in money.

    `worth_more` what one more unit of budget would bring (at most 1 where money is left over: it is better kept).

    `shares` what each pool gets.
    """

    budget: float
    spent: float
    left: float
    gain: float
    worth_more: float
    shares: tuple[Share, ...]

    def explain(self) -> str:
        """The split in words."""
        lines = [
            f"{share.pool.name}: {share.spend:,.0f} ({share.each:,.2f} on each) reaches {share.reached:,.0f} of "
            f"{share.pool.customers:,.0f} and gains {share.gain:,.0f}."
            for share in self.shares
        ]
        if self.left > 0:
            lines.append(f"{self.left:,.0f} is left: spending it would bring in less than it costs.")
        else:
            lines.append(f"One more unit of budget would bring {self.worth_more:.2f}.")
        return "\n".join(lines)


def divide_budget(pools: Sequence[Pool], budget: float | None = None) -> BudgetSplit:
    """Divide a budget over pools so that their value less the spending is greatest; without one, spend what pays.

        maximise  Σ customers · (value · share(each) - each)   where   Σ customers · each <= budget

    Every curve flattens, so the best split is where the last unit of money brings the same in each pool that gets any
    (and not less than itself): found by bisection to rounding. Pools may be acquisition channels, grades of customers to
    keep, or one of either kind.

    That a new customer costs five times as much as keeping one doesn't tell where to spend: that compares averages; here
    the marginal costs decide, which at the optimum are in the same proportion to value everywhere.

    Errors: `BadFigure`, also for no pool or two of one name.
    Source: Blattberg and Deighton (1996) as in `ResponseCurve`; Pfeifer (2005), The optimal ratio of acquisition and
    retention costs, Journal of Targeting, Measurement and Analysis for Marketing 13(2), 179-188, for what marginal costs say.

    Shape: one `Share` for each `Pool`, in the same order.
    """
    names = [pool.name for pool in pools]
    if not names or len(set(names)) < len(names):
        raise BadFigure("one pool or more, each of a name of its own, are needed", name="pools")
    most = inf if budget is None else one_figure(budget, "budget")
    # each unit of money must bring `bar`, at least itself, wherever it is spent
    bar = 1.0
    if _wanted(pools, bar) > most:
        low, high = 1.0, max(pool.value * pool.curve.slope(0.0) for pool in pools)
        for _ in range(STEPS):
            bar = (low + high) / 2
            low, high = (bar, high) if _wanted(pools, bar) > most else (low, bar)
        bar = high
    shares = tuple(_share(pool, _each(pool, bar)) for pool in pools)
    spent = sum(share.spend for share in shares)
    return BudgetSplit(
        budget=spent if budget is None else most,
        spent=spent,
        left=0.0 if budget is None or bar > 1 else max(0.0, most - spent),
        gain=sum(share.gain for share in shares),
        worth_more=max(share.marginal for share in shares),
        shares=shares,
    )


def _each(pool: Pool, bar: float) -> float:
    """What to spend on each so that the last unit of money brings `bar`."""
    first = pool.value * pool.curve.slope(0.0)
    return log(first / bar) / pool.curve.speed if first > bar else 0.0


def _wanted(pools: Sequence[Pool], bar: float) -> float:
    return sum(pool.customers * _each(pool, bar) for pool in pools)


def _share(pool: Pool, each: float) -> Share:
    curve = pool.curve
    spend, reached = pool.customers * each, pool.customers * curve.share(each)
    more = reached - pool.customers * curve.base
    slope = curve.slope(each)
    return Share(
        pool=pool,
        each=each,
        spend=spend,
        reached=reached,
        gain=more * pool.value - spend,
        marginal=pool.value * slope,
        average_cost=spend / more if more > 0 else None,
        marginal_cost=1 / slope if slope > 0 else None,
    )
