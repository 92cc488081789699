"""The night's work: everybody judged anew, written beside the old judgement, then published in one step."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from babel.numbers import get_currency_precision
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from liuke import insight
from liuke.customers.models import Customer
from liuke.customers.stages.actions import review_stages
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.bulk.actions import insert_rows, refresh_statistics
from liuke.platform.preferences.actions import get
from liuke.scores.classes.actions import classified
from liuke.scores.grades.actions import Seen, record_changes
from liuke.scores.grades.rules import moved
from liuke.scores.judging.rules import in_minor, judgement_day, settings_from
from liuke.scores.mirror.actions import Export, export_purchases, margins, months, sales_before
from liuke.scores.runs.actions import COLUMNS, write_blank_scores
from liuke.scores.runs.models import CurrentRun, Score, ScoreRun
from liuke.scores.signals.actions import signalled

if TYPE_CHECKING:
    from liuke.platform.models import User

log = logging.getLogger(__name__)
Progress = Callable[[int, int, str], None]

CHUNK = 5_000  # scores per transaction: about 100 ms on SQLite
STEPS = 5
ABANDONED = timedelta(hours=6)
MONTH_DAYS = 30
KEPT_RUNS = 400  # Parquet files of past nights: the track record needs 90 days, the value history a year
CHOICES = [
    "grading.cuts",
    "grading.active_months",
    "churn.dormant_min_days",
    "churn.dormant_factor",
    "churn.lost_days",
    "risk.open_threshold",
]


class NothingToJudge(Exception):
    """There is no purchase with a customer yet; `without_rate` says how many there are in currencies without a rate."""

    def __init__(self, without_rate: Mapping[str, int]) -> None:
        super().__init__(", ".join(f"{count} in {code}, no rate" for code, count in without_rate.items()))
        self.without_rate = without_rate


def score(
    *,
    by: User | None,
    now: datetime,
    as_of: date | None = None,
    horizon_days: int | None = None,
    progress: Progress | None = None,
    guard: Callable[[], None] | None = None,
) -> ScoreRun:
    """Judges every customer as of `as_of` (default: see rules.judgement_day) and makes the result the current one.

    Readers see the run before until the last step, which moves one pointer and records the changes in one
    transaction, with `guard` (a job's hold on its lease) as its last word. Raises NothingToJudge when there is no
    purchase: what was said of purchases that have gone since is then read no more. Any failure stays on the run's row.
    """
    permit(by, Right.RUN_SCORES)
    tell = progress or (lambda done, total, note: None)
    run = ScoreRun.objects.create(
        as_of=as_of or now.astimezone(ZoneInfo(get("company.zone"))).date(),
        horizon_days=horizon_days or get("score.horizon_days"),
        started_at=now,
        currency=get("company.currency"),
        by=by,
    )
    try:
        _judge_and_publish(run, as_of, by=by, now=now, tell=tell, guard=guard)
    except NothingToJudge:
        _forget_old_runs(run)
        raise
    except Exception as error:
        run.state, run.error, run.finished_at = "failed", f"{type(error).__name__}: {error}"[:2000], now
        run.save(update_fields=["state", "error", "finished_at"])
        Score.objects.filter(run=run).delete()
        raise
    _forget_old_runs(run)
    refresh_statistics()  # a company's first night comes with its first import: the tables have grown from nothing
    return run


def _judge_and_publish(
    run: ScoreRun,
    as_of: date | None,
    *,
    by: User | None,
    now: datetime,
    tell: Progress,
    guard: Callable[[], None] | None,
) -> None:
    clock = _Clock()
    folder = settings.HOME / "scores" / f"run-{run.pk}"
    folder.mkdir(parents=True, exist_ok=True)
    run.folder = str(folder.relative_to(settings.HOME))
    tell(0, STEPS, "export")
    export = export_purchases(
        folder / "purchases.parquet",
        zone=get("company.zone"),
        currency=run.currency,
        rates=rates(),
        as_of=as_of,
        judged_on=None if as_of else partial(judgement_day, run.as_of),
    )
    clock.lap("export")
    if export.last_on is None:
        run.totals = {"without_rate": export.without_rate}
        publish_nothing(run, asked_for_a_day=as_of is not None, by=by, now=now, guard=guard)
        export.file.unlink(missing_ok=True)
        raise NothingToJudge(export.without_rate)
    run.as_of = as_of or judgement_day(run.as_of, export.last_on)
    run.purchases = export.purchases
    tell(1, STEPS, "judge")
    purchases = insight.read_purchases(export.file)
    judgement = _judge(run, export, purchases)
    clock.lap("judge")
    judgement, costed = _classified(judgement, export, run)
    clock.lap("classes")
    tell(2, STEPS, "write")
    table = _with_grade_before(judgement, purchases, run)
    write_parquet(table, folder / "scores.parquet")
    write_parquet(months(purchases, run.as_of), folder / "months.parquet")
    _write_scores(run, table)
    write_blank_scores(run.pk, _without_score(run))
    clock.lap("write")
    tell(3, STEPS, "stages")
    if run.as_of >= now.astimezone(ZoneInfo(get("company.zone"))).date():
        review_stages(as_of=now, now=now)
    clock.lap("stages")
    tell(4, STEPS, "publish")
    run.models_from(judgement)
    run.totals = totals(judgement.table, run.currency) | costed | {"without_rate": export.without_rate}
    run.customers = judgement.table.num_rows
    publish(run, asked_for_a_day=as_of is not None, by=by, now=now, guard=guard)
    clock.lap("publish")
    run.seconds = clock.laps
    run.save(update_fields=["seconds"])
    (folder / "purchases.parquet").unlink(missing_ok=True)
    tell(STEPS, STEPS, "")


def rates() -> dict[str, float]:
    return {code: float(rate) for code, rate in get("money.rates").items()}


def _judge(run: ScoreRun, export: Export, purchases: insight.Purchases) -> insight.Judgement:
    chosen = settings_from({key: get(key) for key in CHOICES})
    judgement = insight.judge(purchases, as_of=run.as_of, horizon_days=run.horizon_days, settings=chosen)
    base = get("grading.base")
    if base != "sales_12m":
        return _graded_by(judgement, base, export, run)
    return judgement


def _graded_by(judgement: insight.Judgement, base: str, export: Export, run: ScoreRun) -> insight.Judgement:
    """The same judgement with the pyramid built on another measure (CL02)."""
    table = judgement.table
    customers, old = table["customer"].to_pylist(), table["grade"].to_pylist()
    if base == "margin":
        by_customer = margins(export.file, as_of=run.as_of, months=get("grading.active_months"))
        measure = [by_customer.get(customer, 0.0) for customer in customers]
    else:
        measure = table["clv"].to_pylist()
    graded = insight.grade(
        [value if grade is not None else None for value, grade in zip(measure, old, strict=True)],
        judgement.settings.grade_cuts,
        last_on=table["last_on"].to_numpy(),
        number=range(len(customers)),
    )
    column = table.schema.get_field_index("grade")
    judged = table.set_column(column, "grade", pa.array(list(graded), pa.string()))
    return insight.Judgement(**{**vars(judgement), "table": judged})


def _classified(
    judgement: insight.Judgement, export: Export, run: ScoreRun
) -> tuple[insight.Judgement, dict[str, Any]]:
    table, told = classified(
        judgement.table,
        export.file,
        as_of=run.as_of,
        currency=run.currency,
    )
    table = signalled(table, as_of=run.as_of, settings=judgement.settings)
    return insight.Judgement(**{**vars(judgement), "table": table}), told


def _with_grade_before(judgement: insight.Judgement, purchases: insight.Purchases, run: ScoreRun) -> pa.Table:
    """The table with the grade of a month ago. Grades need no model, so they are reckoned anew from the purchases then."""
    day = run.as_of - timedelta(days=MONTH_DAYS)
    then = sales_before(purchases, day, window_days=judgement.settings.grade_window_days)
    grades = insight.grade(
        then["sales"].to_numpy(),
        judgement.settings.grade_cuts,
        last_on=then["last_on"].to_numpy(),
        number=range(then.num_rows),
    )
    where = pc.index_in(judgement.table["customer"], value_set=then["customer"].combine_chunks())
    names: Any = pa.array(list(grades), pa.string())
    table: pa.Table = judgement.table
    return table.append_column("grade_before", pc.fill_null(pc.take(names, where), ""))


def write_parquet(table: pa.Table, file: Path) -> None:
    """Whole or not at all: a reader never meets half a file."""
    part = file.with_suffix(".part")
    pq.write_table(table, part, compression="zstd")
    part.replace(file)


def _write_scores(run: ScoreRun, table: pa.Table) -> None:
    for batch in table.to_batches(max_chunksize=CHUNK):
        with transaction.atomic():
            insert_rows(Score, COLUMNS, _score_rows(run, batch))


def _score_rows(run: ScoreRun, batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    digits = get_currency_precision(run.currency)
    for row in batch.to_pylist():
        yield (
            run.pk,
            row["customer"],
            row["grade"] or "",
            row["band"],
            row["risk"],
            row["p_alive"],
            row["p_buy"],
            row["expected_purchases"],
            in_minor(row["expected_value"], digits),
            in_minor(row["value_at_risk"], digits),
            in_minor(row["clv"], digits),
            in_minor(row["total_12m"], digits),
            in_minor(row["total"], digits),
            row["purchases"],
            row["rfm"],
            row["first_on"],
            row["last_on"],
            row["usual_gap_days"],
            row["gap_days"],
            row["gap_percentile"],
            row["next_on"],
            row["next_from_on"],
            row["next_to_on"],
            json.loads(row["reasons"]),
            row["about_now"],
            row["grade_before"],
            moved(row["grade_before"], row["grade"] or ""),
            row["sales_class"],
            row["profit_cell"],
            row["future_cell"],
            row["relation"],
            round(row["loyalty"]),
            in_minor(row["profit"], digits),
            in_minor(row["service"], digits),
        )


def totals(table: pa.Table, currency: str) -> dict[str, Any]:
    """The night in a few figures: what `liuke score --json` and the list of runs show."""
    digits = get_currency_precision(currency)
    bands = Counter(table["band"].to_pylist())
    high = pc.equal(table["band"], pa.scalar(insight.AT_RISK_BAND))
    return {
        "grades": dict(Counter(grade or "none" for grade in table["grade"].to_pylist())),
        "bands": dict(bands),
        "at_risk": bands[insight.AT_RISK_BAND],
        "value_at_risk_minor": in_minor(_sum(table.filter(high)["value_at_risk"]), digits),
        "expected_minor": in_minor(_sum(table["expected_value"]), digits),
    }


def _sum(column: pa.ChunkedArray[Any]) -> float:
    return float(pc.sum(column).as_py() or 0)


def _without_score(run: ScoreRun) -> QuerySet[Customer, int]:
    return Customer.objects.exclude(pk__in=Score.objects.filter(run=run).values("customer_id")).values_list(
        "pk", flat=True
    )


@transaction.atomic
def publish(
    run: ScoreRun,
    *,
    asked_for_a_day: bool = False,
    by: User | None,
    now: datetime,
    guard: Callable[[], None] | None = None,
) -> None:
    """Moves the pointer. What changed against the run before becomes rows and facts in the same transaction."""
    current, _ = CurrentRun.objects.select_for_update().get_or_create(pk=1)
    before = current.run
    write_blank_scores(run.pk, _without_score(run))  # whoever was registered while the run was at work
    # Somebody's look at an earlier day than the one that is read is kept, but never takes its place. That of a night does:
    # where the newest orders were taken out again, the day of the last that is left may well be an earlier one.
    if before is None or not asked_for_a_day or run.as_of >= before.as_of:
        current.run = run
        current.save()
        record_changes(run.pk, _seen(run), dict(_seen(before)) if before else {}, by=by, now=now)
    run.state, run.finished_at = "done", now
    run.save()
    if guard:
        guard()


@transaction.atomic
def publish_nothing(
    run: ScoreRun,
    *,
    asked_for_a_day: bool,
    by: User | None,
    now: datetime,
    guard: Callable[[], None] | None = None,
) -> None:
    """No purchase is left to judge by (their import was undone): nobody has a grade, a risk or a forecast any more.

    Of a day that somebody asked for that says nothing of today.
    """
    current, _ = CurrentRun.objects.select_for_update().get_or_create(pk=1)
    if (before := current.run) and not asked_for_a_day:
        seen = dict(_seen(before))
        record_changes(run.pk, [(customer, Seen("", "", [])) for customer in seen], seen, by=by, now=now)
        current.run = None
        current.save()
    run.state, run.finished_at = "nothing", now
    run.save(update_fields=["state", "totals", "finished_at", "folder"])
    if guard:
        guard()


def _seen(run: ScoreRun) -> list[tuple[int, Seen]]:
    rows = Score.objects.filter(run=run).values_list("customer_id", "grade", "band", "reasons")
    return [(customer, Seen(grade, band, reasons)) for customer, grade, band, reasons in rows]


def _forget_old_runs(run: ScoreRun) -> None:
    """Rows of nights that nobody reads go, in short transactions; the Parquet files of a year stay.

    A run that has been "running" for hours was killed; what it wrote goes as well.
    """
    ScoreRun.objects.filter(state="running", started_at__lt=run.started_at - ABANDONED).update(
        state="failed", error="its process ended before it was through"
    )
    kept = [
        CurrentRun.objects.get(pk=1).run_id,
        *ScoreRun.objects.filter(state="running").values_list("pk", flat=True),
    ]
    old: QuerySet[Score] = Score.objects.exclude(run_id__in=kept)
    while ids := list(old.values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            Score.objects.filter(pk__in=ids).delete()
    for gone in ScoreRun.objects.filter(folder__gt="").order_by("-id")[KEPT_RUNS:]:
        shutil.rmtree(settings.HOME / gone.folder, ignore_errors=True)
        ScoreRun.objects.filter(pk=gone.pk).update(folder="")


class _Clock:
    """Seconds of each step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._since, 2)
        self._since = now
