from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from liuke import insight
from liuke.insight.features.events import stored_events
from liuke.insight.forecast.cutoffs import look_back, look_back_on
from liuke.insight.tests.logs import shop

HORIZON = 60
DAYS = [date(2025, 12, 1), date(2025, 11, 3), date(2025, 6, 2), date(2024, 12, 2)]


def test_several_days_seen_at_once_are_each_day_seen_alone() -> None:
    purchases = insight.read_purchases(shop(120))
    customers = shop(120)["customer"].to_pylist()
    on = [date(2025, 1, 1) + timedelta(days=3 * place) for place in range(40)]
    events = stored_events(purchases, {"complaint": {"customer": customers[:40], "on": on}})
    together = look_back_on(purchases, DAYS, horizon_days=HORIZON, events=events)
    assert [past.seen.as_of for past in together] == DAYS
    for past, day in zip(together, DAYS, strict=True):
        alone = look_back(purchases, day, horizon_days=HORIZON, events=events)
        assert past.seen.customer.to_pylist() == alone.seen.customer.to_pylist()
        assert past.seen.kinds == alone.seen.kinds == ("complaint",)
        assert sorted(past.seen.table.column_names) == sorted(alone.seen.table.column_names)
        for name in set(alone.seen.table.column_names) - {"customer"}:
            assert past.seen[name] == pytest.approx(alone.seen[name], nan_ok=True), name
        assert past.counts.tolist() == alone.counts.tolist()
        assert past.money.tolist() == alone.money.tolist()
        for name in ("log_gap", "before", "mean", "variance"):
            found, expected = getattr(past.gaps, name), getattr(alone.gaps, name)
            assert np.sort(found) == pytest.approx(np.sort(expected)), name
    assert len({len(past.seen) for past in together}) > 1


def test_a_day_before_the_log_has_nobody_and_no_day_gives_nothing() -> None:
    purchases = insight.read_purchases(shop(20))
    early, late = look_back_on(purchases, [date(2000, 1, 1), DAYS[0]], horizon_days=HORIZON)
    assert len(early.seen) == len(early.counts) == len(early.gaps.log_gap) == 0
    assert len(late.seen) > 0
    assert look_back_on(purchases, [], horizon_days=HORIZON) == []
