from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from liuke import insight
from liuke.insight.errors import BadState
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.state.folder import only_one

OLD = [("Ann", "2026-01-05", 10.0), ("Bob", "2026-01-31", 20.0), ("Ann", "2026-02-03", 30.0)]
NEW = [("Ann", "2026-02-10", 5.0), ("Cleo", "2026-01-31", 7.0)]


def rows(*given: tuple[Any, ...], names: tuple[str, ...] = ("customer", "on", "amount")) -> pa.Table:
    return pa.table(dict(zip(names, map(list, zip(*given, strict=True)), strict=True)))


@pytest.fixture
def state(tmp_path: Path) -> insight.State:
    made = insight.State(tmp_path / "state")
    made.fold(rows(*OLD))
    return made


def money(state: insight.State) -> dict[str, float]:
    days = state.purchases().days
    each = state.engine.fetch(days.group_by("customer").aggregate(total=days.value.sum()))
    return {row["customer"]: row["total"] for row in each.to_pylist()}


def test_a_days_rows_change_their_months_and_their_customers_only(state: insight.State) -> None:
    before = set(state.folder.glob("lines-*.parquet"))
    told = state.fold(rows(("Ann", "2026-03-01", 5.0)))
    assert (told.rows, told.customers) == (1, 1)
    assert before <= set(state.folder.glob("lines-*.parquet"))
    assert money(state) == {"Ann": 45.0, "Bob": 20.0}


def test_a_late_row_and_a_refund_find_their_day(state: insight.State) -> None:
    state.fold(rows(("Cleo", "2025-12-31", 7.0), ("Bob", "2026-02-01", -5.0)))
    assert state.purchases().first_on == date(2025, 12, 31)
    assert money(state) == {"Ann": 40.0, "Bob": 15.0, "Cleo": 7.0}


def test_a_batch_that_comes_twice_counts_once_and_is_named(state: insight.State, tmp_path: Path) -> None:
    day = tmp_path / "monday.csv"
    day.write_text("customer,on,amount\nAnn,2026-02-10,5\n", encoding="utf-8")
    assert state.fold(day).already == ()
    turned = rows(*reversed(OLD))  # in another order it is the same batch
    told = state.fold(turned)
    assert (told.rows, told.already) == (0, ("purchases",))
    assert state.fold(day).already == ("monday.csv",)
    assert money(state) == {"Ann": 45.0, "Bob": 20.0}
    assert state.fold(day, again=True).rows == 1
    assert money(state)["Ann"] == 50.0


def test_a_line_is_corrected_by_taking_it_back(state: insight.State) -> None:
    told = state.fold(rows(("Ann", "2026-01-05", 12.0)), retract=rows(("Ann", "2026-01-05", 10.0)))
    assert (told.rows, told.retracted) == (1, 1)
    assert money(state)["Ann"] == 42.0
    assert state.purchases().reading.rows == 3
    back = state.fold(rows(("Ann", "2026-01-05", 10.0)), retract=rows(("Ann", "2026-01-05", 12.0)))
    assert (back.rows, back.retracted) == (1, 1)  # there and back is no repetition


def test_a_line_that_is_not_there_is_not_taken_back(state: insight.State) -> None:
    with pytest.raises(BadState, match=r"no line of customer Ann on 2026-01-05 for 11\.0 to retract"):
        state.fold(rows(*NEW), retract=rows(("Ann", "2026-01-05", 11.0)))
    assert money(state) == {"Ann": 40.0, "Bob": 20.0}, "all or nothing"
    with pytest.raises(BadState, match="no line of customer Ann on 2027-01-01"):
        state.fold(retract=rows(("Ann", "2027-01-01", 11.0)))


def test_who_was_merged_keeps_his_new_name_in_rows_to_come(state: insight.State) -> None:
    state.fold(merged={"Bob": "Ann"})
    state.fold(merged={"Ann": "Anna"})
    state.fold(rows(("Bob", "2026-02-20", 1.0)))
    assert money(state) == {"Anna": 61.0}
    with pytest.raises(BadState, match="merged into himself"):
        state.fold(merged={"Anna": "Bob"})


def test_who_is_removed_leaves_no_line(state: insight.State) -> None:
    assert state.fold(removed=rows(("Ann",), ("Zoe",), names=("customer",))).removed == 1
    assert money(state) == {"Bob": 20.0}
    state.fold(removed=["Bob"])
    with pytest.raises(BadState, match="holds no purchases"):
        state.purchases()
    state.fold(rows(("Ann", "2026-05-01", 1.0)))
    assert money(state) == {"Ann": 1.0}


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (
            rows(("Ann", "2026-03-01", 1.0, "tea"), names=("customer", "on", "amount", "product")),
            "have product",
        ),
        (rows(("Ann", "2026-03-01", 1.0, 0.5), names=("customer", "on", "amount", "cost")), "have cost"),
    ],
)
def test_rows_of_another_kind_are_refused(state: insight.State, new: pa.Table, message: str) -> None:
    with pytest.raises(BadState, match=message):
        state.fold(new)
    assert state.generation == 1


