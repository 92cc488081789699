"""The whole life of a customer who buys the same durable again and again, and has it serviced (EC01)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from liuke.insight.economics.discounting import discount_factors
from liuke.insight.errors import BadFigure, BadHorizon
from liuke.insight.figures import exact, one_figure


@dataclass(frozen=True)
class OwnerValue:
    """What an owner brings over `years`, in money.

    `purchases`, `trade_ins`  how many of each
    `purchase_profit`, `trade_in_profit`, `service_value`, `total`  undiscounted
    `per_year`       total / years, unrounded
    `present_value`  the same money, discounted to the first purchase; equals `total` at a rate of 0
    `service_margin` the share of a visit's value that was counted as earned
    """

    years: float
    purchases: int
    trade_ins: int
    purchase_profit: float
    trade_in_profit: float
    service_value: float
    total: float
    per_year: float
    present_value: float
    service_margin: float

    def explain(self) -> str:
        """The sum in words."""
        lines = [
            f"{self.purchases} purchases in {self.years:g} years bring {self.purchase_profit:,.2f}, "
            f"{self.trade_ins} trade-ins {self.trade_in_profit:,.2f}, service {self.service_value:,.2f}: "
            f"{self.total:,.2f} in all, {self.per_year:,.2f} a year; worth {self.present_value:,.2f} today.",
        ]
        if self.service_margin == 1:
            lines.append(
                "Profit of purchases and turnover of service are added: give the margin of service to count profit alone."
            )
        return "\n".join(lines)


def owner_value(
    *,
    years: float,
    cycle_years: float,
    profit_each: float,
    trade_in_each: float = 0.0,
    visit_value: float = 0.0,
    visits_a_year: float = 0.0,
    service_margin: float = 1.0,
    last_traded_in: bool = True,
    discount_rate: float = 0.0,
) -> OwnerValue:
    """The value of an owner who replaces what he owns every `cycle_years` over `years`.

        purchases = ceil(years / cycle_years);  trade-ins = purchases, or one fewer where the last is not traded in
        total     = purchases · profit_each + trade-ins · trade_in_each
                    + years · visits_a_year · visit_value · service_margin

    `discount_rate` per year: a purchase counts at the start of its cycle, a trade-in at its end (the last one after
    `years`), service in the middle of each year. `service_margin` is the share of a visit's value that is earned; the
    worked example of the source adds turnover of service to profit of cars, which is a margin of 1.

    Errors: `BadHorizon` for years or a cycle not above 0; `BadFigure`.
    Source: the car owner of the requirements, EC01, C-18 to C-20.
    Single figures in, one record out.
    """
    span, cycle = _length(years, "years"), _length(cycle_years, "cycle_years")
    profit = one_figure(profit_each, "profit_each", least=-float("inf"))
    traded = one_figure(trade_in_each, "trade_in_each", least=-float("inf"))
    margin = one_figure(service_margin, "service_margin", most=1.0)
    visits = one_figure(visits_a_year, "visits_a_year")
    serviced = one_figure(visit_value, "visit_value", least=-float("inf")) * visits * margin
    rate = one_figure(discount_rate, "discount_rate")
    # decimals as written: 30 years of 7.5 are four cycles, not five by a rounding error
    purchases = ceil(exact(years, "years") / exact(cycle_years, "cycle_years"))
    if purchases > 100_000:
        raise BadFigure(f"{purchases:,} purchases in a life", name="cycle_years")
    trade_ins = purchases if last_traded_in else purchases - 1
    total = purchases * profit + trade_ins * traded + span * serviced
    present = profit * float(discount_factors([i * cycle for i in range(purchases)], rate=rate).sum())
    ends = [min((i + 1) * cycle, span) for i in range(trade_ins)]
    present += traded * float(discount_factors(ends, rate=rate).sum())
    present += serviced * _years_of_service(span, rate)
    return OwnerValue(
        years=span,
        purchases=purchases,
        trade_ins=trade_ins,
        purchase_profit=purchases * profit,
        trade_in_profit=trade_ins * traded,
        service_value=span * serviced,
        total=total,
        per_year=total / span,
        present_value=present,
        service_margin=margin,
    )


def _years_of_service(span: float, rate: float) -> float:
    """Σ of the years, each times the discount factor of its middle; the last, broken one by its length."""
    whole = int(span)
    rest = span - whole
    middles = [year + 0.5 for year in range(whole)]
    years = float(discount_factors(middles, rate=rate).sum())
    return years + rest * float(discount_factors(whole + rest / 2, rate=rate))


def _length(value: float, name: str) -> float:
    length = one_figure(value, name, least=-float("inf"))
    if length <= 0:
        raise BadHorizon(f"{name} must be above 0, not {length:g}")
    return length
