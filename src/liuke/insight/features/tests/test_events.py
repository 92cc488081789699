from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from liuke import insight
from liuke.insight.errors import BadTable, MissingColumn
from liuke.insight.features.events import covariates_of, stored_events
from liuke.insight.features.outcome import outcome
from liuke.insight.features.snapshot import snapshot
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.track import log_loss
from liuke.insight.tests.logs import START, log, shop

AS_OF = date(2026, 3, 1)


def test_events_are_counted_up_to_the_day() -> None:
    purchases = log(("A", "2026-01-01", 1.0), ("B", "2026-01-01", 1.0), ("C", "2026-01-01", 1.0))
    complaints = {
        "customer": ["A", "A", "A", "B"],
        "on": [date(2025, 1, 1), date(2026, 1, 30), date(2026, 3, 2), date(2026, 3, 1)],
    }
    events = stored_events(purchases, {"complaint": complaints})
    assert events is not None
    found = covariates_of(snapshot(purchases, as_of=AS_OF, events=events))
    assert np.expm1(found["complaint_lately"]) == pytest.approx([1, 1, 0])
    assert found["complaint_fresh"] == pytest.approx([np.exp(-1), 1, 0])


@pytest.mark.parametrize(
    ("table", "error"),
    [({"customer": ["A"]}, MissingColumn), ({"customer": ["A"], "on": ["soon"]}, BadTable)],
)
def test_a_table_that_is_none_is_refused_by_name(table: dict[str, list[str]], error: type[Exception]) -> None:
    with pytest.raises(error, match="complaint"):
        stored_events(log(("A", "2026-01-01", 1.0)), {"complaint": table})


def test_complaints_that_drive_customers_away_sharpen_the_forecast() -> None:
    generator = np.random.default_rng(8)
    bought, complained = [], []
    for number in range(600):
        at = float(generator.uniform(0, 60))
        while at < 500:
            bought.append((number, START + timedelta(days=int(at)), 10.0))
            if generator.random() < 0.12:
                complained.append((number, START + timedelta(days=int(at) + 1)))
                break  # and never comes back
            at += max(generator.exponential(30), 1)
    names = ("customer", "on", "amount")
    purchases = log(*bought, names=names)
    events = pa.table({"customer": [c for c, _ in complained], "on": [on for _, on in complained]})
    as_of = START + timedelta(days=400)
    losses = []
    for covariates in (None, {"complaint": events}):
        forecast = Forecast().fit(purchases, as_of=as_of, horizon=28, covariates=covariates)
        counts, _ = outcome(purchases.engine, purchases.days, forecast.now.seen, horizon_days=28)
        losses.append(log_loss(forecast.probability(), counts > 0))
    assert losses[1] < 0.97 * losses[0]
    covariates = {"complaint": events}
    table = insight.judge(purchases, as_of=as_of, horizon_days=28, covariates=covariates).table
    lately = {c: (as_of - on).days for c, on in complained if 0 <= (as_of - on).days < 90}
    for row in table.to_pylist():
        told = {reason["code"]: reason for reason in json.loads(row["reasons"])}
        assert ("event" in told) == (row["customer"] in lately)
        if "event" in told:
            days = lately[row["customer"]]
            assert told["event"] == {"code": "event", "kind": "complaint", "count": 1, "days": days}
            # later on his own lateness says it as well
            assert row["band"] == "low" or days > 30 or next(iter(told)) == "event"


def test_events_that_tell_nothing_do_not_hurt() -> None:
    """Leaflets sent to anybody at any time: two more features that the learners must leave alone."""
    generator = np.random.default_rng(9)
    purchases = insight.read_purchases(shop(400))
    sent = {
        "customer": [f"C{number:04d}" for number in generator.integers(0, 400, 1_500)],
        "on": [START + timedelta(days=int(day)) for day in generator.integers(0, 430, 1_500)],
    }
    as_of = START + timedelta(days=400)
    losses = []
    for covariates in (None, {"leaflet": sent}):
        forecast = Forecast().fit(purchases, as_of=as_of, horizon=28, covariates=covariates)
        counts, _ = outcome(purchases.engine, purchases.days, forecast.now.seen, horizon_days=28)
        losses.append(log_loss(forecast.probability(), counts > 0))
    assert losses[1] < 1.01 * losses[0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"customer": ["A", "B"], "on": ["2026-01-01", "soon"]}, "complaint, column 'on', row 1 .*'soon'"),
        ({"customer": ["A", None], "on": [date(2026, 1, 1)] * 2}, "column 'customer', row 1 .*missing"),
    ],
)
def test_the_row_that_is_no_event_is_named(table: dict[str, list[str]], message: str) -> None:
    with pytest.raises(BadTable, match=message):
        stored_events(log(("A", "2026-01-01", 1.0)), {"complaint": table})
