"""The same judgement from a real cluster as from DuckDB, to the last count and cent, also when a worker is killed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from liuke import insight
from liuke.cli import analyse
from liuke.cli.tests.test_analyse import called
from liuke.insight.datasets import cdnow_sample
from liuke.insight.engines import Distributed
from liuke.insight.engines.spark import SparkEngine
from liuke.insight.engines.tests.cluster import ENVIRONMENT, Cluster, alive
from liuke.insight.engines.tests.market import LAST, complaints, in_files, market
from liuke.insight.engines.traffic import Traffic
from liuke.insight.errors import TooManyRows
from liuke.insight.forecast import survey
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.testing import check_engine

pytestmark = [
    pytest.mark.java,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java 17 for a Spark cluster"),
]

QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SMALL = {
    "spark.ui.enabled": "false",
    # of a few rows the compiling would cost more than the work
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",  # a table this small would be sent by way of this process
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.driver.maxResultSize": "8m",
    "spark.executor.memory": "512m",
    "spark.memory.fraction": "0.05",  # of the 212 MB that Spark leaves of 512: a log of some megabytes is too big
    "spark.executor.extraJavaOptions": QUICK_JAVA,
    "spark.driver.extraJavaOptions": QUICK_JAVA,
}
CUSTOMERS = 32_000
# where logarithms are added, the order of adding shows in the last digits
SUMMED = {"p_alive", "p_buy", "expected_purchases"}
TOLERANCE = 1e-9
TOLD_BYTES = 2_500  # what a task tells of itself with its result: 2,260 bytes on average of 862


class Watched(SparkEngine):
    """Tells what its workers hold when the customers are about to be scored, and then does to them what `strike` does."""

    strike: Any = None
    held: Traffic

    def distribute(self, expression: Any, work: Any, *, notes: str) -> Distributed:
        spread = super().distribute(expression, work, notes=notes)
        self.held = self.traffic()
        if self.strike is not None:
            self.strike()
        return spread


@dataclass(frozen=True)
class Judged:
    """The market judged here and there, with complaints; there its rows are read from what the workers wrote."""

    here: insight.Judgement
    there: insight.Judgement
    table: pa.Table
    before: Traffic
    held: Traffic
    after: Traffic


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()
    assert not any(alive(group) for group in made.groups)


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[Watched]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        made = Watched(cluster.url, settings=SMALL, partitions=2)
        java = made.session.sparkContext._gateway.proc
        yield made
        made.close()
        assert java.poll() is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("market")


@pytest.fixture(scope="module")
def judged(engine: Watched, folder: Path) -> Judged:
    """More customers than the learners are taught from; of fewer than usual, so that it takes seconds."""
    log = market(CUSTOMERS)
    path, scores = in_files(log, folder / "log"), folder / "scores.parquet"
    asked: dict[str, Any] = {
        "as_of": LAST,
        "horizon_days": 28,
        "covariates": {"complaint": complaints(log)},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "LEARNING_CUSTOMERS", 600)
        here = insight.judge(insight.read_purchases(log), **asked)
        before = engine.traffic()
        there = insight.judge(insight.read_purchases(path, engine=engine), **asked, out=str(scores))
        after = engine.traffic()
    table = pq.read_table(scores).sort_by("customer")
    return Judged(here, there, table, before, engine.held, after)


def test_every_column_is_that_of_duckdb(judged: Judged) -> None:
    assert len(judged.table) == CUSTOMERS
    same_judgement(judged.there, judged.here, table=judged.table)


def test_complaints_are_learned_from_as_on_duckdb(judged: Judged, engine: Watched) -> None:
    """The same figures, and others than without them."""
    names = [name for name in judged.there.forecast["weights"] if name != "model"]
    assert judged.there.forecast["weights"] == judged.here.forecast["weights"]
    assert names
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "LEARNING_CUSTOMERS", 600)
        without = insight.judge(insight.read_purchases(market(CUSTOMERS)), as_of=LAST, horizon_days=28)
    assert without.table["p_buy"].to_pylist() != judged.here.table["p_buy"].to_pylist()


@pytest.mark.parametrize("share", [0.01, 0.05, 0.20])
def test_cuts_among_ties_go_by_last_day_then_name(judged: Judged, share: float) -> None:
    columns = ("customer", "grade", "total_12m", "last_on")
    rows = [row for row in judged.table.select(columns).to_pylist() if row["grade"] is not None]
    rows.sort(key=lambda row: row["customer"])
    rows.sort(key=lambda row: (row["total_12m"], row["last_on"]), reverse=True)
    end = ceil(share * len(rows))
    last, following = rows[end - 1], rows[end]
    assert (last["total_12m"], last["last_on"]) == (following["total_12m"], following["last_on"])
    better = {0.01: {"platinum"}, 0.05: {"platinum", "gold"}, 0.20: {"platinum", "gold", "iron"}}[share]
    assert {row["grade"] for row in rows[:end]} <= better
    assert not {row["grade"] for row in rows[end:]} & better


def test_nothing_of_the_size_of_the_customers_comes_to_the_process(judged: Judged) -> None:
    """Eight bytes of each customer would be more than any stage brings, and that mostly is what tasks tell of themselves."""
    assert judged.there.table is None
    assert judged.after.most_brought < 8 * CUSTOMERS
    told = TOLD_BYTES * (judged.after.tasks - judged.before.tasks)
    assert judged.after.brought - judged.before.brought - told < 0.05 * judged.table.nbytes


def test_what_memory_cannot_hold_goes_to_disk(judged: Judged) -> None:
    """The workers have 10 MB each; more than that is kept and passes between them."""
    assert judged.held.in_memory + judged.after.shuffled > 10_600_000
    assert judged.after.spilled > 0


def test_a_killed_worker_changes_nothing(
    judged: Judged, engine: Watched, cluster: Cluster, folder: Path
) -> None:
    """Gone with what it held of lines, days and features, after they were made and before the customers are judged."""
    scores = folder / "struck.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "LEARNING_CUSTOMERS", 600)
        patch.setattr(engine, "strike", cluster.kill_a_worker)
        purchases = insight.read_purchases(folder / "log", engine=engine)
        covariates = {"complaint": complaints(market(CUSTOMERS))}
        struck = insight.judge(purchases, as_of=LAST, horizon_days=28, covariates=covariates, out=str(scores))
    assert not alive(cluster.groups[-1])
    cluster.replace_the_killed()
    same_judgement(struck, judged.here, table=pq.read_table(scores).sort_by("customer"))


def test_a_small_log_by_the_command_line(
    engine: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All customers are learned from; CSV and the report are made here, from rows that come here."""
    told, tables = [], []
    for name in ("duckdb", "spark"):
        if name == "spark":
            monkeypatch.setattr(analyse, "_engine", lambda args: nullcontext(engine))
        scores, page = tmp_path / f"{name}.csv", tmp_path / f"{name}.html"
        words = ["--example", "--json", "--out", str(scores), "--report", str(page), "--engine", name]
        assert called(*words) == 0
        told.append(json.loads(capsys.readouterr().out))
        tables.append(pyarrow.csv.read_csv(scores))
        assert "CDNOW" in page.read_text(encoding="utf-8")
    here, there = told
    assert there["customers"] == here["customers"] == 2357
    close(there["models"], here["models"])
    assert there["forecast"]["total"]["buyers"] == pytest.approx(
        here["forecast"]["total"]["buyers"], rel=TOLERANCE
    )
    same_rows(tables[1], tables[0])


