"""Who is loyal (LO01), how deeply (LO02), and on what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import Floats, one_figure, with_absent
from liuke.insight.kinds import Vector

MIN_REPEATS: Final = 3
LOYAL, UNHAPPY, UNPROVEN, REPEAT, ONCE, NONE = (
    "loyal",
    "repeat_but_unhappy",
    "repeat_only",
    "repeat",
    "once",
    "none",
)
# from the shallowest to the deepest
LEVELS: Final = ("none", "cognitive", "affective", "intention", "behavioural")
HELD_FROM: Final = 0.6  # of an answer of 0 to 1, from where on it speaks for the level
UNKNOWN: Final = 0.5  # what a score counts where nothing is known: neither for nor against

Answers: TypeAlias = "Sequence[float | None] | Vector"


def loyalty(
    orders: Sequence[int] | Vector,
    *,
    dissatisfied: Sequence[bool | None] | None = None,
    min_repeats: int = MIN_REPEATS,
    unasked_are_loyal: bool = True,
) -> Vector:
    """Whether each customer is loyal (object array of str) (LO01, C-16, C-17).

    loyal               `min_repeats` purchases or more after the first, and the last answer was not dissatisfied
    repeat_but_unhappy  as many, but dissatisfied
    repeat_only         as many, never asked; only with `unasked_are_loyal=False`, which wants attitude proved
    repeat, once, none  fewer repeats, one purchase, no purchase

    `orders` counts purchases, the first included; `dissatisfied` says it of the last answer, None where there is none.
    Errors: `BadFigure`.
    """
    bought = _counts(orders, "orders")
    needed = one_figure(min_repeats, "min_repeats", least=1)
    unhappy = _answers(dissatisfied, len(bought))
    repeats = bought - 1
    found = np.full(len(bought), NONE, dtype=object)
    found[bought >= 1] = ONCE
    found[repeats >= 1] = REPEAT
    often = repeats >= needed
    found[often] = LOYAL if unasked_are_loyal else UNPROVEN
    found[often & (unhappy == 0)] = LOYAL
    found[often & (unhappy == 1)] = UNHAPPY
    return found


@dataclass(frozen=True)
class Loyalty:
    """Of each of n customers.

    `score` 0 to 100; `level` the deepest level reached (one of `LEVELS`); `known` how many of the four kinds of evidence
    there are, 0 to 4: a score of few is mostly what is assumed of everybody.
    """

    score: Floats
    level: Vector
    known: Vector


def loyalty_levels(
    orders: Sequence[int] | Vector,
    *,
    belief: Answers | None = None,
    satisfaction: Answers | None = None,
    intent: Answers | None = None,
    resistance: Answers | None = None,
    min_repeats: int = MIN_REPEATS,
    held_from: float = HELD_FROM,
) -> Loyalty:
    """Score and level of loyalty, cognitive, affective, intention or behavioural (LO02).

    Each level has its evidence, from 0 to 1, None where there is none:

    cognitive    `belief` in the quality, from a survey
    affective    `satisfaction`, the mean of the series of answers
    intention    `intent` to buy again, as stated
    behavioural  repeats / `min_repeats` up to 1; together with `resistance` (the share of rival offers, price rises or
                 shortages that he stayed through) their mean, where that is known

    A level is reached where its evidence is there and at least `held_from` (behaviour: 1 repeat of `min_repeats` short is not
    enough), and nothing that is known below it speaks against it: many purchases of an unsatisfied customer are habit
    or want of choice, not loyalty. The deepest level reached counts.

        score = 100 · mean of the four, unknown ones counted as 0.5

    More of any evidence never lowers the score, and none depends on other customers. Errors: `BadFigure`.
    Source: Oliver (1999), Whence Consumer Loyalty?, Journal of Marketing 63, 33-44, for the four phases and their order; the
    score is this library's.

    All columns are (n,), one entry per customer.
    """
    bought = _counts(orders, "orders")
    count = len(bought)
    needed = one_figure(min_repeats, "min_repeats", least=1)
    held = one_figure(held_from, "held_from", most=1.0, above=True)
    acted = np.clip((bought - 1) / needed, 0.0, 1.0)
    stayed, never_tried = _evidence(resistance, "resistance", count)
    behaviour = np.where(never_tried, acted, (acted + stayed) / 2)
    evidence = [
        _evidence(belief, "belief", count),
        _evidence(satisfaction, "satisfaction", count),
        _evidence(intent, "intent", count),
        (behaviour, np.zeros(count, dtype=np.bool_)),
    ]
    level = np.full(count, LEVELS[0], dtype=object)
    unopposed = np.ones(count, dtype=np.bool_)
    for name, (value, absent) in zip(LEVELS[1:], evidence, strict=True):
        reached = value >= held
        if name == LEVELS[-1]:
            reached &= acted >= 1
        level[unopposed & reached & ~absent] = name
        unopposed &= reached | absent
    score = 25.0 * sum(np.where(absent, UNKNOWN, value) for value, absent in evidence)
    known = sum((~absent).astype(np.int64) for _, absent in evidence)
    return Loyalty(score=np.asarray(score), level=level, known=np.asarray(known))


def _counts(orders: Sequence[int] | Vector, name: str) -> Floats:
    bought, absent = with_absent(orders, name, least=0.0)
    wrong = absent | (bought != np.floor(bought))
    if wrong.any():
        row = int(np.argmax(wrong))
        told = "the count is missing" if absent[row] else f"{bought[row]:g} is not a whole number"
        raise BadFigure(told, name=name, row=row)
    return bought


def _answers(dissatisfied: Any, count: int) -> Vector:
    """1 dissatisfied, 0 not, -1 never asked."""
    if dissatisfied is None:
        return np.full(count, -1)
    given = list(dissatisfied)
    if len(given) != count:
        raise BadFigure(f"{len(given)} answers for {count} customers", name="dissatisfied")
    for row, answer in enumerate(given):
        if answer is not None and answer not in (True, False):
            raise BadFigure(f"{answer!r} is not true, false or None", name="dissatisfied", row=row)
    return np.array([-1 if answer is None else int(answer) for answer in given], dtype=np.int64)


def _evidence(values: Answers | None, name: str, count: int) -> tuple[Floats, Vector]:
    if values is None:
        return np.zeros(count), np.ones(count, dtype=np.bool_)
    found, absent = with_absent(values, name, least=0.0)
    if len(found) != count:
        raise BadFigure(f"{len(found)} figures for {count} customers", name=name)
    above = (found > 1) & ~absent
    if above.any():
        row = int(np.argmax(above))
        raise BadFigure(f"{found[row]:g} is above 1", name=name, row=row)
    return found, absent
