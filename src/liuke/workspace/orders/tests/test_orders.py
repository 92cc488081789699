"""An order and its return by hand, as whoever types them sees it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from liuke.catalog.products.actions import known_or_new
from liuke.catalog.products.rules import NewProduct
from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, Fact, FollowUp, Purchase
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk
from liuke.workspace.orders.actions import take_back


@pytest.fixture
def hampton(add: Add, alice: User, moment: datetime) -> Customer:
    known_or_new(
        [NewProduct("CT-101", "Mug"), NewProduct("CT-102", "Cup"), NewProduct("X", "Cup")], now=moment
    )
    return add(alice, "Hampton")


def typed(*rows: tuple[str, ...], **head: str) -> dict[str, str]:
    names = ("product", "quantity", "price", "is_new")
    form = {
        "on": timezone.localdate().isoformat(),
        "currency": "CNY",
        "channel": "fair",
        "number": "",
        **head,
    }
    form |= {"line-TOTAL_FORMS": str(max(6, len(rows))), "line-INITIAL_FORMS": "0"}
    for place, row in enumerate(rows):
        form |= {f"line-{place}-{name}": value for name, value in zip(names, row, strict=False) if value}
    return form


def test_an_order_is_in_the_books_with_all_that_follows(
    desk: Desk, hampton: Customer, alice: User, moment: datetime
) -> None:
    ask(
        hampton,
        kind="risk",
        assignee=alice,
        due_at=moment,
        source="scores.risk",
        by=None,
        now=moment - timedelta(days=1),
    )
    address = f"/customers/{hampton.pk}/purchases/new/"
    client = desk(alice)
    assert client.get(address).status_code == 200
    answer = client.post(
        address, typed(("ct-101", "２", "1,200.50"), ("mug", "", "10"), ("Vase", "1.5", "8", "on"))
    )
    made = Purchase.objects.get()
    assert answer.headers["Location"] == f"/purchases/{made.pk}/"
    assert made.number == f"M{timezone.localdate():%y%m%d}-1"
    assert (made.amount_minor, made.currency, made.channel, made.product_count) == (242_300, "CNY", "fair", 2)
    lines = list(made.lines.values_list("product__code", "quantity_milli", "amount_minor"))
    assert lines == [("CT-101", 2000, 240_100), ("CT-101", 1000, 1000), ("Vase", 1500, 1200)]
    hampton.refresh_from_db()
    assert hampton.stage == "customer"
    assert Fact.objects.filter(customer=hampton, kind="purchased").count() == 1
    assert FollowUp.objects.get().state == "expired"  # the suggestion to win him back
    client.post(address, typed(("CT-101", "1", "1")))
    assert Purchase.objects.filter(number=f"M{timezone.localdate():%y%m%d}-2").exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("Nothing known", "1", "5")], "no product of this code or name"),
        ([("Cup", "1", "5")], "no product of this code or name"),  # two are called so
        ([("CT-101", "x", "5")], "is no figure"),
        ([("CT-101", "0", "5")], "more than nothing"),
        ([("CT-101", "1", "")], "price of one"),
        ([("CT-101", "1", "1.005")], "more than 2 decimal places"),
        ([("", "1", "5")], "say which product"),
        ([], "needs at least one line"),
    ],
)
def test_what_is_wrong_is_told_at_its_row_and_nothing_is_written(
    desk: Desk, hampton: Customer, alice: User, rows: list[tuple[str, ...]], said: str
) -> None:
    answer = desk(alice).post(f"/customers/{hampton.pk}/purchases/new/", typed(*rows, channel="kept words"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "kept words" in page
    assert not Purchase.objects.exists()


def test_a_taken_number_and_a_day_ahead_are_refused(desk: Desk, hampton: Customer, alice: User) -> None:
    address, row = f"/customers/{hampton.pk}/purchases/new/", ("CT-101", "1", "5")
    desk(alice).post(address, typed(row, number="A-1"))
    assert "The number A-1 is taken" in desk(alice).post(address, typed(row, number="A-1")).content.decode()
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "in the future" in desk(alice).post(address, typed(row, on=tomorrow)).content.decode()
    assert Purchase.objects.count() == 1


def test_more_rows_keep_what_is_typed(desk: Desk, hampton: Customer, alice: User) -> None:
    form = typed(("half a product", "3", "x")) | {"more": "1"}
    page = desk(alice).post(f"/customers/{hampton.pk}/purchases/new/", form).content.decode()
    assert 'name="line-11-product"' in page
    assert "half a product" in page
    assert "no figure" not in page


def test_a_colleague_of_another_team_comes_to_nothing(desk: Desk, hampton: Customer, bob: User) -> None:
    assert (
        desk(bob).post(f"/customers/{hampton.pk}/purchases/new/", typed(("CT-101", "1", "5"))).status_code
        == 404
    )
    assert not Purchase.objects.exists()


# --- taking back ---


@pytest.fixture
def order(desk: Desk, hampton: Customer, alice: User) -> Purchase:
    desk(alice).post(
        f"/customers/{hampton.pk}/purchases/new/",
        typed(("CT-101", "10", "3"), ("CT-102", "3", "5"), number="A-1"),
    )
    return Purchase.objects.get()


def back(**fields: str) -> dict[str, str]:
    return {"kind": "refund", "on": timezone.localdate().isoformat(), **fields}


def test_parts_come_back_with_their_share_and_never_more_than_there_was(
    desk: Desk, order: Purchase, alice: User
) -> None:
    client, address = desk(alice), f"/purchases/{order.pk}/return/"
    assert client.get(address).status_code == 200
    client.post(address, back(quantity0="4", quantity1="3", amount1="2.50"))
    first = Purchase.objects.get(number="A-1-R1")
    assert (first.kind, first.reverses, first.amount_minor) == ("refund", order, -1450)
    assert Fact.objects.filter(kind="refunded", subject_id=first.pk).exists()
    answer = client.post(address, back(quantity0="7"))
    assert answer.status_code == 422
    assert "At most 6 can still be taken back" in answer.content.decode()
    assert "Nothing of it is taken back" in client.post(address, back()).content.decode()
    client.post(address, back(whole="on", kind="cancellation"))
    rest = Purchase.objects.get(number="A-1-R2")
    assert (rest.kind, rest.amount_minor) == ("cancellation", -3050)
    assert Purchase.objects.filter(customer=order.customer).exclude(kind="order").count() == 2
    assert "Nothing is left of this order" in client.get(address).content.decode()


def test_two_who_take_back_the_same_at_once_do_it_once(
    order: Purchase, alice: User, moment: datetime
) -> None:
    now = timezone.now()
    take_back(order, kind="refund", on=timezone.localdate(), by=alice, now=now)
    with pytest.raises(Unfit):
        take_back(order, kind="refund", on=timezone.localdate(), by=alice, now=now)


def test_only_an_order_within_reach_and_with_the_right(
    desk: Desk, order: Purchase, alice: User, bob: User, anna: User, moment: datetime
) -> None:
    now, today = timezone.now(), timezone.localdate()
    with pytest.raises(Unfit):
        take_back(order, kind="refund", on=today - timedelta(days=3), by=alice, now=now)
    with pytest.raises(Purchase.DoesNotExist):
        take_back(order, kind="refund", on=today, by=bob, now=now)
    with pytest.raises(Denied):
        take_back(order, kind="refund", on=today, by=anna, now=now)
    refund = take_back(order, kind="refund", on=today, by=alice, now=now)
    with pytest.raises(Unfit):
        take_back(refund, kind="refund", on=today, by=alice, now=now)
    assert desk(alice).get(f"/purchases/{refund.pk}/return/").status_code == 404
    assert desk(bob).get(f"/purchases/{order.pk}/return/").status_code == 404
