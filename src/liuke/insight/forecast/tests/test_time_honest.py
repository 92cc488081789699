"""The forecast of a day is the same whatever comes later; a leak planted in any of its steps is caught."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liuke import insight
from liuke.insight.features import events as events_module
from liuke.insight.features import snapshot as snapshot_module
from liuke.insight.features.rolling import rolling
from liuke.insight.forecast import cutoffs as cutoffs_module
from liuke.insight.forecast import forecast as forecast_module
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.tests.logs import START, shop

AS_OF = START + timedelta(days=400)
LOG = shop(150)
UNTIL = LOG.filter(pa.array([on <= AS_OF for on in LOG["on"].to_pylist()]))


# it is told of every log that is shorter than a year, as these are
pytestmark = pytest.mark.filterwarnings("ignore::liuke.insight.errors.UnknownSeason")


def foretold(log: Any) -> Any:
    """Whoever buys is contacted the same day: who knew of a contact to come would know who comes."""
    contacts = log.select(["customer", "on"])
    forecast = Forecast().fit(
        insight.read_purchases(log), as_of=AS_OF, horizon=28, covariates={"contact": contacts}
    )
    return forecast.probability()


def sees_the_future() -> bool:
    whole, until = foretold(LOG), foretold(UNTIL)
    return len(whole) != len(until) or not np.allclose(whole, until, rtol=1e-6)


@pytest.fixture(autouse=True)
def two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """To learn from: enough to see a leak."""
    monkeypatch.setattr(cutoffs_module, "MOST", 2)
    monkeypatch.setattr(
        forecast_module,
        "cutoffs",
        lambda first_on, **given: cutoffs_module.cutoffs(first_on, **given, most=2),
    )


def test_what_comes_later_changes_no_forecast() -> None:
    assert not sees_the_future()


def leaky_windows(days: Any, *, as_of: date, horizon_days: int) -> Any:
    return rolling(days, as_of=as_of, horizon_days=horizon_days).drop("spent_30").inner_join(
        rolling(days, as_of=as_of + timedelta(days=20), horizon_days=horizon_days).select("customer", "spent_30"),
        "customer",
    )  # fmt: skip


def leaky_events(found: Any, *, as_of: date) -> Any:
    return counted(found, as_of=as_of + timedelta(days=28))


def leaky_days(first_on: date, *, as_of: date, horizon_days: int) -> list[date]:
    """Days whose horizon has not ended yet."""
    return [as_of - timedelta(days=7), as_of - timedelta(days=35)]


counted = events_module.counted_until


@pytest.mark.parametrize(
    ("module", "step", "leak"),
    [
        (snapshot_module, "rolling", leaky_windows),
        (events_module, "counted_until", leaky_events),
        (forecast_module, "cutoffs", leaky_days),
    ],
)
def test_a_planted_leak_is_caught(
    monkeypatch: pytest.MonkeyPatch, module: Any, step: str, leak: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, step, leak)
    assert sees_the_future()
