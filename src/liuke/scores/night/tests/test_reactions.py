"""The judgement follows purchases that come or go by import."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from liuke.customers.imports.actions import run, take_back, undo, upload
from liuke.customers.models import ImportBatch
from liuke.platform.models import Job

PURCHASES = "订单号,日期,客户编号,金额\nA1,2026-01-05,C1,10\nA2,2026-02-05,C2,20\n"
CUSTOMERS = "客户编号,客户名称\nC1,明达\nC2,华联\n"


def brought(text: str, target: str, now: datetime) -> ImportBatch:
    stream = io.BytesIO(text.encode())
    return run(upload(stream, name="file.csv", target=target, by=None, now=now), by=None, now=now)


def asked() -> list[str | None]:
    return list(Job.objects.filter(name="scores.nightly").order_by("id").values_list("key", flat=True))


@pytest.mark.django_db
def test_purchases_that_come_and_go_are_judged_anew_once_each_time(now: datetime) -> None:
    batch = brought(PURCHASES, "purchases", now)
    assert asked() == [f"scores:import:{batch.pk}"]
    take_back(undo(batch, by=None, now=now), now=now)
    assert asked() == [f"scores:import:{batch.pk}", f"scores:undo:{batch.pk}"]


@pytest.mark.django_db
def test_a_list_of_customers_that_goes_changes_no_judgement(now: datetime) -> None:
    batch = brought(CUSTOMERS, "customers", now)
    take_back(undo(batch, by=None, now=now), now=now)
    assert asked() == []
