"""Kinds of customers: every figure opens exactly its customers, and the suggested levels are taken over."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import datetime

import pytest

from liuke.customers.models import Customer, Standing
from liuke.customers.standings.actions import decide
from liuke.customers.standings.rules import RELATIONS
from liuke.platform.models import User
from liuke.scores.classes.rules import FUTURE_CELLS, PROFIT_CELLS, SALES_CLASSES
from liuke.scores.models import Score, ScoreRun
from liuke.scores.overview import actions as overview
from liuke.scores.overview.actions import kinds, without_level
from liuke.workspace.conftest import Add, Desk, Judge
from liuke.workspace.insight.rules import grids, level_rows


@pytest.fixture
def base(add: Add, judge: Judge, alice: User, charlie: User) -> None:
    codes = [list(series) for series in (RELATIONS, PROFIT_CELLS, FUTURE_CELLS, SALES_CLASSES)]
    for owner, count in ((alice, 9), (charlie, 4)):
        for place in range(count):
            score = judge(
                add(owner, f"{owner.username} {place}"), grade=["gold", "lead"][place % 2], band="low"
            )
            names = ("relation", "profit_cell", "future_cell", "sales_class")
            picked = {name: of[place % len(of)] for name, of in zip(names, codes, strict=True)}
            Score.objects.filter(pk=score.pk).update(**picked, value_12m_minor=100, profit_minor=7)


def test_rp01_every_kind_opens_exactly_its_customers(base: None, desk: Desk, alice: User, olga: User) -> None:
    for user, total in ((alice, 9), (olga, 13)):
        page = desk(user).get("/insight/classes/").content.decode()
        cells = {
            (grid.field, cell.code): cell.customers for grid in grids(kinds(user)) for cell in grid.cells
        }
        assert sum(count for (field, _code), count in cells.items() if field == "relation") == total
        for (field, code), count in cells.items():
            href = f"/customers/?{field}={code}&amp;sort=-value"
            assert href in page
            assert href.replace("-value", "-profit") in page
            listed = desk(user).get(html.unescape(href)).content.decode()
            assert len(re.findall(r"<tr data-row", listed)) == count, (field, code)


def test_cl10_the_levels_that_a_grade_suggests_are_accepted_for_whom_nobody_has_decided(
    base: None, desk: Desk, sue: User, alice: User, now: datetime
) -> None:
    kept = Customer.objects.filter(owner=alice, scores__grade="gold").first()
    assert kept
    decide(kept, "level", "basic", by=alice, now=now)
    answer = desk(sue).post("/insight/classes/levels/", {"grade": "gold"})
    assert answer.status_code == 302
    levels = dict(Customer.objects.filter(scores__grade="gold", owner=alice).values_list("pk", "level"))
    assert levels.pop(kept.pk) == "basic"
    assert set(levels.values()) == {"accountable"}
    assert not Customer.objects.filter(owner__username="charlie").exclude(level="").exists()
    assert Standing.objects.filter(by=sue).count() == len(levels)


def test_the_levels_are_those_of_a_plain_count_for_each_reader(
    base: None, add: Add, judge: Judge, alice: User, bob: User, sue: User, olga: User, now: datetime
) -> None:
    """The undecided are reckoned as what the decided leave of their grade."""
    judge(add(alice, "Ungraded"), grade="", band="new")
    add(bob, "Not judged yet")
    picked = {"gold": ("basic", "accountable"), "lead": ("basic",), "": ("basic",)}
    for grade, levels in picked.items():
        for owner in Customer.objects.filter(scores__grade=grade).values_list("owner", flat=True).distinct():
            some = Customer.objects.filter(owner=owner, scores__grade=grade).order_by("pk")
            for customer, level in zip(some, levels, strict=False):
                decide(customer, "level", level, by=olga, now=now)
    for user in (alice, bob, sue, olga):
        plain = Counter(
            Customer.objects.for_user(user)
            .exclude(scores__grade="")
            .exclude(scores=None)
            .values_list("scores__grade", "level")
        )
        found = overview.levels(user, among=overview.groups(user))
        assert Counter({(grade, level): n for grade, level, n in found}) == plain, user
    assert level_rows(overview.levels(olga, among=overview.groups(olga)))[1].undecided == 3


def test_whom_nobody_has_decided_is_called_so_above_the_list(base: None, desk: Desk, alice: User) -> None:
    page = desk(alice).get("/customers/?grade=gold&level=none").content.decode()
    assert "Relation level: not decided" in page


def test_cl10_who_may_not_assign_may_not_accept(base: None, desk: Desk, alice: User) -> None:
    assert desk(alice).post("/insight/classes/levels/", {"grade": "gold"}).status_code == 403
    assert not Standing.objects.exists()


def test_an_unknown_grade_is_not_there(base: None, desk: Desk, sue: User) -> None:
    assert desk(sue).post("/insight/classes/levels/", {"grade": "tin"}).status_code == 404


def test_levels_are_counted_as_suggested_otherwise_and_undecided() -> None:
    rows = {
        row.grade: row
        for row in level_rows([("gold", "accountable", 3), ("gold", "basic", 2), ("gold", "", 5)])
    }
    assert (rows["gold"].as_suggested, rows["gold"].otherwise, rows["gold"].undecided) == (3, 2, 5)


def test_the_grade_of_a_night_that_nobody_reads_suggests_nothing(
    add: Add, judge: Judge, alice: User, now: datetime
) -> None:
    read = judge(add(alice, "Lead by now"), grade="lead", band="low")
    under_way = ScoreRun.objects.create(as_of=now.date(), state="running", started_at=now, currency="CNY")
    fields = {f.attname: getattr(read, f.attname) for f in Score._meta.concrete_fields if not f.primary_key}
    Score.objects.create(**fields | {"run_id": under_way.pk, "grade": "gold"})
    assert without_level(alice, "gold") == []
    assert without_level(alice, "lead") == [read.customer_id]
