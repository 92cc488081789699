"""What it brings to keep customers, what it costs to lose them, and what a new one costs beside (EC02-EC07, EC09-EC12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from liuke.insight.economics.discounting import retention_value
from liuke.insight.errors import BadFigure
from liuke.insight.figures import Figure, Floats, figures, named_figures, one_figure, same_length
from liuke.insight.intervals import Rate, rate_of

FRIENDS: Final = 10  # who hear of it from one customer
NEW_TO_KEEP: Final = 5.0  # a new customer costs so many times what keeping one costs; sources say 4 to 10
LEAST_NEW_TO_KEEP, MOST_NEW_TO_KEEP = 4.0, 10.0
CHURN_EFFECTS: Final = (0.25, 0.85, 1.00)  # reported growth of profit when 5 % fewer leave
CHANCE_NEW, CHANCE_EXISTING = 0.15, 0.50  # of a pitch to succeed


@dataclass(frozen=True)
class CustomerValue:
    """Past, expected and total value of each customer, arrays of shape () or (n,), in money (EC02).

    `past` what he brought, `expected` what he is to bring, `formula` how it was reckoned, in words.
    """

    past: Floats
    expected: Floats
    formula: str

    @property
    def total(self) -> Floats:
        total: Floats = self.past + self.expected
        return total


def customer_value(
    *,
    past: Figure,
    yearly: Figure,
    years: float,
    retention: Figure = 1.0,
    margin: Figure = 1.0,
    discount_rate: float = 0.0,
    extras: Mapping[str, Figure] | None = None,
) -> CustomerValue:
    """Past margin, and the margin to expect over the remaining years (EC02).

        past     = margin · past sales
        expected = margin · (yearly sales + extras) · Σ_{t=1..years} retention^t / (1 + discount_rate)^t

    `past` sales so far and `yearly` sales to expect, `margin` the share of sales that is earned (at most 1), `retention`
    the chance to stay for another year; `extras` further yearly sales by kind (add-ons, recommendations, insurance). Money
    in any unit; single figures or one for each customer. Where a log of purchases is at hand, `clv` knows each
    customer's own chances.

    Errors: `BadFigure`; `BadHorizon` for years not above 0.
    """
    share = figures(margin, "margin", least=-np.inf, most=1.0)
    earlier = figures(past, "past", least=-np.inf)
    each_year = figures(yearly, "yearly", least=-np.inf)
    stays = figures(retention, "retention", most=1.0)
    more = named_figures(extras or {}, "extras", least=-np.inf)
    same_length(past=earlier, yearly=each_year, margin=share, retention=stays, **more)
    sales = each_year + sum(more.values(), start=np.float64(0))
    ahead = retention_value(1.0, retention=stays, rate=discount_rate, periods=years)
    formula = (
        f"margin × past sales + margin × (yearly sales{''.join(f' + {kind}' for kind in more)}) "
        f"× Σ over {years:g} years of retention^t / (1 + {discount_rate:g})^t"
    )
    return CustomerValue(past=share * earlier, expected=share * sales * ahead, formula=formula)


def profit_of_keeping(
    *,
    profit: Figure,
    keeping_cost: Figure,
    rebuilding_cost: Figure = 0.0,
    friend_value: Figure = 0.0,
    friends: Figure = FRIENDS,
) -> Floats:
    """profit + friends · friend_value + rebuilding_cost - keeping_cost, shape () or (n,), in money (EC03).

    What keeping a customer brings: his long-term profit, what the friends bring whom he tells, and what it would cost to
    build the relationship anew, less what keeping costs. Errors: `BadFigure`.
    """
    earned = figures(profit, "profit", least=-np.inf)
    cost, rebuilt = figures(keeping_cost, "keeping_cost"), figures(rebuilding_cost, "rebuilding_cost")
    told, each = figures(friends, "friends"), figures(friend_value, "friend_value")
    same_length(profit=earned, keeping_cost=cost, rebuilding_cost=rebuilt, friends=told, friend_value=each)
    brought: Floats = earned + told * each + rebuilt - cost
    return brought


def loss_of_losing(
    *, average_value: Figure, lost: Figure, friend_value: Figure = 0.0, friends: Figure = FRIENDS
) -> Floats:
    """average_value · lost + lost · friends · friend_value, shape () or (n,), in money (EC04).

    What it costs to lose `lost` customers: their own value and the business that each one's friends might have brought.
    Errors: `BadFigure`.
    """
    value, gone = figures(average_value, "average_value"), figures(lost, "lost")
    told, each = figures(friends, "friends"), figures(friend_value, "friend_value")
    same_length(average_value=value, lost=gone, friends=told, friend_value=each)
    missed: Floats = value * gone + gone * told * each
    return missed


@dataclass(frozen=True)
class Swing:
    """A customer lost to a competitor counts twice: `own_loss`, `competitor_gain` and their sum `swing`, in money (EC09)."""

    own_loss: Floats
    competitor_gain: Floats

    @property
    def swing(self) -> Floats:
        between: Floats = self.own_loss + self.competitor_gain
        return between


def competitor_swing(value: Figure) -> Swing:
    """What losing customers worth `value` to a competitor does to the distance between the two. Errors: `BadFigure`.

    Formula: own loss = the competitor's gain = value, so the distance moves by 2 · value; shape () or (n,), in money.
    Source: EC09 of the requirements.
    """
    lost = figures(value, "value")
    return Swing(own_loss=lost, competitor_gain=lost.copy())


@dataclass(frozen=True)
class CostOfNew:
    """What winning a customer costs by the reported ratio: `expected`, and the range `low` to `high`, in money."""

    expected: float
    low: float
    high: float


def cost_of_new(
    keeping_cost: float,
    *,
    ratio: float = NEW_TO_KEEP,
    least: float = LEAST_NEW_TO_KEEP,
    most: float = MOST_NEW_TO_KEEP,
) -> CostOfNew:
    """What winning a customer costs where keeping one costs `keeping_cost` (EC05, C-01): times 5, from 4 to 10.

    The ratios are reported averages; `cost_ratio` gives your own. Errors: `BadFigure`, also unless least <= ratio <= most.

    Single figures in, three out. Money in the unit of `keeping_cost`.
    """
    cost = one_figure(keeping_cost, "keeping_cost")
    low, high = one_figure(least, "least"), one_figure(most, "most")
    middle = one_figure(ratio, "ratio", least=low, most=high)
    return CostOfNew(expected=cost * middle, low=cost * low, high=cost * high)


def cost_ratio(*, acquisition: float, won: float, retention: float, kept: float) -> float:
    """(acquisition / won) / (retention / kept): your own ratio of the cost of a customer won to that of one kept (EC05).

    Spending in money, customers as counts. It compares averages; where to put the next unit of money is asked of
    `divide_budget`, because it depends on what the next customer costs, not on what the average one did.

    Errors: `BadFigure` unless somebody was won and kept and retention cost something.
    Single figures in, one out.
    """
    new = one_figure(acquisition, "acquisition") / one_figure(won, "won", above=True)
    old = one_figure(retention, "retention", above=True) / one_figure(kept, "kept", above=True)
    return new / old


@dataclass(frozen=True)
class SpendingMix:
    """How the spending divides into winning and keeping, shares of 0 to 1; both 0 where nothing was spent (EC10).

    `acquisition` for winning, `retention` for keeping.
    """

    acquisition: float
    retention: float


def spending_mix(*, acquisition: float, retention: float) -> SpendingMix:
    """The shares of acquisition and retention in what was spent on both. Errors: `BadFigure`.

    Single figures in, two out. Formula: acquisition / (acquisition + retention), in one unit of money. Source: EC10.
    """
    new, old = one_figure(acquisition, "acquisition"), one_figure(retention, "retention")
    total = new + old
    return SpendingMix(new / total, old / total) if total > 0 else SpendingMix(0.0, 0.0)


def churn_what_if(profit: float, *, effects: tuple[float, ...] = CHURN_EFFECTS) -> dict[float, float]:
    """effect -> profit · (1 + effect): profit if 5 % fewer leave, by the reported range (EC06, C-02).

    25 % to 85 % are reported, 100 % ("doubled") is the bold claim: never one number. What the arithmetic of your own
    figures says is `retention_effect`. Errors: `BadFigure`.
    Source of the range: Reichheld and Sasser (1990), Zero Defections, Harvard Business Review 68(5), 105-111.
    """
    money = one_figure(profit, "profit")
    return {effect: money * (1 + one_figure(effect, "effects")) for effect in effects}


def retention_effect(retention: float, *, points: float = 0.05, rate: float = 0.10) -> float:
    """By what share a customer's value grows when retention rises by `points`, e.g. 0.275 (EC06).

        V(r) = r / (1 + rate - r);   effect = V(retention + points) / V(retention) - 1

    `retention` and `points` per period, their sum at most 1; `rate` per period. It is the arithmetic of one chance for all
    and no other effect, so it holds for the value of a customer, not for this year's profit.

    Errors: `BadFigure`; `BadHorizon` where nobody leaves and nothing is discounted.
    Source: Gupta, Lehmann and Stuart (2004), Journal of Marketing Research 41(1), 7-18.
    Single figures in, one out.
    """
    before = one_figure(retention, "retention", most=1.0, above=True)
    step = one_figure(points, "points", least=-1.0)
    after = one_figure(round(before + step, 12), "retention + points", most=1.0)
    now, then = (float(retention_value(1.0, retention=r, rate=rate)) for r in (before, after))
    return then / now - 1


def retention_elasticity(retention: Figure, *, rate: float = 0.10) -> Floats:
    """(1 + rate) / (1 + rate - retention): per cent that value grows for 1 per cent more retention, shape () or (n,) (EC06).

    From V(r) = r / (1 + rate - r), so d ln V / d ln r. At 80 % retention and 10 % it is 3.7.

    Errors: `BadFigure`, also where retention is 1 and the rate 0.
    Source: Gupta, Lehmann and Stuart (2004), Journal of Marketing Research 41(1), 7-18, who report 3 to 7.
    """
    stays = figures(retention, "retention", most=1.0)
    whole = 1 + one_figure(rate, "rate")
    if (stays >= whole).any():
        raise BadFigure("1 has no elasticity where nothing is discounted", name="retention")
    found: Floats = whole / (whole - stays)
    return found


@dataclass(frozen=True)
class Wins:
    """Expected sales from new and from existing customers, in what was given: pitches or money (EC07)."""

    new: float
    existing: float

    @property
    def total(self) -> float:
        return self.new + self.existing


def expected_wins(
    *,
    new: float,
    existing: float,
    chance_new: float = CHANCE_NEW,
    chance_existing: float = CHANCE_EXISTING,
) -> Wins:
    """new · chance_new and existing · chance_existing: of pitches the sales, of money in the pipeline the forecast (EC07).

    Your own chances are `success_rate`. Errors: `BadFigure`.

    Single figures in, two out.
    """
    first = one_figure(new, "new") * one_figure(chance_new, "chance_new", most=1.0)
    second = one_figure(existing, "existing") * one_figure(chance_existing, "chance_existing", most=1.0)
    return Wins(first, second)


def success_rate(wins: int, pitches: int, *, level: float = 0.9) -> Rate:
    """The share of pitches that succeeded with its interval (Wilson), to hold against the defaults (EC07).

    Errors: `BadFigure` unless 0 <= wins <= pitches, both whole, pitches above 0.
    Single figures in, a `Rate` out.
    """
    return rate_of(wins, pitches, level=level, names=("wins", "pitches"))


@dataclass(frozen=True)
class CostPerWin:
    """Cost of a sale to a new and to an existing customer, in money, and how many times as dear the new one is (EC12)."""

    new: float
    existing: float
    times: float


def cost_per_win(cost: Figure, chance: Figure) -> Floats:
    """cost / chance: what is spent on average until one attempt succeeds, shape () or (n,), in money (EC12).

    Errors: `BadFigure` unless chances lie above 0 and up to 1.
    """
    spent, succeeds = figures(cost, "cost"), figures(chance, "chance", most=1.0, above=True)
    same_length(cost=spent, chance=succeeds)
    per_win: Floats = spent / succeeds
    return per_win


def compare_costs_per_win(
    *,
    new_cost: float = NEW_TO_KEEP,
    existing_cost: float = 1.0,
    chance_new: float = CHANCE_NEW,
    chance_existing: float = CHANCE_EXISTING,
) -> CostPerWin:
    """`cost_per_win` of both kinds side by side; without arguments the reported averages, 33.3 to 2 (EC12).

    Costs in one unit (money or multiples), chances of 0 to 1. Single figures in, two and their ratio out.
    Formula: new_cost / chance_new and existing_cost / chance_existing; `times` = the first / the second. Errors: `BadFigure`.
    """
    new = float(cost_per_win(one_figure(new_cost, "new_cost"), one_figure(chance_new, "chance_new")))
    cost = one_figure(existing_cost, "existing_cost", above=True)
    old = float(cost_per_win(cost, one_figure(chance_existing, "chance_existing")))
    return CostPerWin(new=new, existing=old, times=new / old)