def test_another_currency_zone_or_kind_of_customer_is_refused(tmp_path: Path) -> None:
    state = insight.State(tmp_path / "state")
    names = ("customer", "on", "amount", "currency")
    state.fold(rows((1, "2026-03-01", 1.0, "CNY"), names=names))
    with pytest.raises(BadState, match="counts CNY, purchases counts EUR"):
        state.fold(rows((1, "2026-03-01", 1.0, "EUR"), names=names))
    with pytest.raises(BadState, match="whole numbers, those of purchases are text"):
        state.fold(rows(("x", "2026-03-01", 1.0, "CNY"), names=names))
    with pytest.raises(BadState, match="calendar of UTC, not of Asia/Shanghai"):
        insight.State(tmp_path / "state", timezone="Asia/Shanghai")
    with pytest.raises(UnreadablePurchases, match="no column into"):
        state.fold(merged=rows((1,), names=("customer",)))


def test_numbers_join_a_log_of_text_as_they_would_in_one_file(state: insight.State) -> None:
    state.fold(rows((17, "2026-03-01", 1.0)))
    assert money(state)["17"] == 1.0


def test_a_mistyped_year_is_refused_and_refunds_are_no_first_purchase(tmp_path: Path) -> None:
    state = insight.State(tmp_path / "state")
    with pytest.raises(UnreadablePurchases, match="2062"):
        state.fold(rows(("Ann", "2062-03-01", 1.0)), not_after=date(2026, 12, 31))
    state.fold(rows(("Ann", "2026-03-01", -1.0)))
    assert not state.purchases().any_bought
    state.fold(rows(("Ann", "2026-03-05", 1.0)))
    assert state.purchases().any_bought
    assert state.purchases().first_on == date(2026, 3, 5)


def test_nothing_is_kept_before_the_first_rows(tmp_path: Path) -> None:
    state = insight.State(tmp_path / "state")
    with pytest.raises(BadState, match="holds no purchases"):
        state.purchases()
    with pytest.raises(BadState, match="fold the log in first"):
        state.fold(removed=["Ann"])
    assert "Nothing is kept" in state.explain()


def test_another_version_and_damage_are_named(state: insight.State) -> None:
    record = state.folder / "state.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**told, "format": 2}), encoding="utf-8")
    with pytest.raises(BadState, match="another version"):
        insight.State(state.folder)
    record.write_text('{"format": 1, "months"', encoding="utf-8")
    with pytest.raises(BadState, match=r"state\.json is damaged"):
        insight.State(state.folder)
    record.write_text(json.dumps(told), encoding="utf-8")
    file = state.folder / told["customers"]["file"]
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(BadState, match="customers-000001.parquet is missing or damaged"):
        insight.State(state.folder)


def test_two_do_not_fold_at_once(state: insight.State) -> None:
    with only_one(state.folder), pytest.raises(BadState, match="somebody else is folding"):
        state.fold(rows(*NEW))


def test_who_reads_keeps_what_he_opened_while_another_folds(state: insight.State) -> None:
    reading = state.purchases()
    insight.State(state.folder).fold(rows(*NEW))
    assert reading.engine.row(reading.days.aggregate(n=reading.days.count()))["n"] == 3


KILLED = """
import os, signal, sys
from liuke import insight
from liuke.insight.state import change, folder, state
at = int(sys.argv[2])
def counted(real):
    def call(*given):
        global at
        at -= 1
        if at == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given)
    return call
change.flush, folder.flush, state.write_record = counted(change.flush), counted(folder.flush), counted(state.write_record)
insight.State(sys.argv[1]).fold(sys.argv[3])
"""


@pytest.mark.parametrize("at", [1, 3, 5, 6, 7])
def test_a_killed_process_leaves_the_old_state(state: insight.State, tmp_path: Path, at: int) -> None:
    """Killed at the first file, between files, before the record, and in the middle of writing it."""
    day = tmp_path / "day.csv"
    day.write_text("customer,on,amount\nAnn,2026-02-10,5\nCleo,2026-01-31,7\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", KILLED, str(state.folder), str(at), str(day)], check=False)
    assert done.returncode == -9
    found = insight.State(state.folder)
    assert money(found) == {"Ann": 40.0, "Bob": 20.0}
    assert found.fold(day).rows == 2
    assert money(found) == {"Ann": 45.0, "Bob": 20.0, "Cleo": 7.0}
    left = {path.name for path in state.folder.glob("*.part")}
    assert not left
