"""What happened with a customer, as a filter: how often, when, about what, for how much. On both databases alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liuke.catalog.products.rules import NewProduct
from liuke.customers.models import Customer, Fact, Purchase
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import complain, log_contact, resolve
from liuke.platform.lists.rules import Listing, Unfit
from liuke.platform.models import User
from liuke.scores.questions.actions import answering
from liuke.scores.questions.rules import events, fields

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
LISTING = Listing("test", (), fields(), sort="", events=events())


def bought(customer: Customer, days: int, *products: str, amount: int = 10_000, category: str = "") -> None:
    lines = [NewLine(amount, product=NewProduct(f"C-{name}", name, category=category)) for name in products]
    number = f"{customer.name}-{days}-{'-'.join(products)}"
    order = NewPurchase(
        customer.pk, number, NOW - timedelta(days=days), "CNY", lines or [NewLine(amount)], channel="shop"
    )
    record_purchases([order], by=None, now=NOW)


@pytest.fixture(autouse=True)
def people(alice: User) -> dict[str, Customer]:
    made = {name: register(by=alice, now=NOW - timedelta(days=500), name=name) for name in "abcde"}
    bought(made["a"], 200, "Press")
    bought(made["a"], 120, "Paper")
    bought(made["b"], 200, "Press")
    bought(made["b"], 30, "Paper", "Ink")
    bought(made["b"], 31, "Lathe", category="Machines")
    bought(made["c"], 20, "Press", "Press", amount=60_000)
    bought(made["d"], 400)
    return made


def names(alice: User, *asked: Any, how: str = "all") -> str:
    tree = LISTING.tree({how: list(asked)})
    rows = answering(Customer.objects.for_user(alice), tree, None, user=alice, now=NOW)
    return "".join(sorted(rows.values_list("name", flat=True)))


def event(name: str, op: str = "least", times: int = 1, **where: Any) -> dict[str, Any]:
    told = [{"field": field, "op": op_, "values": values} for field, (op_, *values) in where.items()]
    return {"event": name, "op": op, "times": times, "where": told}


def test_cl15_bought_this_but_not_that_in_90_days(alice: User) -> None:
    press = event("bought", product=("is", "Press"))
    no_paper = event("bought", "most", 0, product=("has", "paper"), at=("within_days", 90))
    assert names(alice, press, no_paper) == "ac"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (event("bought"), "abcd"),
        (event("bought", "most", 0), "e"),
        (event("bought", times=2), "ab"),
        (event("bought", "most", 1), "cde"),  # not at all is at most once
        (event("bought", at=("within_days", 90)), "bc"),
        (event("bought", at=("this", "year")), "bc"),
        (event("bought", "most", 0, at=("this", "year")), "ade"),
        (event("bought", at=("before_this", "year")), "abd"),
        (event("bought", category=("is", "Machines")), "b"),
        (event("bought", code=("begins", "C-I")), "b"),
        (event("bought", channel=("is", "shop"), product=("is", "Ink")), "b"),
        (event("bought") | {"total": ["least", "30000"]}, "bc"),
        (event("bought") | {"total": ["most", "10000"]}, "d"),
        (event("bought", product=("is", "Press")) | {"total": ["least", 20000]}, "c"),
    ],
)
def test_how_often_when_and_for_how_much(alice: User, asked: dict[str, Any], expected: str) -> None:
    assert names(alice, asked) == expected


def test_two_lines_of_one_order_are_one_time(alice: User) -> None:
    assert names(alice, event("bought", times=2, product=("is", "Press"))) == ""


def test_within_groups_and_without(alice: User) -> None:
    press, ink = event("bought", product=("is", "Press")), event("bought", product=("is", "Ink"))
    assert names(alice, press, ink, how="any") == "abc"
    assert names(alice, press, how="none") == "de"
    assert names(alice, press, {"none": [ink]}) == "ac"


def test_contacted_or_not_by_channel_and_time(alice: User, people: dict[str, Customer]) -> None:
    log_contact(people["a"], channel="visit", outcome="reached", by=alice, now=NOW - timedelta(days=3))
    log_contact(people["b"], channel="phone", outcome="no_answer", by=alice, now=NOW - timedelta(days=50))
    assert names(alice, event("contacted")) == "ab"
    assert names(alice, event("contacted", "most", 0, at=("within_days", 30))) == "bcde"
    assert names(alice, event("contacted", by=("is", "visit", "meeting"))) == "a"
    assert names(alice, event("contacted", outcome=("is", "no_answer"))) == "b"


def test_a_complaint_is_open_until_it_is_answered(alice: User, people: dict[str, Customer]) -> None:
    for name in "ab":
        complain(people[name], text="Broken", by=alice, now=NOW - timedelta(days=5))
    resolve(Fact.objects.get(customer=people["a"], kind="complained"), text="Mended", by=alice, now=NOW)
    assert names(alice, {"field": "complaint", "op": "filled", "values": []}) == "b"
    assert names(alice, {"field": "complaint", "op": "over_days", "values": [3]}) == "b"
    assert names(alice, event("complained")) == "ab"


def test_what_is_asked_of_a_judgement_holds_for_nobody_before_the_first(alice: User) -> None:
    assert names(alice, {"field": "grade", "op": "is", "values": ["gold"]}) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        event("sold"),
        event("bought", "is"),
        event("bought", times=0),
        event("bought", secret=("is", "x")),
        event("bought", product=("least", "1")),
        event("contacted") | {"total": ["least", 1]},
        event("bought", "most", 0) | {"total": ["least", 1]},
        event("bought") | {"total": ["has", 1]},
        event("bought") | {"more": 1},
        {"event": "bought", "op": "least", "times": 1, "where": [{"event": "bought"}]},
        {"field": "last_contact", "op": "this", "values": ["decade"]},
    ],
)
def test_nothing_but_what_is_declared_may_be_asked(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unfit):
        LISTING.tree({"all": [wrong]})


def test_a_tree_goes_through_an_address_and_back() -> None:
    asked = [
        {
            "any": [
                event("bought", product=("is", "压力机")),
                {"field": "stage", "op": "is", "values": ["lost"]},
            ]
        }
    ]
    query = LISTING.from_plain({"filter": {"all": asked}})
    given: dict[str, list[str]] = {}
    for name, value in query.parameters():
        given.setdefault(name, []).append(value)
    assert LISTING.from_address(given) == query


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"all": []}', "[" * 3000, '[{"event": "bought"}]', "[" + " " * 5000 + "]"]
)
def test_an_address_that_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        LISTING.from_address({"where": [text]})


def test_what_a_role_may_be_kept_from_seeing_cannot_be_asked_for() -> None:
    """A part of a number or an address that is veiled must not be guessed by filtering: only whether there is one."""
    told = {one.path for one in fields()} | {f.path for event in events() for f in event.all_fields}
    assert not any(word in path for path in told for word in ("normal", "points", "address"))
    assert next(one for one in fields() if one.name == "reach").path == "kind"


def test_an_order_that_was_wholly_taken_back_is_none(alice: User, people: dict[str, Customer]) -> None:
    order = Purchase.objects.get(customer=people["c"])
    back = NewPurchase(
        people["c"].pk, "R", NOW, "CNY", [NewLine(-order.amount_minor)], kind="refund", reverses=order
    )
    record_purchases([back], by=None, now=NOW)
    assert names(alice, event("bought")) == "abd"
    assert names(alice, event("bought", product=("is", "Press"))) == "ab"
    assert names(alice, {"field": "bought", "op": "filled", "values": []}) == "abd"
