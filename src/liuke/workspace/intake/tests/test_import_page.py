"""What the pages of an import say, and to whom."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from django.utils.translation import override

from liuke.customers.imports.actions import check, run, take_back, try_out, undo, upload
from liuke.customers.models import Customer, ImportBatch
from liuke.platform.jobs.actions import enqueue
from liuke.platform.models import Job, User
from liuke.workspace.conftest import Add, Desk

YEN = "订单号,下单时间,客户,金额,币种\nJ1,2026-01-05,大阪商事,120000,JPY\n"


@pytest.fixture
def tried(sue: User, moment: datetime) -> ImportBatch:
    """A dry run of the supervisor's."""
    batch = upload(io.BytesIO(YEN.encode()), name="yen.csv", target="purchases", by=sue, now=moment)
    with override("en"):
        return check(batch, by=sue, now=moment)


def test_a_missing_rate_is_told_in_the_dry_run_with_a_way_to_set_it(
    desk: Desk, tried: ImportBatch, sue: User, olga: User
) -> None:
    address = f"/imports/{tried.pk}/"
    page = desk(sue).get(address).content.decode()
    assert "without an exchange rate (JPY): 1" in page
    assert "Set the exchange rate" not in page  # a supervisor has no settings
    assert '#money.rates">Set the exchange rate' in desk(olga).get(address).content.decode()


def test_the_dry_run_says_how_many_are_found_by_name_and_how_many_are_new(
    desk: Desk, tried: ImportBatch, sue: User
) -> None:
    page = desk(sue).get(f"/imports/{tried.pk}/").content.decode()
    assert "Found here by name: 0; new, to be created: 1" in page
    assert "Problems and remarks" in page


def test_the_columns_say_why_each_was_chosen_and_what_must_be_there(
    desk: Desk, tried: ImportBatch, sue: User
) -> None:
    page = desk(sue).get(f"/imports/{tried.pk}/columns/").content.decode()
    assert "Matched by" in page
    assert '<span class="muted">required</span>' in page


def test_a_dry_run_that_waits_says_for_what(desk: Desk, sue: User, moment: datetime) -> None:
    other = enqueue("scores.nightly", by=None, now=moment)
    Job.objects.filter(pk=other.pk).update(state="running", lease_until=moment)
    batch = upload(io.BytesIO(YEN.encode()), name="yen.csv", target="purchases", by=sue, now=moment)
    try_out(batch, by=sue, now=moment)
    page = desk(sue).get(f"/imports/{batch.pk}/").content.decode()
    assert "waiting until “Judge every customer” is through" in page


def test_the_count_of_new_customers_opens_just_them(
    desk: Desk, add: Add, tried: ImportBatch, sue: User, moment: datetime
) -> None:
    add(sue, "Somebody else")
    batch = run(tried, by=sue, now=moment)
    client = desk(sue)
    assert f'href="/customers/?imported={batch.pk}"' in client.get(f"/imports/{batch.pk}/").content.decode()
    page = client.get(f"/customers/?imported={batch.pk}").content.decode()
    assert "大阪商事" in page
    assert "Somebody else" not in page
    assert f"Came with import: {batch.pk}" in page


def test_after_an_undo_the_counts_are_told_as_what_had_been(
    desk: Desk, tried: ImportBatch, sue: User, moment: datetime
) -> None:
    batch = run(tried, by=sue, now=moment)
    told = "What the import had done before it was undone"
    assert told not in desk(sue).get(f"/imports/{batch.pk}/").content.decode()
    take_back(undo(batch, by=sue, now=moment), now=moment)
    assert told in desk(sue).get(f"/imports/{batch.pk}/").content.decode()


def test_the_timeline_says_which_import_registered_a_customer_and_leads_there(
    desk: Desk, tried: ImportBatch, sue: User, olga: User, alice: User, moment: datetime
) -> None:
    batch = run(tried, by=sue, now=moment)
    customer = Customer.objects.get(name="大阪商事")
    Customer.objects.filter(pk=customer.pk).update(owner=alice, team=alice.team)
    told = f"Registered by import {batch.pk}"
    linked = f'<a href="/imports/{batch.pk}/"><b>{told}</b></a>'
    for user, leads in ((sue, True), (olga, True), (alice, False)):
        page = desk(user).get(f"/customers/{customer.pk}/").content.decode()
        assert told in page
        assert (linked in page) == leads, user
