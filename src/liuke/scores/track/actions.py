"""Holding forecasts against what came: those of past nights, and, where there was no night, what would have been forecast."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from babel.numbers import get_currency_precision
from django.conf import settings
from django.db import transaction

from liuke import insight
from liuke.insight.features.outcome import bought_within
from liuke.insight.forecast.track import auc, brier, calibration, log_loss
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.preferences.actions import get
from liuke.scores.judging.actions import CHOICES, rates, write_parquet
from liuke.scores.judging.rules import in_minor, settings_from
from liuke.scores.mirror.actions import export_purchases
from liuke.scores.runs.models import CurrentRun, ScoreRun
from liuke.scores.track.models import TrackRecord
from liuke.scores.track.rules import CAME, REPEAT_DAYS, SCORES, is_over, look_back_days

if TYPE_CHECKING:
    from liuke.platform.models import User


def keep_track(*, by: User | None, now: datetime, force: bool = False) -> list[TrackRecord]:
    """Judges every forecast that is over and not judged yet; for 30, 60 and 90 days back also what would have been forecast.

    A look back is made from the purchases up to its day only, at most once a week. Who came is kept by customer beside
    each; where an older release kept a verdict only, it is added.
    """
    permit(by, Right.RUN_SCORES)
    current = CurrentRun.objects.select_related("run").filter(pk=1, run__isnull=False).first()
    if current is None or current.run is None:
        return []
    until = current.run.as_of
    due = [
        run
        for run in ScoreRun.objects.filter(state="done", folder__gt="", track_records=None)
        if _over(run, until)
    ]
    recent = TrackRecord.objects.filter(judged_on__gt=until - timedelta(days=REPEAT_DAYS)).exists()
    back = {} if recent and not force else _missing(until)
    untold = _untold()
    if not due and not back and not untold:
        return []
    file = settings.HOME / "scores" / f"track-{current.run.pk}.parquet"
    try:
        for horizon, day in back.items():
            known_then = _read(file, current.run.currency, day)
            if known_then and (run := _look_back(known_then, day, horizon, by=by, now=now)):
                due.append(run)
        purchases = _read(file, current.run.currency, until)
        if purchases is None:
            return []
        for run in untold:
            _keep_who_came(run, purchases)
        return [_hold(run, purchases, judged_on=until) for run in due]
    finally:
        file.unlink(missing_ok=True)


def _read(file: Path, currency: str, day: date) -> insight.Purchases | None:
    """The purchases as they were known on `day`: an order that was taken back later still counted. None where none stands."""
    found = export_purchases(file, zone=get("company.zone"), currency=currency, rates=rates(), as_of=day)
    if not found.lines:
        return None
    return insight.read_purchases(file)


def _over(run: ScoreRun, until: date) -> bool:
    return is_over(run.as_of, run.horizon_days, known_until=until)


def _untold() -> list[ScoreRun]:
    """Runs that have their verdict, but not who came."""
    held = ScoreRun.objects.filter(folder__gt="", track_records__isnull=False)
    folders = ((run, settings.HOME / run.folder) for run in held)
    return [run for run, at in folders if (at / SCORES).exists() and not (at / CAME).exists()]


def _missing(until: date) -> dict[int, date]:
    there = set(ScoreRun.objects.filter(state="done", folder__gt="").values_list("horizon_days", "as_of"))
    return {horizon: day for horizon, day in look_back_days(until).items() if (horizon, day) not in there}


def _look_back(
    purchases: insight.Purchases, day: date, horizon: int, *, by: User | None, now: datetime
) -> ScoreRun | None:
    """A run as it would have been on `day`, from what was known then; None when the log had not begun."""
    if day < purchases.first_on + timedelta(days=horizon):
        return None
    chosen = settings_from({key: get(key) for key in CHOICES})
    judgement = insight.judge(purchases, as_of=day, horizon_days=horizon, settings=chosen)
    run = ScoreRun(
        as_of=day,
        horizon_days=horizon,
        started_at=now,
        finished_at=now,
        currency=get("company.currency"),
        customers=judgement.table.num_rows,
        looked_back=True,
        by=by,
        state="done",
    )
    run.models_from(judgement)
    run.save()
    folder = settings.HOME / "scores" / f"run-{run.pk}"
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet(judgement.table, folder / SCORES)
    run.folder = str(folder.relative_to(settings.HOME))
    run.save(update_fields=["folder"])
    return run


def _hold(run: ScoreRun, purchases: insight.Purchases, *, judged_on: date) -> TrackRecord:
    forecast, counts, money = _keep_who_came(run, purchases)
    p = forecast["p_buy"].to_numpy()
    came = counts > 0
    digits = get_currency_precision(run.currency)
    area = auc(p, came)
    with transaction.atomic():
        record, _ = TrackRecord.objects.update_or_create(
            run=run,
            horizon_days=run.horizon_days,
            defaults={
                "judged_on": judged_on,
                "customers": len(p),
                "expected_buyers": float(p.sum()),
                "actual_buyers": int(came.sum()),
                "expected_purchases": float(np.sum(forecast["expected_purchases"].to_numpy())),
                "actual_purchases": int(counts.sum()),
                "expected_minor": in_minor(float(np.sum(forecast["expected_value"].to_numpy())), digits),
                "actual_minor": in_minor(float(money.sum()), digits),
                "log_loss": log_loss(p, came),
                "brier": brier(p, came),
                "auc": None if np.isnan(area) else area,
                "calibration": calibration(p, came),
            },
        )
    return record


def _keep_who_came(
    run: ScoreRun, purchases: insight.Purchases
) -> tuple[pa.Table, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The run's forecast with each customer's purchase days and money; of those who came, also as a file beside it."""
    forecast = pq.read_table(
        settings.HOME / run.folder / SCORES,
        columns=["customer", "p_buy", "expected_purchases", "expected_value"],
    )
    counts, money = _came(purchases, forecast["customer"], run)
    each = [forecast["customer"].combine_chunks(), pa.array(counts), pa.array(money)]
    came = pa.table(each, names=["customer", "purchases", "value"]).filter(pa.array(counts > 0))
    write_parquet(came, settings.HOME / run.folder / CAME)
    return forecast, counts, money


def _came(
    purchases: insight.Purchases, customers: pa.ChunkedArray[Any], run: ScoreRun
) -> tuple[np.ndarray[Any, Any], ...]:
    """Purchase days and money of each customer within the run's horizon, zero for who didn't come."""
    bought = purchases.engine.fetch(
        bought_within(purchases.days, after=run.as_of, horizon_days=run.horizon_days)
    )
    where = pc.index_in(customers, value_set=bought["customer"].combine_chunks())
    return tuple(
        pc.fill_null(pc.take(bought[name], where), 0).cast(pa.float64()).to_numpy()
        for name in ("purchases", "value")
    )
