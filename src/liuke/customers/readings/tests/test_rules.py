"""When a page is held, and what is unusual (security: scraping brakes, the leaver-risk board)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liuke.customers.readings.rules import judge, stage

QUICK, CALM = timedelta(seconds=1), timedelta(seconds=10)


@pytest.mark.parametrize(
    ("count", "since_last", "has_reason", "held"),
    [
        (0, None, False, ""),
        (89, QUICK, False, ""),
        (90, QUICK, False, "wait"),
        (90, CALM, False, ""),
        (180, CALM, False, "ask"),
        (180, CALM, True, ""),
        (180, QUICK, True, "wait"),
    ],
)
def test_first_slower_then_for_a_reason(
    count: int, since_last: timedelta | None, has_reason: bool, held: str
) -> None:
    assert stage(count, slow_at=90, ask_at=180, since_last=since_last, has_reason=has_reason) == held


def test_a_threshold_of_nought_is_none() -> None:
    assert stage(10**6, slow_at=0, ask_at=0, since_last=QUICK, has_reason=False) == ""


USUAL = [30, 34, 28, 31, 33, 29, 30, 35, 27, 32, 31, 30]


def test_three_times_ones_own_usual_stands_out() -> None:
    found = judge("card", 120, USUAL, [30, 40, 35])
    assert (found.usual, found.far, found.above_team, found.flagged) == (30.5, True, True, True)


def test_a_busy_week_does_not() -> None:
    assert not judge("card", 42, USUAL, [30, 40, 35]).flagged


def test_whoever_always_reads_much_is_not_held_against_the_team() -> None:
    assert not judge("card", 400, [390, 410, 400, 405, 395], [30, 40, 35]).flagged


def test_one_wild_week_does_not_make_the_next_one_normal() -> None:
    assert judge("card", 300, [*USUAL[:-1], 300], [300, 310, 305]).far


def test_a_newcomer_is_held_against_the_team() -> None:
    assert judge("card", 300, [10], [30, 40, 35]).above_team
    assert not judge("card", 60, [10], [30, 40, 35]).flagged
    assert not judge("card", 300, [10], []).flagged, "nobody to compare with"


def test_small_figures_are_never_flagged() -> None:
    assert not judge("export", 1, [0] * 12, [0, 0, 0]).flagged
    assert judge("export", 5, [0] * 12, [0, 0, 0]).flagged
    assert not judge("reveal", 4, [0] * 12, [0, 0, 0]).flagged
