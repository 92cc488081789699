from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import translation

from liuke.config.paths import PACKAGE
from liuke.customers.models import ImportBatch
from liuke.customers.records.actions import edit_point, register
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.audit.models import AuditEntry
from liuke.platform.jobs.actions import work
from liuke.platform.models import User
from liuke.workspace.administration.rules import ACTIONS, told
from liuke.workspace.shell.views import Shell

PAGE = "/settings/audit/"


@pytest.fixture
def office(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_pl05_an_edited_phone_number_stands_there_with_who_when_old_and_new(
    office: Client, alice: User, now: datetime
) -> None:
    customer = register(by=alice, now=now, name="Hampton Gifts", points=[("mobile", "13800000001")])
    edit_point(customer.points.get(), value="13800000002", by=alice, now=now)
    entry = AuditEntry.objects.filter(action="points.edit").get()
    assert (entry.actor, entry.at, entry.subject_id) == (alice, now, customer.pk)
    assert entry.changes["mobile"] == ["13800000001", "13800000002"]
    page = text(office.get(PAGE, {"action": "points.edit"}))
    for word in ("Alice", "13800000001", "13800000002", "Hampton Gifts", "Phone or address edited"):
        assert word in page


def test_pl05_no_door_changes_or_removes_an_entry(office: Client, olga: User, now: datetime) -> None:
    record("points.edit", by=olga, now=now)
    before = list(AuditEntry.objects.values())
    doors = [str(p.pattern) for p in walk(get_resolver().url_patterns) if "audit" in str(p.pattern)]
    assert sorted(doors) == ["settings/audit/", "settings/audit/verification/"]
    for method in ("post", "put", "patch", "delete"):
        assert getattr(office, method)(PAGE).status_code == 405
    assert list(AuditEntry.objects.values()) == before


def walk(patterns: list[object]) -> list[object]:
    return [leaf for p in patterns for leaf in (walk(p.url_patterns) if hasattr(p, "url_patterns") else [p])]


def test_it_is_narrowed_by_person_action_and_subject(
    office: Client, alice: User, bob: User, now: datetime
) -> None:
    record("one", by=alice, now=now, subject=bob, reason="first reason")
    record("two", by=bob, now=now, reason="second reason")
    for query, there, not_there in [
        ({"person": alice.pk}, "first reason", "second reason"),
        ({"action": "two"}, "second reason", "first reason"),
        ({"subject": f"platform.user:{bob.pk}"}, "first reason", "second reason"),
    ]:
        page = text(office.get(PAGE, query))
        assert there in page
        assert not_there not in page


def test_pages_go_on_by_key_and_miss_nothing(office: Client, olga: User, now: datetime) -> None:
    for n in range(120):
        record("edit", by=olga, now=now, reason=f"reason {n:03}.")
    seen, after = set(), ""
    for _page in range(3):
        response = office.get(PAGE, {"after": after} if after else {})
        rows = response.context["rows"]
        seen |= {entry.reason for entry, _name, _about, _changes in rows}
        after = response.context["page"].after
        record("edit", by=olga, now=now, reason="meanwhile")
    assert len(seen - {"meanwhile"}) == 120
    assert after == ""


@pytest.mark.parametrize(
    "query",
    [
        {"after": "rubbish"},
        {"person": "x"},
        {"person": "9" * 40},
        {"subject": "a:b"},
        {"subject": ":" + "9" * 40},
    ],
)
def test_a_spoilt_address_is_no_error(office: Client, query: dict[str, str]) -> None:
    assert office.get(PAGE, query).status_code == 200


def test_who_sees_a_team_sees_what_that_team_did(
    client: Client, sue: User, alice: User, charlie: User, now: datetime
) -> None:
    sue.role.rights = [*sue.role.rights, Right.VIEW_AUDIT.value]
    sue.role.save()
    record("one", by=alice, now=now, reason="near")
    record("one", by=charlie, now=now, reason="far")
    record("one", by=None, now=now, reason="the machine's")
    client.force_login(sue)
    page = text(client.get(PAGE))
    assert "near" in page
    assert "far" not in page
    assert "machine" not in page


def test_the_chain_is_verified_in_the_background_and_the_verdict_shown(
    office: Client, olga: User, now: datetime
) -> None:
    entry = record("one", by=olga, now=now)
    office.post("/settings/audit/verification/")
    office.post("/settings/audit/verification/")  # asked twice, done once
    assert "disabled" in text(office.get(PAGE))
    work(once=True)
    page = text(office.get(PAGE))
    assert "none altered" in page
    assert entry.hash[:16] in page


def test_what_is_written_is_never_run(office: Client, olga: User, now: datetime) -> None:
    record("one", by=olga, now=now, changes={"name": ["<script>alert(1)</script>", "<img src=x>"]})
    page = text(office.get(PAGE))
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_a_change_is_told_in_words() -> None:
    changes = {
        "active": [True, False],
        "rights": [[], ["customers.view", "b"]],
        "odd": "not a pair",
        "x.y": [None, {"USD": "7"}],
    }
    changes["z"] = [{}, []]
    with translation.override("en"):
        lines = told(changes, {"x.y": "Rates"})
    assert lines == [
        ("active", "yes", "no"),
        ("rights", "", "See customers, b"),
        ("Rates", "", "USD 7"),
    ]


def test_the_settings_open_on_what_each_page_is_for_of_those_that_one_may_see(
    client: Client, olga: User, sue: User, alice: User
) -> None:
    client.force_login(olga)
    page = client.get("/settings/").content.decode()
    places = Shell(RequestFactory().get("/settings/"), olga).settings_places
    for place in places:
        assert f'<a href="{place.href}"><b>' in page, f"{place.name} is missing in OVERVIEW"
    client.force_login(sue)
    page = client.get("/settings/").content.decode()
    assert 'href="/settings/handovers/"' in page
    assert 'href="/settings/colleagues/"' not in page
    client.force_login(alice)
    assert client.get("/settings/")["Location"] == "/profile/"
    assert "access.denied" in ACTIONS


def test_every_action_that_is_noted_has_a_name_that_people_use() -> None:
    source = "".join(file.read_text("utf-8") for file in PACKAGE.rglob("*.py") if "tests" not in file.parts)
    noted = set(re.findall(r'record\(\s*"([a-z]+\.[a-z_]+)"', source))
    assert "imports.run" in noted
    assert noted <= ACTIONS.keys()


def test_an_import_is_told_in_one_line_without_zeros() -> None:
    counts = {
        "rows": [None, 41],
        "created": [None, 40],
        "orders": [None, 40],
        "rejected": [None, 1],
        "aside": [None, 0],
    }
    with translation.override("en"):
        assert told(counts, {}) == [("", "", "rows 41 · new 40 · left out 1")]


def test_an_import_goes_by_its_number(office: Client, olga: User, now: datetime) -> None:
    record("imports.undo", by=olga, now=now, subject=ImportBatch(pk=3, target="purchases"))
    page = text(office.get(PAGE))
    assert "Import 3" in page
    assert "purchases #3" not in page


def test_what_is_noted_of_persons_and_days_is_told_in_words() -> None:
    changes = {"decision_power": ["", "decide"], "birthday": [None, "8-15"], "notes": [None, ["hobbies"]]}
    with translation.override("en"):
        assert told(changes, {}) == [
            ("say in the decision", "", "decides"),
            ("birthday", "", "8-15"),
            ("notes", "", "Hobbies"),
        ]
