"""What was learned can be sent away: it judges any part of the customers as it judges all of them."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from liuke import insight
from liuke.insight import JudgeSettings
from liuke.insight.forecast import survey as surveys
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.survey import survey
from liuke.insight.judgement.judge import fit_scorer
from liuke.insight.judgement.scorer import SUMS, totals
from liuke.insight.tests.logs import START, shop

AS_OF = START + timedelta(days=400)
LOG = shop(300)
SETTINGS = JudgeSettings(grade_cuts=(0.05, 0.15, 0.40))


def test_parts_judged_elsewhere_make_the_whole() -> None:
    purchases = insight.read_purchases(LOG)
    with survey(purchases, as_of=AS_OF, horizon_days=28) as surveyed:
        learned = fit_scorer(surveyed, Forecast(), SETTINGS)
        scorer = pickle.loads(pickle.dumps(learned))  # noqa: S301 - our own bytes
        everyone = purchases.engine.fetch(surveyed.everyone)
    parts = [scorer(everyone.slice(start, 70)) for start in range(0, len(everyone), 70)]
    found = pa.concat_tables(parts)
    whole = insight.judge(purchases, as_of=AS_OF, horizon_days=28, settings=SETTINGS)
    for name in whole.table.column_names:
        ours, theirs = found[name].to_pylist(), whole.table[name].to_pylist()
        if name in {"p_alive", "p_buy", "expected_purchases"}:
            assert ours == pytest.approx(theirs, rel=1e-12)
        else:
            assert ours == theirs, name
    told = totals(found[SUMS].drop_null().to_pylist())
    assert told.customers == whole.counts["customers"] == len(everyone)
    assert told.purchases == whole.counts["purchases"] == sum(whole.table["purchases"].to_pylist())
    assert told.high == whole.counts["high"] == whole.table["band"].to_pylist().count("high")
    assert told.weeks == pytest.approx([week["customers"] for week in whole.weeks])


def test_a_sample_teaches_and_everyone_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    purchases = insight.read_purchases(LOG)
    whole = insight.judge(purchases, as_of=AS_OF, horizon_days=28, settings=SETTINGS).table
    monkeypatch.setattr(surveys, "LEARNING_CUSTOMERS", 200)
    with survey(purchases, as_of=AS_OF, horizon_days=28) as surveyed:
        assert 150 < len(surveyed.seen) < 250
        timing = surveyed.timing()
        assert timing["count"].sum() == surveyed.customers == len(whole)
    thinner = insight.judge(purchases, as_of=AS_OF, horizon_days=28, settings=SETTINGS)
    for exact in ("customer", "purchases", "total", "grade", "rfm", "gap_days"):
        assert thinner.table[exact].to_pylist() == whole[exact].to_pylist(), exact
    # the models are fitted to the distinct triples of everyone, the sample teaches the rest
    assert thinner.models["BGNBD"]["customers"] == len(whole)
    closeness = abs(thinner.table["p_buy"].to_numpy() - whole["p_buy"].to_numpy())
    assert closeness.mean() < 0.05


def test_nothing_is_left_on_the_engine() -> None:
    purchases = insight.read_purchases(LOG)
    before = purchases.engine.backend.con.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
    insight.judge(purchases, as_of=AS_OF, horizon_days=28)
    assert purchases.engine.backend.con.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == before


def test_written_where_they_are_the_rows_are_the_same(tmp_path: Path) -> None:
    purchases = insight.read_purchases(LOG)
    written = insight.judge(purchases, as_of=AS_OF, horizon_days=28, out=str(tmp_path / "scores.parquet"))
    assert written.table is None
    assert pa.parquet.read_table(tmp_path / "scores.parquet").num_rows == written.counts["customers"]
