"""When two customers become one, what the nights have said of them follows; so does what the next night reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from liuke.customers.merging.actions import merge, undo
from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import register
from liuke.scores.mirror.actions import export_purchases
from liuke.scores.models import CurrentRun, GradeChange, Score, ScoreRun
from liuke.scores.runs.actions import BLANK

NUMBERS = ("risk", "p_alive", "p_buy", "expected_purchases", "expected_value_minor", "value_at_risk_minor")


@pytest.fixture
def both(alice, now) -> tuple[Customer, Customer]:
    here, gone = (register(by=alice, now=now, name=f"Firm {n}", number=n) for n in ("K-1", "K-2"))
    for place, one in enumerate((here, gone, gone)):
        at = now - timedelta(days=10 * (place + 1))
        record_purchase(
            one, number=f"O-{place}", at=at, currency="CNY", lines=[NewLine(1000)], by=alice, now=now
        )
    return here, gone


def night(*customers: Customer, **held: int) -> ScoreRun:
    run = ScoreRun.objects.create(as_of=timezone.localdate(), state="done", started_at=timezone.now())
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    for one in customers:
        numbers = dict.fromkeys((*NUMBERS, "clv_minor", "value_12m_minor", "total_minor", "purchases"), 0)
        Score.objects.create(run=run, customer=one, **{**BLANK, **numbers, **held})
    return run


def exported(folder: Path) -> dict[int, int]:
    file = export_purchases(folder / "p.parquet", zone="UTC", currency="CNY", rates={}).file
    counts: dict[int, int] = {}
    for customer in pq.read_table(file)["customer"].to_pylist():
        counts[customer] = counts.get(customer, 0) + 1
    return counts


def test_the_next_night_reads_one_customer_and_after_the_undo_two(both, tmp_path: Path, now) -> None:
    here, gone = both
    assert exported(tmp_path) == {here.pk: 1, gone.pk: 2}
    done = merge(here, [gone], by=None, now=now)
    assert exported(tmp_path) == {here.pk: 3}
    undo(done, by=None, now=now)
    assert exported(tmp_path) == {here.pk: 1, gone.pk: 2}


def test_one_judgement_of_each_night_stays_and_all_come_back(both, now) -> None:
    here, gone = both
    old = night(here, gone, risk=1)
    Score.objects.filter(run=old, customer=gone).update(risk=9)
    GradeChange.objects.create(customer=gone, what="grade", after="gold", at=now)
    before = list(Score.objects.order_by("pk").values())
    done = merge(here, [gone], by=None, now=now)
    assert Score.objects.get(run=old).risk == 1
    assert GradeChange.objects.get().customer_id == here.pk
    undo(done, by=None, now=now)
    assert list(Score.objects.order_by("pk").values()) == before
    assert GradeChange.objects.get().customer_id == gone.pk


def test_who_never_bought_takes_over_the_others_judgement(both, now) -> None:
    here, gone = both
    run = night(here, gone)
    Score.objects.filter(customer=gone).update(purchases=2, grade="gold")
    merge(here, [gone], by=None, now=now)
    assert Score.objects.get(run=run).grade == "gold"


def test_who_comes_back_after_another_night_has_a_blank_judgement(both, now) -> None:
    here, gone = both
    done = merge(here, [gone], by=None, now=now)
    run = night(here)
    undo(done, by=None, now=now)
    assert set(Score.objects.filter(run=run).values_list("customer_id", flat=True)) == {here.pk, gone.pk}
