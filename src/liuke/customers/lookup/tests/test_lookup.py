"""The index finds what reading every line would find, whoever wrote or removed the line and by whatever way."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from liuke.customers.lookup.models import HoldsFew
from liuke.customers.lookup.rules import asked_threes, match_text, threes, tokens, tsquery_text
from liuke.customers.models import Customer, CustomerSearch
from liuke.customers.records import models
from liuke.customers.records.actions import register
from liuke.platform.models import User

LETTERS = "ab1'\\中国 \n=:*&|!(\"-"
LINES = st.text(LETTERS, max_size=14)
WORDS = st.text(LETTERS.replace("\n", ""), min_size=1, max_size=5)


class AsReadingEveryLine(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(LINES, min_size=3, max_size=3), st.lists(WORDS, min_size=1, max_size=3))
    def test_the_index_finds_what_stands_in_the_lines(self, lines: list[str], words: list[str]) -> None:
        lines = [f"\n{line}\n" for line in lines]  # as every line begins and ends
        rows = CustomerSearch.objects.order_by("pk")
        if not rows:
            for number in range(3):
                register(by=None, now=datetime.fromisoformat("2026-03-02T00:00+00:00"), name=f"c{number}")
        for row, line in zip(CustomerSearch.objects.order_by("pk"), lines, strict=True):
            CustomerSearch.objects.filter(pk=row.pk).update(text=line)
        expected = [all(word in line for word in words) for line in lines]
        for lookup in ("text__holds", "text__holds_few"):
            found = set(CustomerSearch.objects.filter(**{lookup: words}).values_list("pk", flat=True))
            every = CustomerSearch.objects.order_by("pk").values_list("pk", flat=True)
            assert [pk in found for pk in every] == expected


@pytest.mark.django_db
def test_what_is_gone_leaves_nothing_in_the_index(now: datetime) -> None:
    kept, gone = (register(by=None, now=now, name=name) for name in ("Saffron", "Vermilion"))
    CustomerSearch.objects.filter(pk=gone.pk).delete()
    assert list(CustomerSearch.objects.filter(text__holds=["saffron"])) == [kept.search]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            question = match_text(["vermilion"])
            cursor.execute(
                "SELECT rowid FROM customers_searchindex WHERE customers_searchindex MATCH %s", [question]
            )
            assert cursor.fetchall() == []


@pytest.mark.django_db
def test_of_a_word_that_thousands_have_the_best_stand_first(
    monkeypatch: pytest.MonkeyPatch, alice: User, sue: User, olga: User, now: datetime
) -> None:
    """More than are ranked: a beginning is found among any number of others, and one's own are all looked at."""
    monkeypatch.setattr(models, "RANKED", 3)
    monkeypatch.setattr(HoldsFew, "most", 2)
    for number in range(8):
        register(by=None, now=now, name=f"Old harbour {number}")
    last = register(by=None, now=now, name="Harbour first", owner=alice)
    assert Customer.objects.for_user(olga).search("harbour", by=olga)[0] == last
    assert list(Customer.objects.for_user(alice).search("harbour", by=alice)) == [last]
    assert list(Customer.objects.for_user(sue).search("harbour", by=sue)) == [last]
    assert list(Customer.objects.for_user(alice).search("first", by=alice)) == [last]
    assert Customer.objects.for_user(olga).found_by("harbour", by=olga).count() == 9


@pytest.mark.django_db
def test_a_part_finds_what_reading_every_line_would_find(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User, sue: User, now: datetime
) -> None:
    """One's own are read, a team's come from all lines that the index names."""
    for number in range(12):
        register(by=None, now=now, name=f"Harbour x{number + 50}", owner=(alice, bob)[number % 2])
    mine = {f"Harbour x{number + 50}" for number in range(0, 12, 2)}
    assert {one.name for one in Customer.objects.for_user(alice).search("harbour", by=alice)} == mine
    assert [one.name for one in Customer.objects.for_user(alice).search("harbour x54", by=alice)] == [
        "Harbour x54"
    ]
    assert not Customer.objects.for_user(alice).search("harbour x55", by=alice)
    monkeypatch.setattr(HoldsFew, "most", 4)
    team = Customer.objects.for_user(sue)
    assert len(team.search("harbour", by=sue)) == team.count() == 12


def test_every_three_of_a_word_stands_in_a_line_that_holds_it() -> None:
    line = "\n义乌明达礼品有限公司\nyiwumingda\n13800138000\n"
    for word in ("明达礼", "wuming", "800138", "明", "公司", "000"):
        held = threes(line)
        assert all(any(one.startswith(three) for one in held) for three in asked_threes([word]))
    assert len(asked_threes(["x" * 3 + "abcdefghijklmnopqrstuvwxyz0123456789"])) <= 24
    assert set(tokens("明明明明").split()) == {"660ez660ez660e", "660ez660eza", "y660ez3fz660e"}
    assert match_text(["明"]) == "660ez*"
    assert match_text(["明达"]) == "660ez8fbez*"
    assert tsquery_text(["a'bc"]) == "'a''b' & '''bc'"
    assert tsquery_text(["a'"]) == "'a''':*"
