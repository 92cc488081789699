"""A share with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from liuke.insight.errors import BadFigure
from liuke.insight.figures import one_figure


@dataclass(frozen=True)
class Rate:
    """`count` of `out_of` as a share, with the interval from `low` to `high`, all of 0 to 1."""

    count: int
    out_of: int
    share: float
    low: float
    high: float

    def differs_from(self, reported: float) -> bool:
        """Whether a reported share lies outside the interval."""
        return not self.low <= reported <= self.high


def rate_of(
    count: int, out_of: int, *, level: float = 0.9, names: tuple[str, str] = ("count", "out_of")
) -> Rate:
    """The share and its score interval, which holds for few cases and for shares near 0 and 1.

    Errors: `BadFigure` unless both are whole, 0 <= count <= out_of, out_of above 0 and 0 < level < 1.
    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    whole = one_figure(out_of, names[1], above=True)
    part = one_figure(count, names[0], most=whole)
    for name, number in zip(names, (part, whole), strict=True):
        if number != int(number):
            raise BadFigure(f"{number:g} is not a whole number", name=name)
    z = NormalDist().inv_cdf((1 + checked_level(level)) / 2)
    share = part / whole
    scale = 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / scale
    reach = z / scale * sqrt(share * (1 - share) / whole + (z / (2 * whole)) ** 2)
    # at the ends the bound is the share itself, which rounding may miss by a hair
    low = 0.0 if part == 0 else max(0.0, middle - reach)
    high = 1.0 if part == whole else min(1.0, middle + reach)
    return Rate(int(part), int(whole), share, low, high)


def checked_level(level: float) -> float:
    """`level` of an interval, or `BadFigure` unless it lies between 0 and 1."""
    number = one_figure(level, "level", least=0.0, most=1.0)
    if not 0 < number < 1:
        raise BadFigure(f"{number:g} must lie between 0 and 1", name="level")
    return number
