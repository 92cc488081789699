"""Why a customer is judged as he is: codes with figures, measured against his own habit.

A reason is a JSON object with a `code` and the figures of its sentence:

    gap            days, usual, percentile   no purchase for `days`, usually every `usual`; longer than
                                             `percentile` % of his gaps, as far as they let us tell
    gap_once       days, gap                 came again once, after `gap` days, and not for `days` since: long for such
                                             customers. One gap is no habit, and none is claimed
    bought_once    days                      one purchase only, `days` ago
    basket_fell    from, to                  mean value of the last three purchases against those before
    breadth_fell   from, to                  mean number of products of the last three against those before
    returns        share, amount, days       share of what was bought in the last `days` that came back
    discount_rose  from, to                  share of the undiscounted value that discounts took off in the last half year
                                             against before
    event          kind, count, days         `count` events of a kind that the business told of (a complaint, a late payment, an
                                             answer) in the last 90 days, the last one `days` ago. It stands against the
                                             customer or for him as the log has shown what comes after such an event
    on_rhythm      days, usual               bought `days` ago, usually every `usual`: nothing unusual
    rhythm_once    days, gap                 as on_rhythm, after one gap
    seldom         purchases, days           late by nothing of his own, but many who bought so and then waited so
                                             did not come again
    due            days, usual               the usual time to buy has come
    due_once       days, gap                 the time of the one gap there was has come
    won_back       gap                       came back after `gap` days
    new            days                      first bought `days` ago
    basket_rose    from, to
    breadth_rose   from, to

Each carries a weight: how far it lies from habit, in log units, times what such a departure tells in this business
(`drivers`). Reasons that speak against staying stand first when the risk is not low, the others first when it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from liuke.insight.judgement.drivers import FEWEST_FOR_TREND, Drivers
from liuke.insight.kinds import Column, Vector, pa, pc

FELL: Final = 0.75
ROSE: Final = 1.33
RETURNED_SHARE: Final = 0.10
DISCOUNT_ROSE: Final = 0.10
UNUSUAL: Final = 75.0
NEW_DAYS: Final = 60
LAST_RESORT: Final = (
    5  # the place of on_rhythm and seldom: what is said of a customer of whom nothing else is
)


@dataclass(frozen=True)
class Habits:
    """What reasons are made of (arrays of one length; NaN where not known)."""

    purchases: Vector
    waited: Vector
    usual: Vector
    percentile: Vector
    last_gap: Vector
    basket_before: Vector
    basket_recent: Vector
    breadth_before: Vector
    breadth_recent: Vector
    returned_share: Vector
    returned_amount: Vector
    returned_days: int
    won_back: Vector
    due: Vector
    risky: Vector
    drivers: Drivers = field(default_factory=Drivers)
    discount_before: Vector | None = None
    discount_lately: Vector | None = None
    events: Mapping[str, tuple[Vector, Vector]] = field(
        default_factory=dict
    )  # kind -> count lately, days since


def reasons(habits: Habits) -> Column:
    """A JSON list of reasons for each customer, the weightiest first; never empty."""
    written = [*_against(habits), *_in_favour(habits), *_told(habits)]
    weights = np.stack([weight for weight, _ in written])
    weights[LAST_RESORT] = np.where((weights > 0).any(axis=0), weights[LAST_RESORT], 1e-6)
    order = np.argsort(-weights, axis=0, kind="stable")
    present = np.sort(weights, axis=0)[::-1] > 0
    columns = [text for _, text in written]
    ranked = []
    for place in range(len(written)):
        if not present[place].any():
            break
        chosen = pc.choose(pa.array(order[place], pa.int64()), *columns)
        ranked.append(pc.if_else(pa.array(present[place]), chosen, None))
    joined = pc.binary_join_element_wise(*ranked, ", ", null_handling="skip")
    return pc.binary_join_element_wise("[", joined, "]", "")


Written = tuple[Vector, Column]


def _against(habits: Habits) -> list[Written]:
    once = habits.purchases == 1
    late = np.log(np.maximum(habits.waited, 1) / np.maximum(habits.usual, 1))
    unusual = (habits.percentile >= UNUSUAL) & (late > 0)
    figures = {"days": habits.waited, "usual": habits.usual, "percentile": np.floor(habits.percentile)}
    single = _single_gap(habits)
    gap = pc.if_else(single, _text("gap_once", _one_gap(habits)), _text("gap", figures))
    side = np.where(habits.risky, 1.0, 0.1)
    tells = habits.drivers.relative()
    return [
        (_weight(unusual & ~once, (0.2 + tells.late * late) * np.maximum(side, 0.9)), gap),
        (
            _weight(once & (habits.waited > NEW_DAYS), 0.3 + tells.late * np.maximum(late, 0)),
            _text("bought_once", {"days": habits.waited}),
        ),
        _trend(
            "basket_fell", habits, habits.basket_before, habits.basket_recent, tells.basket * side, fell=True
        ),
        _trend(
            "breadth_fell",
            habits,
            habits.breadth_before,
            habits.breadth_recent,
            tells.breadth * side,
            fell=True,
        ),
        (
            _weight(
                habits.returned_share >= RETURNED_SHARE, 2 * tells.returns * habits.returned_share * side
            ),
            _text(
                "returns",
                {
                    "share": np.round(habits.returned_share, 2),
                    "amount": np.round(habits.returned_amount, 2),
                    "days": np.full(len(once), habits.returned_days),
                },
            ),
        ),
    ]


def _in_favour(habits: Habits) -> list[Written]:
    once = habits.purchases == 1
    side = np.where(habits.risky, 0.1, 1.0)
    figures = {"days": habits.waited, "usual": habits.usual}
    steady = ~once & (habits.percentile < UNUSUAL) & (habits.risky | ~habits.due)
    # The risk of who isn't late comes from what others of his standing did: "nothing unusual" would belie it.
    of_others = _text("seldom", {"purchases": habits.purchases, "days": habits.waited})
    single, one = _single_gap(habits), _one_gap(habits)
    rhythm = pc.if_else(single, _text("rhythm_once", one), _text("on_rhythm", figures))
    quiet = pc.if_else(pa.array(habits.risky.astype(bool)), of_others, rhythm)
    due = pc.if_else(single, _text("due_once", one), _text("due", figures))
    return [
        (_weight(steady, np.full(len(once), 0.2)), quiet),
        (_weight(habits.due & ~once, 0.5 * side), due),
        (_weight(habits.won_back, 0.8 * side), _text("won_back", {"gap": np.nan_to_num(habits.last_gap)})),
        (
            _weight(once & (habits.waited <= NEW_DAYS), np.full(len(once), 0.6)),
            _text("new", {"days": habits.waited}),
        ),
        _trend("basket_rose", habits, habits.basket_before, habits.basket_recent, side, fell=False),
        _trend("breadth_rose", habits, habits.breadth_before, habits.breadth_recent, side, fell=False),
    ]


def _told(habits: Habits) -> list[Written]:
    """What only some logs tell of: discounts, and events of the business's own kinds."""
    found = []
    tells, against = habits.drivers.relative(), np.where(habits.risky, 1.0, 0.1)
    if habits.discount_before is not None and habits.discount_lately is not None:
        rose = habits.discount_lately - habits.discount_before
        figures = {"from": np.round(habits.discount_before, 2), "to": np.round(habits.discount_lately, 2)}
        weight = _weight(rose >= DISCOUNT_ROSE, 2 * tells.discount * rose * against)
        found.append((weight, _text("discount_rose", figures)))
    for kind, (count, ago) in habits.events.items():
        slope = tells.events.get(kind, 0.0)
        side = against if slope > 0 else np.where(habits.risky, 0.1, 1.0)
        present = (np.nan_to_num(count) > 0) & (slope != 0)
        figures = {"count": np.nan_to_num(count), "days": np.nan_to_num(ago)}
        weight = _weight(present, abs(slope) * np.log1p(np.nan_to_num(count)) * side)
        found.append((weight, _text("event", figures, kind=kind)))
    return found


