from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from pytest_django import DjangoAssertNumQueries

from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, Preference, User
from liuke.platform.preferences import actions, rules

pytestmark = pytest.mark.django_db


def test_a_choice_holds_until_it_is_reset(olga: User, now: datetime) -> None:
    assert actions.get("churn.lost_days") == 365
    assert actions.change("churn.lost_days", "400", by=olga, now=now) == 400
    assert actions.get("churn.lost_days") == 400
    actions.reset("churn.lost_days", by=olga, now=now)
    assert actions.get("churn.lost_days") == 365
    assert not Preference.objects.exists()


def test_who_changed_what_is_in_the_audit(olga: User, now: datetime) -> None:
    actions.change("money.rates", {"USD": "7.1203"}, by=olga, now=now)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.at) == (olga, now)
    assert entry.changes == {"money.rates": [{}, {"USD": "7.1203"}]}


def test_choosing_what_holds_already_leaves_no_trace(olga: User, now: datetime) -> None:
    actions.change("churn.lost_days", 365, by=olga, now=now)
    assert not AuditEntry.objects.exists()


def test_only_who_manages_the_settings_may(alice: User, now: datetime) -> None:
    with pytest.raises(Denied):
        actions.change("churn.lost_days", 400, by=alice, now=now)
    assert not Preference.objects.exists()


def test_cl02_shares_that_do_not_total_100_are_refused(olga: User, now: datetime) -> None:
    with pytest.raises(rules.Unfit, match="total 100; these total 99"):
        actions.change("grading.cuts", [1, 4, 15, 79], by=olga, now=now)
    assert actions.get("grading.cuts") == [1, 4, 15, 80]
    actions.change("grading.cuts", ["0.5", 9.5, 25, 65], by=olga, now=now)
    assert actions.get("grading.cuts") == [Decimal("0.5"), Decimal("9.5"), 25, 65]


@pytest.fixture
def _connections_stay() -> Iterator[None]:
    """Requests begin and end by signal; Django would close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_connections_stay")
def test_one_request_asks_once_and_the_next_sees_what_others_changed(
    olga: User, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request_started.send(None)
    with django_assert_num_queries(1):
        assert actions.get("churn.lost_days") == 365
        assert actions.get("company.currency") == "CNY"
    Preference.objects.create(
        key="churn.lost_days", value=500, changed_by=olga, changed_at=now
    )  # another process
    assert actions.get("churn.lost_days") == 365
    request_finished.send(None)
    request_started.send(None)
    assert actions.get("churn.lost_days") == 500
    request_finished.send(None)


def test_a_change_that_is_rolled_back_is_not_remembered(olga: User, now: datetime) -> None:
    with actions.reading_once():
        assert actions.get("churn.lost_days") == 365
        with transaction.atomic():
            actions.change("churn.lost_days", 500, by=olga, now=now)
            assert actions.get("churn.lost_days") == 500
            transaction.set_rollback(True)
        assert actions.get("churn.lost_days") == 365


def test_what_is_handed_out_is_nobody_elses(olga: User) -> None:
    with actions.reading_once():
        actions.get("grading.cuts").append(1)
        assert actions.get("grading.cuts") == [1, 4, 15, 80]


def test_a_value_that_a_release_no_longer_allows_gives_the_default(now: datetime) -> None:
    Preference.objects.create(key="churn.lost_days", value=-1, changed_at=now)
    assert actions.get("churn.lost_days") == 365


def test_a_key_that_nobody_declared_is_named() -> None:
    with pytest.raises(KeyError, match=r"no preference is called 'grading\.cut'"):
        actions.get("grading.cut")
