"""What customers get from us as a whole, in five factors (CL20)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import Floats, one_figure, with_absent

FACTORS: Final = ("price", "quality", "innovation", "service_quality", "corporate_image")
EVEN: Final = dict.fromkeys(FACTORS, 1.0)


@dataclass(frozen=True)
class SegmentBenefit:
    """One segment: `answers` customers who answered, mean `scores` by factor and their weighted mean `overall`.

    None where nobody answered.
    """

    segment: Any
    answers: int
    scores: dict[str, float | None]
    overall: float | None


def benefit(
    segments: Sequence[Hashable | None],
    answers: Mapping[str, Sequence[float | None]],
    *,
    weights: Mapping[str, float] = EVEN,
    most: float = 10.0,
) -> dict[Any, SegmentBenefit]:
    """segment -> its benefit: the mean score of each of the five `FACTORS` and all together (CL20).

    `segments` one per customer; `answers` factor -> score of 0 to `most` per customer, None where he didn't say; `weights` how
    much a factor counts. A factor nobody of a segment answered is None and left out of its `overall`.

    Errors: `BadFigure` for a factor that is missing or unknown, a score out of range, or weights that are all 0.
    Formula: overall = Σ weight · mean score / Σ weight over the factors that were answered.
    """
    for name, given in (("answers", answers), ("weights", weights)):
        odd = set(FACTORS) ^ set(given)
        if odd:
            raise BadFigure(
                f"the factors are {', '.join(FACTORS)}; check {', '.join(sorted(odd))}", name=name
            )
    counts = {factor: one_figure(weights[factor], f"weights[{factor!r}]") for factor in FACTORS}
    if not any(counts.values()):
        raise BadFigure("all weights are 0", name="weights")
    scores = {factor: _scores(answers[factor], factor, len(segments), most) for factor in FACTORS}
    members: dict[Any, list[int]] = {}
    for row, segment in enumerate(segments):
        members.setdefault(segment, []).append(row)
    return {segment: _segment(segment, rows, scores, counts) for segment, rows in members.items()}


def _segment(
    segment: Any, rows: list[int], scores: dict[str, tuple[Floats, Any]], weights: dict[str, float]
) -> SegmentBenefit:
    means: dict[str, float | None] = {}
    spoke = np.zeros(len(rows), dtype=np.bool_)
    for factor, (values, absent) in scores.items():
        said = ~absent[rows]
        spoke |= said
        means[factor] = float(np.sort(values[rows][said]).mean()) if said.any() else None
    counted = [
        (weights[factor], mean) for factor, mean in means.items() if mean is not None and weights[factor] > 0
    ]
    total = sum(weight for weight, _ in counted)
    overall = sum(weight * mean for weight, mean in counted) / total if counted else None
    return SegmentBenefit(segment, int(spoke.sum()), means, overall)


def _scores(values: Sequence[float | None], factor: str, count: int, most: float) -> tuple[Floats, Any]:
    found, absent = with_absent(values, factor, least=0.0)
    if len(found) != count:
        raise BadFigure(f"{len(found)} scores for {count} customers", name=factor)
    above = (found > most) & ~absent
    if above.any():
        row = int(np.argmax(above))
        raise BadFigure(f"{found[row]:g} is above {most:g}", name=factor, row=row)
    return found, absent
