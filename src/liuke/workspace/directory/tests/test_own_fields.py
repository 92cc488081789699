"""Fields of the company's own in the list: column, order, filter, saved view, export (DB16)."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from liuke.customers.fields.actions import add_field, archive_field, fill
from liuke.customers.fields.models import CustomField
from liuke.customers.models import Customer
from liuke.platform.models import SavedView, User
from liuke.workspace.conftest import Add, Desk, Judge
from liuke.workspace.directory import rules

LIST = "/customers/"


@pytest.fixture
def own(db: None, moment: datetime) -> dict[str, CustomField]:
    """One field of each type, by its type."""
    types = (
        "text",
        "long",
        "whole",
        "decimal",
        "money",
        "date",
        "flag",
        "one",
        "several",
        "link",
        "customer",
    )
    made = {}
    for type in types:
        more: dict[str, Any] = (
            {"options": [("", "road", True), ("", "rail", True)]} if type in {"one", "several"} else {}
        )
        names = {"en": f"A {type}", "zh-hans": f"字段 {type}"}
        made[type] = add_field(type=type, names=names, by=None, now=moment, **more)
    return made


@pytest.fixture
def fleet(own: dict[str, CustomField], add: Add, alice: User, moment: datetime) -> list[Customer]:
    """Ann, Ben, Cai and Dee; Dee's fields are empty."""
    rows = [add(alice, name) for name in ("Ann", "Ben", "Cai", "Dee")]
    typed = [
        {"text": "blue lorry", "whole": 12, "decimal": "1.25", "money": "100", "date": "2026-01-31", "flag": "yes",
         "one": "road", "several": ["road", "rail"], "link": "ann.example", "long": "=1+1", "customer": rows[1].pk},
        {"text": "green van", "whole": 7, "decimal": "1.50", "money": "99.99", "date": "2026-02-01", "flag": "no",
         "one": "rail", "several": ["rail"]},
        {"text": "100% blue", "whole": 100, "decimal": "-3", "money": "1000", "date": "2025-12-31", "one": "road"},
    ]  # fmt: skip
    for customer, values in zip(rows, typed, strict=False):
        fill(customer, {f"f{own[type].pk}": value for type, value in values.items()}, by=None, now=moment)
    return rows


def named(client: Client, query: str) -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return [row.name for row in answer.context["page"].rows]


@pytest.mark.parametrize(
    ("type", "asked", "found"),
    [
        ("text", ".has=BLUE", ["Ann", "Cai"]),
        ("text", ".has=0%25", ["Cai"]),
        ("text", ".begins=green", ["Ben"]),
        ("text", "=green van", ["Ben"]),
        ("text", ".empty=1", ["Dee"]),
        ("text", ".filled=1", ["Ann", "Ben", "Cai"]),
        ("text", "=none", ["Dee"]),
        ("whole", ".least=12", ["Ann", "Cai"]),
        ("whole", ".most=12", ["Ann", "Ben"]),
        ("whole", "=7", ["Ben"]),
        ("decimal", ".least=1.25", ["Ann", "Ben"]),
        ("decimal", ".most=1.499", ["Ann", "Cai"]),
        ("decimal", ".least=1.251", ["Ben"]),
        ("money", ".least=99.99", ["Ann", "Ben", "Cai"]),
        ("money", ".most=99.99", ["Ben"]),
        ("date", ".since=2026-01-31", ["Ann", "Ben"]),
        ("date", ".until=2026-01-31", ["Ann", "Cai"]),
        ("flag", "=1", ["Ann"]),
        ("flag", "=0", ["Ben"]),
        ("one", "=o001", ["Ann", "Cai"]),
        ("one", ".not=o001", ["Ben", "Dee"]),
        ("one", "=o002&{one}=none", ["Ben", "Dee"]),
        ("several", "=o001", ["Ann"]),
        ("several", "=o001&{several}=o002", ["Ann", "Ben"]),
        ("several", ".not=o001", ["Ben", "Cai", "Dee"]),
        ("link", ".has=ann", ["Ann"]),
    ],
)
def test_db16_every_type_is_asked_in_its_own_way(
    desk: Desk,
    alice: User,
    fleet: list[Customer],
    own: dict[str, CustomField],
    type: str,
    asked: str,
    found: list[str],
) -> None:
    query = f"?sort=name&f{own[type].pk}{asked}".format(**{name: f"f{one.pk}" for name, one in own.items()})
    assert named(desk(alice), query) == found


