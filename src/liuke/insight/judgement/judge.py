"""The judgement of a whole customer base on one day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liuke.insight.errors import BadHorizon
from liuke.insight.features.profile import RETURN_DAYS
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.features.summary import checked_as_of
from liuke.insight.forecast.btyd import parameters
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.grading.pyramid import grade
from liuke.insight.grading.rfm import rfm
from liuke.insight.judgement.drivers import learn_drivers, returned_share
from liuke.insight.judgement.reasons import Habits, reasons
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.judgement.stages import LOST, LOW, WON_BACK
from liuke.insight.judgement.standing import Standing, standing
from liuke.insight.judgement.value import Worth, lifetime_value, value_if_kept, worth
from liuke.insight.judgement.weeks import expected_weeks
from liuke.insight.kinds import Column, Table, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

FURTHEST_DAYS: Final = 3650  # who buys every few years is told no date beyond ten


@dataclass(frozen=True)
class Judgement:
    """What is held of every customer on `as_of`, and how far to trust it.

    `table`     one row per customer who bought by `as_of`, ordered by customer; columns in `docs` of `judge`
    `models`    name -> {"params", "log_likelihood"} of the fitted buy-till-you-die models
    `forecast`  {"weights": member -> weight, "backtest": what the forecast would have scored earlier, …}
    `weeks`     how many customers are expected to buy next in each week of the horizon: [{"from_on", "to_on", "customers"}]
    `fallback`  None, or why the rhythm rule judges alone
    `seconds`   how long it took
    """

    as_of: date
    horizon_days: int
    table: Table
    models: dict[str, dict[str, Any]]
    forecast: dict[str, Any]
    fallback: str | None
    seconds: float
    settings: JudgeSettings
    weeks: list[dict[str, Any]] = field(default_factory=list)


def judge(
    purchases: Purchases,
    *,
    as_of: date,
    horizon_days: int,
    settings: JudgeSettings | None = None,
    covariates: Mapping[str, Any] | None = None,
) -> Judgement:
    """Judge everyone who bought by `as_of`; later rows of the log are not looked at.

    `covariates` (kind -> table of events with customer and on) teach the forecast; see `Forecast.fit`.

    Columns of the table (money in the log's currency, days as floats):

    customer, first_on, last_on, purchases (distinct purchase days), total, mean_value (per purchase, refunds off), total_12m
    grade     platinum, gold, iron, lead by `total_12m`; null without business within `grade_window_days`
    rfm       three digits, 5 is best
    p_alive, p_buy (at least one purchase within the horizon), expected_purchases, expected_value (in the horizon)
    clv       see `value.lifetime_value`
    usual_gap_days (own, the population's for one-time buyers), gap_days (since the last purchase), gap_percentile
    next_on, next_from_on, next_to_on  median and quartiles of the next purchase if he has not left; null once lost
    about_now whether his own rhythm says that the next purchase is due
    risk      0 to 100, see `judgement.risk`; band low, watch, high, lost; stage active, dormant, lost, won_back
    value_at_risk, reasons (JSON list, see `judgement.reasons`)

    **Money at risk** (`value_at_risk`) = what the customer would bring within the horizon if he went on as before (his sales of
    the last twelve months, pro rata, or the expected value when that is more) times the chance that he doesn't (the
    risk, unrounded).

    Raises `BadHorizon` unless `horizon_days` is 1 or more, `ValueError` when the log begins after `as_of`.
    """
    if horizon_days < 1:
        raise BadHorizon(f"the horizon must be 1 day or more, not {horizon_days}")
    settings = settings or JudgeSettings()
    started = time.perf_counter()
    checked_as_of(purchases, as_of)
    forecast = Forecast(
        fewest_customers=settings.fewest_customers, fewest_repeaters=settings.fewest_repeaters
    ).fit(purchases, as_of=as_of, horizon=horizon_days, covariates=covariates)
    spend = worth(forecast.now.seen)
    table = _table(forecast, spend, horizon_days, settings)
    return Judgement(
        as_of=as_of,
        horizon_days=horizon_days,
        table=table,
        models=_models(forecast, spend),
        forecast=forecast.record(),
        fallback=forecast.fallback_,
        seconds=time.perf_counter() - started,
        settings=settings,
        weeks=expected_weeks(forecast, table["p_buy"].to_numpy()),
    )


def _table(forecast: Forecast, spend: Worth, horizon_days: int, settings: JudgeSettings) -> Table:
    seen, rhythm, history = forecast.now.seen, forecast.now.rhythm, forecast.now.history
    stands = standing(forecast, settings)
    purchases = forecast.expected_purchases(stands.p_buy)
    expected = purchases * spend.each
    if_kept = np.maximum(value_if_kept(seen, days=horizon_days), expected)
    clv = lifetime_value(seen, rhythm=rhythm, each=spend.each, chance=stands.stays, settings=settings)
    return pa.table(
        {
            "customer": seen.customer,
            "first_on": seen.table["first_on"],
            "last_on": seen.table["last_on"],
            "purchases": history.purchases.astype(np.int64),
            "total": _money(seen["total"]),
            "mean_value": _money(seen["spent"] / history.purchases),
            "total_12m": _money(np.nan_to_num(seen["total_12m"])),
            "grade": pa.array(_grades(seen, settings), pa.string()),
            "rfm": pa.array(rfm(history.waited, history.purchases, seen["total"])),
            "p_alive": stands.p_alive,
            "p_buy": stands.p_buy,
            "expected_purchases": purchases,
            "expected_value": _money(expected),
            "clv": _money(clv),
            "usual_gap_days": np.round(stands.usual, 1),
            "gap_days": history.waited.astype(np.int64),
            "gap_percentile": np.round(stands.percentile, 1),
            **_next_dates(forecast, stands),
            "about_now": stands.about_now,
            "risk": stands.risk,
            "band": pa.array(stands.band, pa.string()),
            "value_at_risk": _money(if_kept * (1 - stands.stays)),
            "stage": pa.array(stands.stage, pa.string()),
            "reasons": reasons(_habits(forecast, stands)),
        }
    )


def _models(forecast: Forecast, spend: Worth) -> dict[str, dict[str, Any]]:
    found = parameters(forecast.now.fits) if forecast.now.fits else {}
    if spend.model is not None:
        found["GammaGamma"] = {
            "params": dict(spend.model.params_),
            "log_likelihood": float(spend.model.log_likelihood_),
            "customers": int(spend.model.customers_),
            "boundary": ", ".join(spend.model.boundary_) or None,
        }
    return found


def _grades(seen: Snapshot, settings: JudgeSettings) -> Vector:
    current = seen.waited < settings.grade_window_days
    bought = [
        value if now else None for value, now in zip(np.nan_to_num(seen["total_12m"]), current, strict=True)
    ]
    return grade(
        bought, settings.grade_cuts, last_on=seen["last_on"], number=np.arange(len(seen))
    )  # customers stand in order, so their place is their number


def _next_dates(forecast: Forecast, stands: Standing) -> dict[str, Column]:
    found = {}
    for name, quantile in (("next_on", 0.5), ("next_from_on", 0.25), ("next_to_on", 0.75)):
        ahead = np.clip(
            np.ceil(forecast.now.rhythm.next_gap(forecast.now.history, quantile)), 1, FURTHEST_DAYS
        )
        days = (forecast.now.seen.today + ahead).astype(np.int32)
        found[name] = pa.array(days, pa.int32(), mask=stands.stage == LOST).cast(pa.date32())
    return found


def _habits(forecast: Forecast, stands: Standing) -> Habits:
    seen, history = forecast.now.seen, forecast.now.history
    return Habits(
        purchases=history.purchases,
        waited=history.waited,
        usual=stands.usual,
        percentile=stands.percentile,
        last_gap=seen["last_gap"],
        basket_before=seen["basket_before"],
        basket_recent=seen["basket_recent"],
        breadth_before=seen["breadth_before"],
        breadth_recent=seen["breadth_recent"],
        returned_share=returned_share(seen),
        returned_amount=np.nan_to_num(seen["refunded_lately"]),
        returned_days=RETURN_DAYS,
        won_back=stands.stage == WON_BACK,
        due=stands.about_now,
        risky=stands.band != LOW,
        drivers=learn_drivers(forecast.cuts_),
    )


def _money(amounts: Vector) -> Vector:
    found: Vector = np.round(amounts, 2) + 0.0  # no minus zero
    return found