def test_it_keeps_the_contract_of_engines(engine: Watched) -> None:
    check_engine(engine)


def test_a_log_read_by_the_workers_is_the_same(engine: Watched, tmp_path: Path) -> None:
    pq.write_table(cdnow_sample(), tmp_path / "cdnow.parquet")
    here = insight.read_purchases(cdnow_sample())
    there = insight.read_purchases(tmp_path / "cdnow.parquet", engine=engine)
    assert (there.reading, there.first_on, there.last_on) == (here.reading, here.first_on, here.last_on)
    day = date(1997, 9, 30)
    assert insight.summarise(there, as_of=day).equals(insight.summarise(here, as_of=day))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("amount", float("nan"), "row 51"),
        ("amount", None, "row 51"),
        ("on", None, "row 51"),
        ("currency", "USD", "two currencies"),
    ],
)
def test_a_refusal_names_column_and_row(
    engine: Watched, tmp_path: Path, column: str, value: object, message: str
) -> None:
    rows: dict[str, list[Any]] = {
        "customer": ["A"] * 60,
        "on": [date(2026, 1, 1)] * 60,
        "amount": [1.0] * 60,
        "currency": ["CNY"] * 60,
    }
    rows[column][50] = value
    pq.write_table(pa.table(rows), tmp_path / "bad.parquet")
    told = []
    for where in (None, engine):
        with pytest.raises(UnreadablePurchases, match=message) as refused:
            insight.read_purchases(tmp_path / "bad.parquet", engine=where)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_two_currencies_in_files_of_their_own_are_refused(engine: Watched, tmp_path: Path) -> None:
    for currency in ("CNY", "USD"):
        rows = {"customer": ["A"], "on": [date(2026, 1, 1)], "amount": [1.0], "currency": [currency]}
        pq.write_table(pa.table(rows), tmp_path / f"{currency}.parquet")
    with pytest.raises(UnreadablePurchases, match=r"two currencies .*CNY, USD"):
        insight.read_purchases(tmp_path, engine=engine)


def test_more_rows_than_may_come_here_are_refused_by_name(engine: Watched) -> None:
    numbers = np.random.default_rng(1).integers(0, 2**62, 1_500_000)
    table = engine.take(pa.table({"customer": numbers}), "numbers")
    spread = engine.distribute(table, noted, notes="told")
    with pytest.raises(TooManyRows, match="written as Parquet"):
        spread.rows()
    spread.drop()
    engine.drop(table)


def noted(part: pa.Table) -> pa.Table:
    return part.append_column("told", pa.nulls(len(part), pa.float64()))


def same_judgement(there: insight.Judgement, here: insight.Judgement, *, table: pa.Table) -> None:
    same_rows(table, here.table)
    assert there.counts == here.counts
    close(there.models, here.models)
    close(there.forecast, here.forecast)
    close(there.weeks, here.weeks)


def same_rows(table: pa.Table, expected: pa.Table) -> None:
    assert table.schema.names == expected.schema.names
    for name in expected.column_names:
        ours, theirs = table[name].to_pylist(), expected[name].to_pylist()
        if name in SUMMED:
            assert ours == pytest.approx(theirs, rel=TOLERANCE), name
        else:
            differing = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
            assert not differing, f"{name}: {len(differing)} rows differ, first {differing[:3]}"


def close(ours: Any, theirs: Any) -> None:
    """The same values, floats within the tolerance."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for name in theirs:
            close(ours[name], theirs[name])
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs)
        for our, their in zip(ours, theirs, strict=True):
            close(our, their)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=TOLERANCE)
    else:
        assert ours == theirs
