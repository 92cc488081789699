from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.test import Client

from liuke.customers.holdings.actions import add_holding
from liuke.customers.models import Holding
from liuke.platform.models import User
from liuke.platform.preferences.actions import get
from liuke.workspace.conftest import Add, Desk


def circle(user: User, pk: int, language: str) -> str:
    user.language = language
    user.save()
    client = Client(headers={"Accept-Language": language})
    client.force_login(user)
    page: Any = client.get(f"/customers/{pk}/circle/")
    return str(page.content.decode())


def test_sc10_switched_from_cars_to_real_estate_the_words_and_the_rules_change_and_the_data_stays(
    desk: Desk, add: Add, alice: User, olga: User, moment: datetime
) -> None:
    customer = add(alice, "Ann")
    add_holding(customer, kind="vehicle", name="Audi A4", bought_on=date(2018, 1, 1), by=alice, now=moment)
    before = list(Holding.objects.values())
    assert desk(alice).post("/settings/trade/", {"pack": "car"}).status_code == 403
    desk(olga).post("/settings/trade/", {"pack": "car"})
    assert "<h2>车辆</h2>" in circle(alice, customer.pk, "zh-hans")
    assert (get("holdings.replacement_years"), get("holdings.notice_days")) == (8, 30)
    desk(olga).post("/settings/trade/", {"pack": "estate"})
    shown = circle(alice, customer.pk, "zh-hans")
    assert "<h2>房产</h2>" in shown
    assert "<h2>车辆</h2>" not in shown
    assert "Audi A4" in shown
    assert (get("holdings.replacement_years"), get("holdings.notice_days")) == (15, 90)
    form = desk(alice).get(f"/customers/{customer.pk}/holdings/").content.decode()
    assert form.index('value="property"') < form.index('value="vehicle"')
    assert list(Holding.objects.values()) == before


def test_a_trade_that_there_is_not_is_refused(desk: Desk, olga: User) -> None:
    assert desk(olga).post("/settings/trade/", {"pack": "ghost"}).status_code == 422
    assert get("holdings.pack") == "neutral"
