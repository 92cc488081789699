"""The real log as a demo: as it was, moved by whole weeks to end this week, under made-up names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liuke.customers.models import Customer, Purchase
from liuke.demo import cdnow
from liuke.insight.datasets import cdnow_sample
from liuke.platform.models import User
from liuke.scores.models import CurrentRun, Score, TrackRecord

UNTIL = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FEW = 40


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2026, 11, 26), date(2027, 1, 1)])
def test_whole_weeks_so_that_weekdays_stay(today: date) -> None:
    last = date(1998, 6, 30)
    by = cdnow.shift(last, today)
    assert by.days % 7 == 0
    assert timedelta(0) <= today - (last + by) < timedelta(weeks=1)


def test_purchases_are_as_they_were_and_a_forecast_stands_against_what_came(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first few customers of the log; all 2,357 take a minute and prove no more."""
    log = cdnow_sample()
    few = sorted(set(log["customer"].to_pylist()))[:FEW]
    part = log.filter(pc.is_in(log["customer"], value_set=pa.array(few, log["customer"].type)))
    monkeypatch.setattr(cdnow, "cdnow_sample", lambda: part)
    told: list[tuple[int, int]] = []
    cdnow.play(until=UNTIL, tell=lambda what, done, total: told.append((done, total)))

    assert Customer.objects.count() == FEW
    assert Purchase.objects.count() == part.num_rows
    assert sum(Purchase.objects.values_list("amount_minor", flat=True)) == round(
        100 * sum(part["amount"].to_pylist())
    )
    last = Purchase.objects.latest("at").at.date()
    assert timedelta(0) <= UNTIL.date() - last < timedelta(weeks=1)
    assert {owner for (owner,) in Customer.objects.values_list("owner__role__code").distinct()} == {
        "salesperson"
    }
    assert set(User.objects.values_list("role__code", flat=True)) == {"owner", "supervisor", "salesperson"}
    assert CurrentRun.objects.filter(run__isnull=False).exists()
    assert Score.objects.current().count() == FEW
    assert set(TrackRecord.objects.values_list("horizon_days", flat=True)) >= {30, 60, 90}
    assert told[-1][0] == told[-1][1]
