from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from liuke.platform.models import User
from liuke.scores.models import ScoreRun
from liuke.workspace.conftest import Add, Desk
from liuke.workspace.glossary.rules import TERMS, found


def codes(query: str) -> list[str]:
    return [term.code for term, _meaning in found(query, [(term, gettext(term.meaning)) for term in TERMS])]


def test_sc12_the_word_for_a_prospect_leads_to_its_meaning_and_its_screen(
    desk: Desk, add: Add, alice: User
) -> None:
    add(alice, "Almost One")
    client = desk(alice)
    page = client.get("/glossary/?q=准顾客").content.decode()
    assert "the first order makes him one" in page
    assert "potential customer who" in page
    (href,) = set(re.findall(r'href="(/customers/\?stage=[^"]+)"', page))
    assert client.get(href).status_code == 200


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("准顾客", "prospect"),
        ("準顧客", "prospect"),
        ("Prospective", "prospect"),
        ("大客户", "key_account"),
        ("concentration", "gini"),
    ],
)
def test_it_is_found_in_both_languages_and_scripts(query: str, first: str) -> None:
    assert codes(query)[0] == first


def test_what_is_no_word_says_so(desk: Desk, alice: User) -> None:
    assert codes("zzz") == []
    assert "No such word" in desk(alice).get("/glossary/?q=zzz").content.decode()


def test_each_word_has_its_own_code_a_place_and_a_meaning_in_every_language() -> None:
    assert len({term.code for term in TERMS}) == len(TERMS)
    for term in TERMS:
        assert reverse(term.route)
        with translation.override("zh-hans"):
            assert gettext(term.meaning) != term.meaning


def test_it_is_a_step_away_from_every_page(desk: Desk, alice: User, run: ScoreRun) -> None:
    assert 'href="/glossary/"' in desk(alice).get("/customers/").content.decode()
    assert 'href="/glossary/#' in desk(alice).get("/insight/classes/").content.decode()
