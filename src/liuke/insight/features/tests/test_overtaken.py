"""An order that is taken back counts for nothing from that day on, and as ever in what is told of the days before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liuke import insight
from liuke.insight.forecast import cutoffs as cutoffs_module
from liuke.insight.forecast import survey as survey_module
from liuke.insight.forecast.cutoffs import Past, look_back, look_back_on
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.tables import Purchases
from liuke.insight.tests.logs import START, log, shop

pytestmark = pytest.mark.filterwarnings("ignore::liuke.insight.errors.UnknownSeason")

AS_OF = START + timedelta(days=400)
NAMES = ("customer", "on", "amount", "taken_back")
ROWS = [
    ("a", "2026-01-05", 10.0, None),
    ("a", "2026-02-05", 20.0, "2026-03-10"),
    ("a", "2026-02-05", 30.0, "2026-03-20"),
    ("a", "2026-02-05", 40.0, None),
    ("b", "2026-02-07", 50.0, "2026-03-15"),
    ("b", "2026-03-15", -50.0, "2026-03-15"),
]


def days_known(purchases: Purchases, as_of: str) -> list[tuple[str, str, float]]:
    """As they were known that day, up to it."""
    known = purchases.known(date.fromisoformat(as_of))
    rows = known.engine.fetch(known.days.order_by("customer", "on")).to_pylist()
    found = [(row["customer"], row["on"].isoformat(), row["value"]) for row in rows]
    return [row for row in found if row[1] <= as_of]


@pytest.mark.parametrize(
    ("as_of", "second_day", "others"),
    [
        ("2026-03-09", 90.0, [("b", "2026-02-07", 50.0)]),
        ("2026-03-10", 70.0, [("b", "2026-02-07", 50.0)]),
        ("2026-03-15", 70.0, []),
        ("2026-03-20", 40.0, []),
        ("2026-12-31", 40.0, []),
    ],
)
def test_a_day_is_told_as_it_was_known(as_of: str, second_day: float, others: list[Any]) -> None:
    """What took an order back goes on the day that the order does: its refund is never seen without it."""
    own = [("a", "2026-01-05", 10.0), ("a", "2026-02-05", second_day)]
    assert days_known(log(*ROWS, names=NAMES), as_of) == own + others


def test_without_a_day_asked_for_it_is_what_stands() -> None:
    purchases = log(*ROWS, names=NAMES)
    assert purchases.engine.fetch(purchases.lines)["amount"].to_pylist() == [10.0, 40.0]
    assert purchases.known(date(2026, 4, 1)) is purchases
    assert (purchases.first_on, purchases.last_on) == (date(2026, 1, 5), date(2026, 2, 5))


def test_what_is_told_of_a_day_knows_nothing_of_a_later_taking_back() -> None:
    purchases = log(*ROWS, names=NAMES)
    then, now = (
        insight.summarise(purchases, as_of=date(2026, 3, day))["customer"].to_pylist() for day in (14, 15)
    )
    assert (then, now) == (["a", "b"], ["a"])
    base = insight.grade_base(purchases, as_of=date(2026, 3, 9))
    assert dict(zip(base.customer.to_pylist(), base.amount, strict=True)) == {"a": 100.0, "b": 50.0}


def test_a_log_of_which_all_was_taken_back_was_one_before() -> None:
    purchases = log(("a", "2026-01-05", 10.0, "2026-01-09"), names=NAMES)
    assert insight.summarise(purchases, as_of=date(2026, 1, 8)).num_rows == 1
    with pytest.raises(UnreadablePurchases):
        insight.summarise(purchases, as_of=date(2026, 1, 9))


def test_the_column_may_be_text_empty_or_wrong() -> None:
    text = log(("a", "2026-01-05", 1.0, ""), ("a", "2026-01-06", 2.0, "2026-01-09"), names=NAMES)
    assert days_known(text, "2026-01-08") != days_known(text, "2026-01-09")
    empty = log(("a", "2026-01-05", 1.0, None), names=NAMES)
    assert empty.overtaken is None
    with pytest.raises(UnreadablePurchases, match="taken_back"):
        log(("a", "2026-01-05", 1.0, "2026-01-09"), ("a", "2026-01-06", 1.0, "soon"), names=NAMES)


def test_a_kept_state_refuses_what_it_could_not_keep(tmp_path: Any) -> None:
    rows = pa.table(dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True)))
    with pytest.raises(UnreadablePurchases, match="retract"):
        insight.State(tmp_path / "state").fold(rows)


@pytest.fixture
def two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """To learn from: enough to see a leak."""
    monkeypatch.setattr(
        "liuke.insight.forecast.forecast.cutoffs",
        lambda first_on, **given: cutoffs_module.cutoffs(first_on, **given, most=2),
    )
    monkeypatch.setattr("liuke.insight.forecast.forecast.older_days", lambda first_on, **given: [])


def with_taken_back(until: date) -> pa.Table:
    """A shop in which one order in six is taken back, up to two months later; told is what was known `until` then."""
    rows = shop(150)
    generator = np.random.default_rng(5)
    gone = []
    for on in rows["on"].to_pylist():
        day = on + timedelta(days=int(generator.integers(1, 60)))
        gone.append(day if generator.random() < 0.17 and day <= until else None)
    rows = rows.append_column("taken_back", pa.array(gone, pa.date32()))
    return rows.filter(pa.array([on <= until for on in rows["on"].to_pylist()]))


def foretold(until: date) -> tuple[list[str], Any]:
    table = Forecast().fit(insight.read_purchases(with_taken_back(until)), as_of=AS_OF, horizon=28).predict()
    return table["customer"].to_pylist(), table["p_buy"].to_numpy()


def sees_the_future() -> bool:
    (known, p), (also, q) = foretold(AS_OF + timedelta(days=60)), foretold(AS_OF)
    return known != also or not np.allclose(p, q, rtol=1e-6)


@pytest.mark.usefixtures("two_days")
def test_what_is_taken_back_later_changes_no_forecast() -> None:
    assert not sees_the_future()


@pytest.mark.usefixtures("two_days")
def test_a_survey_that_forgets_what_was_overtaken_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = survey_module.survey

    def leaky(purchases: Purchases, **given: Any) -> Any:
        return survey(replace(purchases, overtaken=None), **given)

    monkeypatch.setattr("liuke.insight.forecast.forecast.survey", leaky)
    assert sees_the_future()


def same(one: Past, other: Past) -> bool:
    return (
        one.seen.table.equals(other.seen.table.cast(one.seen.table.schema))
        and np.array_equal(one.counts, other.counts)
        and np.array_equal(one.money, other.money)
        and np.allclose(np.sort(one.gaps.log_gap), np.sort(other.gaps.log_gap))
    )


DAYS = [AS_OF - timedelta(days=back) for back in (28, 56, 196)]


def looked_back(how: Callable[[Purchases, date], Past]) -> list[Past]:
    return [how(insight.read_purchases(with_taken_back(day + timedelta(days=28))), day) for day in DAYS]


def test_every_look_back_is_that_of_the_log_as_it_was() -> None:
    """Both ways of looking back: what was bought by the day as known on the day, who came as known when the horizon ended."""
    now = insight.read_purchases(with_taken_back(AS_OF + timedelta(days=90)))
    then = looked_back(lambda purchases, day: look_back(purchases, day, horizon_days=28))
    singly = [look_back(now, day, horizon_days=28) for day in DAYS]
    together = look_back_on(now, DAYS, horizon_days=28)
    assert all(map(same, then, singly))
    assert all(map(same, then, together))
    # and a leak in the layers would be seen
    forgetful = look_back_on(replace(now, overtaken=None), DAYS, horizon_days=28)
    assert not any(map(same, then, forgetful))


def test_a_sample_takes_along_what_was_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = insight.read_purchases(with_taken_back(AS_OF + timedelta(days=90)))
    with survey_module.survey(now, as_of=AS_OF, horizon_days=28) as whole:
        everyone = whole.past(DAYS)
    monkeypatch.setattr(survey_module, "LEARNING_CUSTOMERS", 70)
    with survey_module.survey(now, as_of=AS_OF, horizon_days=28) as some:
        assert not some.whole
        learned = some.past(DAYS)
    for all_of, part in zip(everyone, learned, strict=True):
        at = {customer: place for place, customer in enumerate(all_of.seen.customer.to_pylist())}
        rows = [at[customer] for customer in part.seen.customer.to_pylist()]
        assert 0 < len(rows) < len(at)
        assert part.seen.table.equals(all_of.seen.table.take(rows).cast(part.seen.table.schema))
        assert np.array_equal(part.counts, all_of.counts[rows])
