"""Of a night's file each reads the rows of his own customers, and nobody a row more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.scores.judging.actions import score, write_parquet
from liuke.scores.models import ScoreRun
from liuke.scores.reach import actions
from liuke.scores.reach.actions import Reach
from liuke.scores.track.rules import SCORES


def test_each_reads_the_rows_of_his_own_customers(
    alice: User, bob: User, charlie: User, sue: User, olga: User, now: datetime
) -> None:
    for number, owner in enumerate((alice, alice, bob, charlie, charlie, None)):
        customer = register(by=None, now=now - timedelta(days=90), name=f"c{number}", owner=owner)
        for ago in (60, 30, 5):
            at = now - timedelta(days=ago)
            record_purchase(customer, number=f"{number}-{ago}", at=at, currency="CNY", lines=[NewLine(90_000)], by=None, now=at)  # fmt: skip
    others = Customer.objects.filter(owner=charlie)[0]
    ask(others, kind="task", assignee=sue, due_at=now, source="person", by=None, now=now)
    run = score(by=None, now=now)
    for user in (alice, bob, charlie, sue, olga):
        rows = Reach(user).rows(run, SCORES, ["customer", "total_12m"])
        assert rows is not None
        mine = Customer.objects.for_user(user).values_list("pk", flat=True)
        assert sorted(rows["customer"].to_pylist()) == sorted(mine)
    sue.is_active = False
    nobodys = Reach(sue).rows(run, SCORES, ["customer", "total_12m"])
    assert nobodys is not None
    assert nobodys.num_rows == 0


def test_a_file_that_was_put_in_the_place_of_another_is_read_anew(
    olga: User, now: datetime, settings: Any
) -> None:
    run = ScoreRun.objects.create(as_of=now.date(), state="done", started_at=now, folder="scores/run-x")
    folder = settings.HOME / run.folder
    folder.mkdir(parents=True)
    for money in ([1.0, 2.0], [3.0], [4.0]):
        write_parquet(
            pa.table({"customer": list(range(len(money))), "value": money}), folder / "some.parquet"
        )
        for _again in range(2):
            rows = Reach(olga).rows(run, "some.parquet", ["customer", "value"])
            assert rows is not None
            assert rows["value"].to_pylist() == money
    (folder / "some.parquet").unlink()
    assert Reach(olga).rows(run, "some.parquet", ["customer", "value"]) is None


def test_only_so_many_files_are_kept_and_no_large_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_kept", {})
    monkeypatch.setattr(actions, "KEPT", 2)
    for name in ("a", "b", "c"):
        write_parquet(pa.table({"customer": [1]}), tmp_path / name)
        assert actions._columns(tmp_path / name, ("customer",)).num_rows == 1
    assert [key[0] for key in actions._kept] == [tmp_path / "b", tmp_path / "c"]
    write_parquet(pa.table({"customer": list(range(3))}), tmp_path / "d")
    monkeypatch.setattr(actions, "LARGEST_KEPT", 16)
    assert actions._columns(tmp_path / "d", ("customer",)).num_rows == 3
    assert [key[0] for key in actions._kept] == [tmp_path / "b", tmp_path / "c"]
