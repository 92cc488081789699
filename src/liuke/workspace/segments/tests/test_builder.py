"""Building a segment line by line, with and without scripts: a plain form that is sent again after each step."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from liuke.catalog.products.rules import NewProduct
from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.platform.models import User
from liuke.scores.models import Segment
from liuke.scores.segments.actions import keep, members, refresh_all
from liuke.workspace.conftest import Add, Desk, Judge
from liuke.workspace.segments.rules import changed, read

NEW = "/customers/segments/new/"


def line(path: str, what: str, **more: Any) -> dict[str, Any]:
    told = {f"{name.replace('_of_', ':')}": value for name, value in more.items()}
    named = {
        f"{name}:{path}" if ":" not in name else f"{name.split(':')[0]}:{path}:{name.split(':')[1]}": v
        for name, v in told.items()
    }
    return {f"what:{path}": what, f"was:{path}": what} | named


def group(path: str, parts: int, how: str = "all") -> dict[str, Any]:
    return {f"how:{path}": how, f"parts:{path}": str(parts)}


QUIET = (
    group("0", 2)
    | line("0.0", "grade", op="is", value="gold")
    | line("0.1", "last_contact", op="over_days", value="30")
)


@pytest.fixture
def shelf(add: Add, judge: Judge, alice: User, charlie: User) -> dict[str, Customer]:
    made = {"Gold": add(alice, "Gold"), "Iron": add(alice, "Iron"), "Foreign": add(charlie, "Foreign")}
    long_ago = timezone.now() - timedelta(days=40)
    Customer.objects.update(last_contact_at=long_ago)
    for name, grade in (("Gold", "gold"), ("Iron", "iron"), ("Foreign", "gold")):
        judge(made[name], grade=grade, value_12m_minor=123_400)
    return made


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:500]
    return re.sub(r"\s+", " ", answer.content.decode())


def words(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


def test_cl15_counted_before_it_is_kept_then_kept_and_opened(
    desk: Desk, alice: User, shelf: dict[str, Customer]
) -> None:
    client = desk(alice)
    page = text(client.post(NEW, QUIET | {"do": "look"}))
    assert " 1 customer" in words(page)
    assert "customers: Grade: Gold, Last contact: more than 30 days ago" in page
    assert f'<a href="/customers/{shelf["Gold"].pk}/">Gold</a>' in page
    assert "Foreign" not in page
    saved = client.post(NEW, QUIET | {"do": "save", "name": "Quiet gold", "note": "call them"})
    made = Segment.objects.get()
    assert saved["Location"] == f"/customers/segments/{made.pk}/"
    assert (made.owner, made.shared, made.tree["all"][1]["values"]) == (alice, False, [30])
    assert [c.name for c in members(made, alice, now=timezone.now())] == ["Gold"]
    refresh_all(now=timezone.now(), on=timezone.localdate())
    page = text(client.get(saved["Location"]))
    assert "¥1,234" in page
    assert f"/customers/?segment={made.pk}" in page
    assert "Gold" in text(client.get(f"/customers/?segment={made.pk}"))
    assert "call them" in text(client.get("/customers/segments/"))


def test_an_empty_list_of_segments_offers_a_new_one_once(desk: Desk, alice: User) -> None:
    assert text(desk(alice).get("/customers/segments/")).count(f'href="{NEW}"') == 1


def test_lines_and_groups_come_and_go_by_buttons(desk: Desk, alice: User) -> None:
    page = text(desk(alice).post(NEW, QUIET | {"do": "group:0"}))
    assert 'name="how:0.2"' in page
    assert 'name="what:0.2.1"' in page
    assert 'value="gold" checked' in page  # what was said stays
    page = text(desk(alice).post(NEW, QUIET | {"do": "drop:0.0"}))
    assert 'name="what:0.0"' in page
    assert 'name="what:0.1"' not in page
    assert 'value="gold" checked' not in page


def test_another_question_takes_no_answer_of_the_old_one(desk: Desk, alice: User) -> None:
    sent = group("0", 1) | line("0.0", "grade", op="is", value="gold") | {"what:0.0": "last_contact"}
    page = text(desk(alice).post(NEW, sent))
    assert 'value="gold"' not in page
    assert 'name="was:0.0" value="last_contact"' in page


def test_bought_this_and_not_that_by_hand(desk: Desk, alice: User, shelf: dict[str, Customer]) -> None:
    product = NewProduct("P1", "Press")
    for name, days in (("Gold", 10), ("Iron", 200)):
        at = timezone.now() - timedelta(days=days)
        record_purchase(
            shelf[name],
            number=name,
            at=at,
            currency="CNY",
            lines=[NewLine(150_050, product=product)],
            by=None,
            now=at,
        )
    sent = group("0", 2) | line(
        "0.0", "e:bought", times="once", op_of_product="has", value_of_product="press"
    )
    sent |= line("0.1", "e:bought", times="never", op_of__when0="within_days", value_of__when0="90")
    page = text(desk(alice).post(NEW, sent | {"do": "look"}))
    assert "customers: bought “press”, did not buy anything in the last 90 days" in page
    assert ">Iron</a>" in page
    assert ">Gold</a>" not in page
    total = group("0", 1) | line(
        "0.0", "e:bought", times="once", op_of__total="least", value_of__total="1,500.51"
    )
    assert " 0 customers" in words(text(desk(alice).post(NEW, total)))
    total |= {"value:0.0:_total": "1500.5"}
    assert " 2 customers" in words(text(desk(alice).post(NEW, total)))


def test_what_lacks_something_is_not_kept_and_says_what(desk: Desk, alice: User) -> None:
    sent = (
        group("0", 3)
        | line("0.0", "value", op="least", value="much")
        | line("0.1", "last_contact", op="over_days")
    )
    sent |= line("0.2", "grade", op="is", value="gold")
    page = text(desk(alice).post(NEW, sent | {"do": "save", "name": "X"}), 422)
    assert "Write a number here." in page
    assert "Say the rest, or take this line away." in page
    assert 'value="much"' in page
    assert not Segment.objects.exists()
    assert "Grade: Gold" in text(desk(alice).post(NEW, sent))  # what has been said counts meanwhile


def test_the_list_hands_its_filters_over_and_gets_them_back(
    desk: Desk, alice: User, shelf: dict[str, Customer]
) -> None:
    client = desk(alice)
    page = text(client.get(f"{NEW}?grade=gold&owner=me&sort=-value&q=x"))
    assert 'value="gold" checked' in page
    assert f'value="{alice.pk}" checked' in page
    either = (
        group("0", 2, "any")
        | line("0.0", "grade", op="is", value="gold")
        | line("0.1", "grade", op="is", value="iron")
    )
    answer = client.post(NEW, either | {"do": "list"})
    shown = text(client.get(answer["Location"]))
    assert "Gold</a>" in shown
    assert "Iron</a>" in shown
    assert "Grade: Gold or Grade: Iron" in shown  # a chip tells why they are here
    saved = client.post(f"/customers/views/?{answer['Location'].partition('?')[2]}", {"name": "Either"})
    assert saved.status_code == 302
    assert "Either" in text(client.get("/customers/"))


def test_a_segment_that_is_kept_comes_back_into_the_builder_as_it_was(desk: Desk, alice: User) -> None:
    tree = {
        "all": [
            {"field": "value", "op": "least", "values": [123450]},
            {"field": "p_buy", "op": "least", "values": ["0.25"]},
            {
                "any": [
                    {"field": "about_now", "op": "is", "values": [True]},
                    {"field": "last_contact", "op": "empty", "values": []},
                ]
            },
            {
                "event": "bought",
                "op": "least",
                "times": 3,
                "where": [
                    {"field": "product", "op": "has", "values": ["Press"]},
                    {"field": "at", "op": "since", "values": ["2026-01-01"]},
                    {"field": "at", "op": "until", "values": ["2026-02-01"]},
                ],
                "total": ["least", 50000],
            },
        ]
    }
    made = keep("All sorts", tree, by=alice, now=timezone.now())
    page = desk(alice).get(f"/customers/segments/{made.pk}/rule/").content.decode()
    for value in ("1234.5", "25", "2026-01-01", "2026-02-01", "Press", "500"):
        assert f'value="{value}"' in page
    assert (
        desk(alice).post(f"/customers/segments/{made.pk}/rule/", as_sent(page) | {"do": "save"}).status_code
        == 302
    )
    before = made.tree
    made.refresh_from_db()
    assert made.tree == before


def as_sent(page: str) -> dict[str, Any]:
    """What a browser sends of a form that nobody has touched."""
    form = page[page.index('<form id="builder"') :]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (not re.search(r'type="(checkbox|radio)"', tag) or "checked" in tag):
            sent.setdefault(name[1], []).append(value[1] if value else "on")
    for name, inside in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.S):
        options = re.findall(r'<option value="([^"]*)"( selected)?', inside)
        chosen = [value for value, on in options if on] or [options[0][0]]
        sent[name] = chosen
    return sent


def test_pl02_somebody_elses_segment_is_not_there(desk: Desk, alice: User, bob: User, sue: User) -> None:
    made = keep(
        "Mine", {"all": [{"field": "stage", "op": "is", "values": ["lead"]}]}, by=alice, now=timezone.now()
    )
    for address in ("", "rule/"):
        assert desk(bob).get(f"/customers/segments/{made.pk}/{address}").status_code == 404
    assert desk(bob).get(f"/customers/?segment={made.pk}").status_code == 400
    assert desk(bob).post(f"/customers/segments/{made.pk}/removal/").status_code == 404
    shared = keep("Ours", made.tree, shared=True, by=sue, now=timezone.now())
    assert desk(bob).get(f"/customers/segments/{shared.pk}/").status_code == 200
    assert desk(bob).get(f"/customers/segments/{shared.pk}/rule/").status_code == 403
    assert desk(bob).post(f"/customers/segments/{shared.pk}/removal/").status_code == 403


def test_picked_by_hand_from_the_list(desk: Desk, alice: User, shelf: dict[str, Customer]) -> None:
    client = desk(alice)
    client.post(NEW, {"do": "hand", "name": "Friends"} | group("0", 0))
    made = Segment.objects.get(kind="list")
    ids = [shelf["Iron"].pk, shelf["Foreign"].pk]
    asked = text(client.post("/customers/segment/", {"ids": ids}))
    assert "1 customer is selected." in words(asked)
    client.post("/customers/segment/", {"ids": ids, "segment": made.pk, "how": "in"})
    assert [c.name for c in members(made, alice, now=timezone.now())] == ["Iron"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"parts:0": "99999"},
        {"parts:0": "-1"},
        {"parts:0": "2", "what:0.0": "x" * 9000},
        {"do": "drop:0.9.9"},
    ],
)
def test_a_form_that_nobody_made_breaks_nothing(desk: Desk, alice: User, sent: dict[str, Any]) -> None:
    assert desk(alice).post(NEW, sent).status_code == 200


def test_depth_is_bounded_while_it_is_built() -> None:
    sent: dict[str, list[str]] = {}
    for depth in range(12):
        path = ".".join(["0"] * (depth + 1))
        sent |= {f"how:{path}": ["all"], f"parts:{path}": ["1"]}
    box, depth = read(sent), 1
    while box.parts:
        inner = box.parts[0]
        assert not hasattr(inner, "what")
        box, depth = inner, depth + 1  # type: ignore[assignment]
    assert depth == 4
    assert changed(read(sent), "group:0.0.0.0") == read(sent)


def many(lines: int, value: str) -> dict[str, Any]:
    sent = group("0", lines, "any")
    for place in range(lines):
        sent |= line(f"0.{place}", "city", op="is", value=f"{place} {value}")
    return sent


def test_too_many_lines_are_told_of_and_nothing_typed_is_lost(desk: Desk, alice: User) -> None:
    for do in ("look", "list", "save"):
        answer = desk(alice).post(NEW, many(45, "Town") | {"do": do, "name": "Towns"})
        page = answer.content.decode()
        assert answer.status_code in {200, 422}
        assert "These are too many filters at once." in page
        assert 'value="44 Town"' in page
    assert not Segment.objects.exists()


def test_what_no_address_can_carry_becomes_a_segment_instead(desk: Desk, alice: User) -> None:
    sent = many(38, "a town with a very long name, as long as a name may be " * 2)
    page = text(desk(alice).post(NEW, sent | {"do": "list"}))
    assert "Save it as a segment" in page
    assert desk(alice).post(NEW, sent | {"do": "save", "name": "Towns"}).status_code == 302
    made = Segment.objects.get()
    assert desk(alice).get(f"/customers/?segment={made.pk}").status_code == 200
