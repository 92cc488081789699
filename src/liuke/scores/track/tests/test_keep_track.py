"""A forecast that is over is held against what came, once; where there was no night, against what it would have been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.platform.access.rules import Denied
from liuke.platform.models import User
from liuke.scores.judging.actions import score
from liuke.scores.models import ScoreRun, TrackRecord
from liuke.scores.track.actions import keep_track
from liuke.scores.track.rules import CAME, is_over, look_back_days

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def bought(by: User, name: str, days_ago: list[int], minor: int = 10_000) -> None:
    customer = register(by=by, now=NOW - timedelta(days=400), name=name)
    rows = [
        NewPurchase(customer.pk, f"{name}-{day}", NOW - timedelta(days=day), "CNY", [NewLine(minor)])
        for day in days_ago
    ]
    record_purchases(rows, by=None, now=NOW)


@pytest.fixture
def no_look_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look back is a judgement of its own, and takes as long."""
    monkeypatch.setattr("liuke.scores.track.actions.look_back_days", lambda as_of: {})


@pytest.fixture
def business(alice: User) -> None:
    bought(alice, "Steady", [*range(20, 360, 20), 5])
    bought(alice, "Gone", [*range(120, 360, 20)])
    bought(alice, "Twice", [38, 12, 200], minor=5_000)


def test_what_came_is_counted_within_the_horizon_and_not_beyond(
    alice: User, business: None, no_look_back: None
) -> None:
    past = score(by=None, now=NOW, as_of=(NOW - timedelta(days=35)).date(), horizon_days=30)
    score(by=None, now=NOW)
    keep_track(by=None, now=NOW, force=True)
    held = TrackRecord.objects.get(run=past)
    # 35 to 5 days ago: Steady on days 20 and 5, Twice on day 12; day 38 lies before, and Gone did not come.
    assert (held.customers, held.actual_buyers, held.actual_purchases, held.actual_minor) == (3, 2, 3, 25_000)
    forecast = pq.read_table(settings.HOME / past.folder / "scores.parquet")["p_buy"].to_pylist()
    assert held.expected_buyers == pytest.approx(sum(forecast))
    assert 0 <= held.brier <= 1
    assert held.auc == 1.0 or held.auc is not None


def test_who_came_is_kept_by_customer_also_where_an_older_release_did_not(
    alice: User, business: None, no_look_back: None
) -> None:
    past = score(by=None, now=NOW, as_of=(NOW - timedelta(days=35)).date(), horizon_days=30)
    score(by=None, now=NOW)
    keep_track(by=None, now=NOW, force=True)
    file = settings.HOME / past.folder / CAME
    names = dict(Customer.objects.values_list("pk", "name"))

    def told() -> list[tuple[str, int, float]]:
        rows = pq.read_table(file).to_pylist()
        return sorted((names[row["customer"]], row["purchases"], row["value"]) for row in rows)

    assert told() == [("Steady", 2, 200.0), ("Twice", 1, 50.0)]
    before = list(TrackRecord.objects.values())
    file.unlink()
    assert keep_track(by=None, now=NOW) == []
    assert told() == [("Steady", 2, 200.0), ("Twice", 1, 50.0)]
    assert list(TrackRecord.objects.values()) == before


def test_a_forecast_that_is_not_over_is_not_judged(alice: User, business: None, no_look_back: None) -> None:
    young = score(by=None, now=NOW, as_of=(NOW - timedelta(days=20)).date(), horizon_days=30)
    score(by=None, now=NOW)
    keep_track(by=None, now=NOW, force=True)
    assert not TrackRecord.objects.filter(run=young).exists()
    assert not is_over(NOW.date(), 30, known_until=(NOW + timedelta(days=29)).date())
    assert is_over(NOW.date(), 30, known_until=(NOW + timedelta(days=30)).date())


def test_where_there_was_no_night_it_looks_back_from_what_was_known_then(alice: User, business: None) -> None:
    score(by=None, now=NOW)
    made = keep_track(by=None, now=NOW)
    assert {(record.horizon_days, record.run.as_of) for record in made} == set(
        look_back_days(NOW.date()).items()
    )
    assert all(record.run.looked_back for record in made)
    # The same look back with what came since taken out of the log: the forecast knew nothing of it.
    ninety = next(record for record in made if record.horizon_days == 90)
    assert ninety.customers == 3
    assert not ScoreRun.objects.filter(looked_back=False).exclude(as_of=NOW.date()).exists()


def test_pl04_a_verdict_is_given_once_and_looks_back_once_a_week(alice: User, business: None) -> None:
    score(by=None, now=NOW)
    keep_track(by=None, now=NOW)
    before = list(TrackRecord.objects.values("pk", "run", "judged_on"))
    assert keep_track(by=None, now=NOW) == []
    assert keep_track(by=None, now=NOW + timedelta(days=1)) == []
    assert list(TrackRecord.objects.values("pk", "run", "judged_on")) == before


def test_without_a_judgement_there_is_nothing_to_hold(db: None) -> None:
    assert keep_track(by=None, now=NOW) == []


def test_pl01_only_who_may(alice: User) -> None:
    with pytest.raises(Denied):
        keep_track(by=alice, now=NOW)
