"""Value grades and risk bands: their order, and what counts as rising."""

from __future__ import annotations

GRADES = (
    "platinum",
    "gold",
    "iron",
    "lead",
)  # from the most valuable down; "" is ungraded: no business in the window
BANDS = ("high", "watch", "low", "lost")


def direction(before: str, after: str) -> int:
    """+1 when the grade rose, -1 when it fell; leaving and entering the graded count as falling and rising."""
    ladder = {grade: place for place, grade in enumerate((*GRADES, ""))}
    return (ladder[before] > ladder[after]) - (ladder[before] < ladder[after])


def moved(before: str, after: str) -> str:
    """ "rose", "fell" or "" for a grade of a month ago and the one of now."""
    return {1: "rose", 0: "", -1: "fell"}[direction(before, after)]
