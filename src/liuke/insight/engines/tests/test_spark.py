"""The same judgement from a real cluster as from DuckDB, to the last count and cent, also when a worker is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liuke import insight
from liuke.insight.datasets import cdnow_sample
from liuke.insight.engines import Distributed
from liuke.insight.engines.spark import SparkEngine
from liuke.insight.engines.tests.cluster import ENVIRONMENT, Cluster, alive
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.testing import check_engine

pytestmark = [
    pytest.mark.java,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java 17 for a Spark cluster"),
]

SMALL = {
    "spark.ui.enabled": "false",
    # of a few rows the compiling would cost more than the work
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
# where logarithms are added, the order of adding shows in the last digits
SUMMED = {"p_alive", "p_buy", "expected_purchases"}


class Struck(SparkEngine):
    """Loses a worker, and all that it keeps, after the customers' features were made and before they are judged."""

    strike: Any = None

    def distribute(self, expression: Any, work: Any, *, notes: str) -> Distributed:
        spread = super().distribute(expression, work, notes=notes)
        if self.strike is not None:
            self.strike()
        return spread


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()
    assert not any(alive(group) for group in made.groups)


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[Struck]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        made = Struck(cluster.url, settings=SMALL, partitions=2)
        java = made.session.sparkContext._gateway.proc
        yield made
        made.close()
        assert java.poll() is not None


@pytest.fixture(scope="module")
def cdnow(engine: Struck, tmp_path_factory: pytest.TempPathFactory) -> insight.Purchases:
    """Read by the workers, from Parquet."""
    path = tmp_path_factory.mktemp("log") / "cdnow.parquet"
    pq.write_table(cdnow_sample(), path)
    return insight.read_purchases(path, engine=engine)


def test_it_keeps_the_contract_of_engines(engine: Struck) -> None:
    check_engine(engine)


def test_a_log_read_by_the_workers_is_the_same(cdnow: insight.Purchases) -> None:
    here = insight.read_purchases(cdnow_sample())
    assert (cdnow.reading, cdnow.first_on, cdnow.last_on) == (here.reading, here.first_on, here.last_on)
    assert insight.summarise(cdnow, as_of=date(1997, 9, 30)).equals(
        insight.summarise(here, as_of=date(1997, 9, 30))
    )


def test_a_refusal_names_column_and_row(engine: Struck, tmp_path: Path) -> None:
    amounts = [1.0] * 50 + [float("nan")] + [1.0] * 9
    bad = pa.table({"customer": ["A"] * 60, "on": [date(2026, 1, 1)] * 60, "amount": amounts})
    pq.write_table(bad, tmp_path / "bad.parquet")
    told = []
    for where in (None, engine):
        with pytest.raises(UnreadablePurchases, match="row 51") as refused:
            insight.read_purchases(tmp_path / "bad.parquet", engine=where)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_the_judgement_is_that_of_duckdb_though_a_worker_is_killed(
    engine: Struck, cluster: Cluster, cdnow: insight.Purchases
) -> None:
    day = {"as_of": date(1998, 3, 31), "horizon_days": 91}
    here = insight.judge(insight.read_purchases(cdnow_sample()), **day)
    engine.strike = cluster.kill_a_worker
    there = insight.judge(cdnow, **day)
    assert not alive(cluster.groups[-1])
    same_judgement(there, here)


def same_judgement(there: insight.Judgement, here: insight.Judgement) -> None:
    assert there.table.schema.names == here.table.schema.names
    for name in here.table.column_names:
        ours, theirs = there.table[name].to_pylist(), here.table[name].to_pylist()
        if name in SUMMED:
            assert ours == pytest.approx(theirs, rel=1e-9), name
        else:
            assert ours == theirs, name
    assert there.counts == here.counts
    assert there.models == here.models
    assert there.forecast["total"]["buyers"] == pytest.approx(here.forecast["total"]["buyers"], rel=1e-9)