@pytest.mark.parametrize(
    ("type", "up"),
    [
        ("text", ["Cai", "Ann", "Ben", "Dee"]),
        ("whole", ["Ben", "Ann", "Cai", "Dee"]),
        ("decimal", ["Cai", "Ann", "Ben", "Dee"]),
        ("money", ["Ben", "Ann", "Cai", "Dee"]),
        ("date", ["Cai", "Ann", "Ben", "Dee"]),
        ("flag", ["Ben", "Ann", "Cai", "Dee"]),
        ("one", ["Ann", "Cai", "Ben", "Dee"]),
    ],
)
def test_db16_a_column_orders_the_list_page_by_page_and_the_blank_come_last(
    desk: Desk,
    alice: User,
    fleet: list[Customer],
    own: dict[str, CustomField],
    monkeypatch: pytest.MonkeyPatch,
    type: str,
    up: list[str],
) -> None:
    client, name = desk(alice), f"f{own[type].pk}"
    assert named(client, f"?sort={name}") == up
    down = named(client, f"?sort=-{name}")
    assert [one for one in down if one in up[:1]] == up[:1]
    monkeypatch.setattr(rules, "PAGE", 1)
    met: list[str] = []
    after = ""
    while True:
        answer = client.get(f"{LIST}?sort=-{name}&after={after}")
        met += [row.name for row in answer.context["page"].rows]
        if not (after := answer.context["page"].after):
            break
    assert met == down


def test_db16_the_column_shows_the_value_and_is_chosen_like_any_other(
    desk: Desk, alice: User, fleet: list[Customer], own: dict[str, CustomField]
) -> None:
    client = desk(alice)
    page = client.get(LIST).content.decode()
    assert "A whole" in page  # among the columns to choose
    shown = "&".join(f"columns=f{one.pk}" for type, one in own.items() if type != "long")
    page = client.get(f"{LIST}?sort=name&columns=name&{shown}").content.decode()
    for text in ("blue lorry", "1.25", "¥100", "road; rail", "https://ann.example", ">Ben</a>"):
        assert text in page, text


@pytest.mark.parametrize(
    "asked",
    ["{whole}=1;DROP", "{whole}.has=1", "{one}=o009", "{long}.has=1", "f999999=1", "sort={several}", "sort={long}",
     "{date}.since=yesterday", "{flag}=perhaps", "{text}.has=" + "x" * 201],
)  # fmt: skip
def test_what_is_not_offered_is_refused(
    desk: Desk, alice: User, fleet: list[Customer], own: dict[str, CustomField], asked: str
) -> None:
    query = asked.format(**{name: f"f{one.pk}" for name, one in own.items()})
    assert desk(alice).get(f"{LIST}?{query}").status_code == 400


def test_a_field_is_offered_only_where_the_owner_said(
    desk: Desk, alice: User, add: Add, moment: datetime
) -> None:
    hidden = add_field(type="text", names={"en": "Hidden"}, places=[], by=None, now=moment)
    client = desk(alice)
    assert "Hidden" not in client.get(LIST).content.decode()
    for query in (f"f{hidden.pk}.has=x", f"sort=f{hidden.pk}", f"columns=f{hidden.pk}"):
        assert client.get(f"{LIST}?{query}").status_code == 400
    assert "Hidden" not in client.get("/customers/filters/").content.decode()


def test_the_form_of_filters_keeps_the_rest_of_the_address(
    desk: Desk, alice: User, fleet: list[Customer], own: dict[str, CustomField]
) -> None:
    name = f"f{own['whole'].pk}"
    page = desk(alice).get(f"/customers/filters/?stage=lead&{name}.least=12").content.decode()
    assert 'name="stage" value="lead"' in page
    assert f'name="{name}.least" type="text" value="12"' in page
    assert "A whole" in page


def test_db16_a_saved_view_keeps_the_filter_and_survives_the_archive(
    desk: Desk, alice: User, fleet: list[Customer], own: dict[str, CustomField], moment: datetime
) -> None:
    client, name = desk(alice), f"f{own['whole'].pk}"
    client.post(f"/customers/views/?{name}.least=12", {"name": "Big fleets"})
    assert SavedView.objects.get().query["filter"] == {
        "all": [{"field": name, "op": "least", "values": [12]}]
    }
    assert "Big fleets" in client.get(LIST).content.decode()
    archive_field(own["whole"], by=None, now=moment)
    answer = client.get(LIST)
    assert answer.status_code == 200
    assert "Big fleets" not in answer.content.decode()  # comes back with the field


def test_db16_the_export_carries_them_and_neutralises_formulas(
    desk: Desk, sue: User, fleet: list[Customer], own: dict[str, CustomField]
) -> None:
    answer = desk(sue).get(f"/customers/export/?sort=-f{own['whole'].pk}")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [row["Name"] for row in rows] == ["Cai", "Ann", "Ben", "Dee"]
    ann = rows[1]
    assert (ann["A whole"], ann["A money (CNY)"], ann["A date"]) == ("12", "100.00", "2026-01-31")
    assert (ann["A several"], ann["A flag"], ann["A customer"]) == ("road; rail", "yes", fleet[1].number)
    assert not ann["A long"].startswith("=")
    assert rows[3]["A whole"] == ""


def test_an_order_by_judgement_and_a_filter_of_ones_own_go_together(
    desk: Desk, alice: User, fleet: list[Customer], own: dict[str, CustomField], judge: Judge
) -> None:
    for place, customer in enumerate(fleet):
        judge(customer, grade="gold", value_12m_minor=place)
    client, name = desk(alice), f"f{own['whole'].pk}"
    assert named(client, f"?{name}.least=12&sort=-value") == ["Cai", "Ann"]
    assert named(client, f"?grade=gold&sort={name}") == ["Ben", "Ann", "Cai", "Dee"]
