"""The judgement of a whole customer base on one day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from liuke.insight.errors import BadHorizon
from liuke.insight.expressions import ibis
from liuke.insight.features.money import PARTS
from liuke.insight.features.summary import checked_as_of
from liuke.insight.forecast.btyd import parameters
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.foretold import Fitted
from liuke.insight.forecast.survey import Survey, survey
from liuke.insight.judgement.drivers import learn_drivers
from liuke.insight.judgement.lines import DigitLines, GradeLines, digit_lines, grade_lines
from liuke.insight.judgement.scorer import SUMS, Scorer, totals
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.judgement.value import fit_worth, population
from liuke.insight.judgement.weeks import weeks_of
from liuke.insight.kinds import Expression, Table

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases


@dataclass(frozen=True)
class Judgement:
    """What is held of every customer on `as_of`, and how far to trust it.

    `table`     one row per customer who bought by `as_of`, ordered by customer; columns in `docs` of `judge`; None when the
                rows stayed where they are (`out`, `rows`)
    `models`    name -> {"params", "log_likelihood"} of the fitted buy-till-you-die models
    `forecast`  {"weights": member -> weight, "backtest": what the forecast would have scored earlier, …}
    `weeks`     how many customers are expected to buy next in each week of the horizon: [{"from_on", "to_on", "customers"}]
    `fallback`  None, or why the rhythm rule judges alone
    `counts`    customers, their purchases, how many are at high risk
    `seconds`   how long it took
    `horizon_days`, `settings`  what it was asked for
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
    counts: dict[str, int] = field(default_factory=dict)


def judge(
    purchases: Purchases,
    *,
    as_of: date,
    horizon_days: int,
    settings: JudgeSettings | None = None,
    covariates: Mapping[str, Any] | None = None,
    out: str | None = None,
    rows: bool | None = None,
) -> Judgement:
    """Judge everyone who bought by `as_of`; later rows of the log are not looked at.

    `covariates` (kind -> table of events with customer and on) teach the forecast; see `Forecast.fit`.

    With `out` the rows are not brought here but written to this path as Parquet, on a cluster by those who hold them (a
    directory of files, in no order). `rows` says whether they come here: unless told, when they are not written.

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

    **Expected loss** (`value_at_risk`) = what the customer would bring within the horizon if he went on as before (his sales of
    the last twelve months, pro rata, or the expected value when that is more) times the chance that he doesn't (the
    risk, unrounded). That of all customers at high risk together is the **money at risk** (`money_at_risk_of`).

    Raises `BadHorizon` unless `horizon_days` is 1 or more, `BadDay` when the log begins after `as_of`.
    """
    if horizon_days < 1:
        raise BadHorizon(f"the horizon must be 1 day or more, not {horizon_days}")
    settings = settings or JudgeSettings()
    started = time.perf_counter()
    checked_as_of(purchases, as_of)
    with survey(purchases, as_of=as_of, horizon_days=horizon_days, covariates=covariates) as surveyed:
        forecast = Forecast(
            fewest_customers=settings.fewest_customers, fewest_repeaters=settings.fewest_repeaters
        )
        scorer = fit_scorer(surveyed, forecast, settings)
        scored = purchases.engine.distribute(surveyed.everyone, scorer, notes=SUMS)
        told = totals(scored.notes())
        if out is not None:
            scored.write(out)
        table = scored.rows() if (out is None if rows is None else rows) else None
        scored.drop()
    return Judgement(
        as_of=as_of,
        horizon_days=horizon_days,
        table=table,
        models=_models(scorer.fitted, scorer.spend),
        forecast=forecast.record(told.buyers),
        fallback=forecast.fallback_,
        seconds=time.perf_counter() - started,
        settings=settings,
        weeks=weeks_of(told.weeks, as_of=as_of, horizon_days=horizon_days),
        counts={"customers": told.customers, "purchases": told.purchases, "high": told.high},
    )


def fit_scorer(surveyed: Survey, forecast: Forecast, settings: JudgeSettings) -> Scorer:
    """Learn what it takes to judge any customer of the log.

    Only a sample of the customers, distinct triples, sums and histograms leave the place where the log is.
    """
    fitted = forecast.learn(surveyed)
    grades, digits = _lines(surveyed, settings)
    return Scorer(
        as_of=surveyed.as_of,
        kinds=surveyed.kinds,
        fitted=fitted,
        spend=fit_worth(surveyed.seen),
        population=population(surveyed.engine, surveyed.everyone),
        drivers=learn_drivers(forecast.cuts_, surveyed.kinds),
        grades=grades,
        digits=digits,
        settings=settings,
    )


def _lines(surveyed: Survey, settings: JudgeSettings) -> tuple[GradeLines, DigitLines]:
    everyone, day = surveyed.everyone, ibis.date(surveyed.as_of)
    ranked = everyone.select(
        "customer",
        "purchases",
        waited=day.delta(everyone.last_on, unit="day"),
        last_on=everyone.last_on.delta(ibis.date(date(1970, 1, 1)), unit="day"),
        value=_in_parts(everyone.total_12m),
        total=_in_parts(everyone.total),
    )
    current = ranked.filter(ranked.waited < settings.grade_window_days)
    return (
        grade_lines(surveyed.engine, current, settings.grade_cuts),
        digit_lines(
            surveyed.engine, ranked, recency=ranked.waited, frequency=ranked.purchases, monetary=ranked.total
        ),
    )


def _in_parts(amount: Expression) -> Expression:
    return (amount.fill_null(0.0) * PARTS).round().cast("int64")


def _models(fitted: Fitted, spend: Any) -> dict[str, dict[str, Any]]:
    found = parameters(fitted.fits) if fitted.fits else {}
    if spend is not None:
        found["GammaGamma"] = {
            "params": dict(spend.params_),
            "log_likelihood": float(spend.log_likelihood_),
            "customers": int(spend.customers_),
            "boundary": ", ".join(spend.boundary_) or None,
        }
    return found