def _single_gap(habits: Habits) -> Column:
    """Who came again just once: what is usual for him, nobody can say yet."""
    return pa.array((habits.purchases == 2) & ~np.isnan(habits.last_gap))


def _one_gap(habits: Habits) -> dict[str, Vector]:
    return {"days": habits.waited, "gap": np.nan_to_num(habits.last_gap)}


def _trend(code: str, habits: Habits, before: Vector, recent: Vector, side: Vector, *, fell: bool) -> Written:
    known = (habits.purchases >= FEWEST_FOR_TREND) & (np.nan_to_num(before) > 0) & (np.nan_to_num(recent) > 0)
    ratio = np.where(known, recent, 1.0) / np.where(known, before, 1.0)
    moved = known & ((ratio <= FELL) if fell else (ratio >= ROSE))
    decimals = 2 if code.startswith("basket") else 1
    figures = {
        "from": np.round(np.nan_to_num(before), decimals),
        "to": np.round(np.nan_to_num(recent), decimals),
    }
    return _weight(moved, np.abs(np.log(ratio)) * side), _text(code, figures)


def _weight(present: Vector, weight: Vector) -> Vector:
    return np.where(present, np.maximum(weight, 1e-5), 0.0)


def _text(code: str, figures: dict[str, Vector], **names: str) -> Column:
    parts: list[object] = [json.dumps({"code": code, **names}, ensure_ascii=False)[:-1]]
    for name, values in figures.items():
        whole = np.asarray(values)
        if name in {"days", "usual", "percentile", "gap", "purchases", "count"}:
            written = pa.array(np.round(whole).astype(np.int64)).cast(pa.string())
        else:
            written = pa.array(whole.astype(np.float64)).cast(pa.string())
        parts += [f', "{name}": ', written]
    return pc.binary_join_element_wise(*parts, "}", "")
