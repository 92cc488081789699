"""How far a figure may lie off: bands of calculations, and of the money at risk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import Figure, Floats, column, one_figure
from liuke.insight.intervals import checked_level

ONE_BY_ONE: Final = 2_000  # customers who move a sum most are drawn one by one, the others as their sum
BLOCK: Final = 500  # draws at a time
NODES: Final = 49


@dataclass(frozen=True)
class Spread:
    """A figure that is not known exactly: at least `low`, `likely` in the middle, at most `high`."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        low = one_figure(self.low, "low", least=-np.inf)
        likely = one_figure(self.likely, "likely", least=-np.inf)
        if not low <= likely <= one_figure(self.high, "high", least=-np.inf):
            raise BadFigure(
                f"{self.low:g}, {self.likely:g}, {self.high:g} must not fall: low, likely, high",
                name="spread",
            )

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Values by the PERT law: a Beta over [low, high] whose mean is (low + 4 likely + high) / 6."""
        width = self.high - self.low
        if width == 0:
            return np.full(draws, float(self.likely))
        rise = 4 * (self.likely - self.low) / width
        found: Floats = self.low + width * rng.beta(1 + rise, 5 - rise, draws)
        return found


@dataclass(frozen=True)
class Band:
    """A figure with the interval that holds it with the chance `level`, in the unit of the figure.

    `value` lies between `low` and `high`.
    """

    value: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Driver:
    """The result with one figure at its low and at its high end, the others as likely."""

    name: str
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Outlook:
    """A calculation on uncertain figures: its `band` and what moves it, the strongest of the `drivers` first."""

    band: Band
    drivers: tuple[Driver, ...]


def outlook(
    formula: Callable[..., float],
    given: Mapping[str, Any],
    *,
    level: float = 0.9,
    draws: int = 4_000,
    seed: int = 0,
) -> Outlook:
    """The band of `formula(**given)` where some of the given figures are a `Spread`.

    `value` is the result with every figure as likely; the band the middle `level` of `draws` results with the figures
    drawn independently. Any function that returns one number will do, e.g. one of this package wrapped in `float`.

    Errors: `BadFigure` where nothing is uncertain, for a result that is no finite number, or a level outside (0, 1).
    Source of the law: Malcolm, Roseboom, Clark and Fazar (1959), Operations Research 7(5), 646-669.
    Single figures in, one `Band` out.
    """
    spreads = {name: figure for name, figure in given.items() if isinstance(figure, Spread)}
    if not spreads:
        raise BadFigure("no figure is a Spread: there is no uncertainty to carry", name="given")
    middle = checked_level(level)
    likely = {**given, **{name: spread.likely for name, spread in spreads.items()}}
    rng = np.random.default_rng(seed)
    # by name, so that the order of the arguments is of no account
    drawn = {name: spreads[name].draw(_draws(draws), rng) for name in sorted(spreads)}
    results = [
        _result(formula, {**likely, **{name: float(values[i]) for name, values in drawn.items()}})
        for i in range(draws)
    ]
    low, high = np.quantile(results, [(1 - middle) / 2, (1 + middle) / 2])
    drivers = [
        Driver(
            name,
            _result(formula, {**likely, name: spread.low}),
            _result(formula, {**likely, name: spread.high}),
        )
        for name, spread in spreads.items()
    ]
    return Outlook(
        band=Band(_result(formula, likely), float(low), float(high), middle),
        drivers=tuple(sorted(drivers, key=lambda driver: (-driver.swing, driver.name))),
    )


def _result(formula: Callable[..., float], arguments: dict[str, Any]) -> float:
    return one_figure(formula(**arguments), "the result of the formula", least=-np.inf)


@dataclass(frozen=True)
class MoneyAtRisk:
    """What customers would take with them, in money.

    `each` value · chance of each, shape (n,); `band` of what will be lost in all, whose `value` is the sum of `each`.
    """

    each: Floats
    band: Band


def money_at_risk(
    values: Figure,
    chances: Figure,
    *,
    off_by: float = 0.0,
    level: float = 0.9,
    draws: int = 4_000,
    seed: int = 0,
) -> MoneyAtRisk:
    """Expected loss of each customer and the band of what all of them will take with them.

        expected = Σ value_i · chance_i;   the loss = Σ value_i · [i leaves],  logit P(i leaves) = logit chance_i + off_by · z

    `values` in money that each would bring if he stayed, `chances` that he doesn't (0 to 1). Customers leave one by
    one, but a forecast errs for all at once: a season, a price, a model that is off. z, one standard normal draw for
    all, is that common error and `off_by` its size on the log-odds; `off_by_of` learns it from how far earlier
    forecasts were off. With 0 the band holds only if every chance is right, and is too narrow in practice.

    The 2,000 customers who move the sum most are drawn one by one, the others by the normal law of their sum. Same seed,
    same band. Errors: `BadFigure`.

    Source: the one-factor model of Vasicek (2002), The distribution of loan portfolio value, Risk 15, 160-162, here on
    log-odds.
    """
    worth = column(values, "values")
    risk = column(chances, "chances", most=1.0, length=len(worth))
    common = one_figure(off_by, "off_by", most=20.0)
    middle = checked_level(level)
    # a band that doesn't change when the rows do
    order = np.lexsort((risk, worth, -(worth**2) * risk * (1 - risk)))
    rng = np.random.default_rng(seed)
    errors = common * rng.standard_normal(_draws(draws))
    first, rest = order[:ONE_BY_ONE], order[ONE_BY_ONE:]
    lost = _of_many(worth[rest], risk[rest], errors, rng)
    for start in range(0, len(errors), BLOCK):
        block = slice(start, start + BLOCK)
        gone = rng.random((len(errors[block]), len(first))) < _moved(risk[first], errors[block])
        lost[block] += gone @ worth[first]
    low, high = np.quantile(lost, [(1 - middle) / 2, (1 + middle) / 2])
    each = worth * risk
    return MoneyAtRisk(each=each, band=Band(float(each.sum()), float(low), float(high), middle))


def _of_many(worth: Floats, risk: Floats, errors: Floats, rng: np.random.Generator) -> Floats:
    """Money that customers of whom none counts for much take with them in each draw, by the normal law of their sum."""
    if not len(worth):
        return np.zeros(len(errors))
    # mean and variance are smooth in the error: worked out at a few, read off in between
    nodes = np.unique(np.linspace(errors.min(), errors.max(), NODES))
    mean, variance = np.empty(len(nodes)), np.empty(len(nodes))
    for i, error in enumerate(nodes):  # one at a time: there may be millions of customers
        moved = _moved(risk, np.array([error]))[0]
        mean[i] = worth @ moved
        variance[i] = worth**2 @ (moved * (1 - moved))
    spread = np.sqrt(np.interp(errors, nodes, variance))
    lost: Floats = np.interp(errors, nodes, mean) + spread * rng.standard_normal(len(errors))
    return np.clip(lost, 0.0, float(worth.sum()))


def _moved(risk: Floats, errors: Floats) -> Floats:
    """Chances with their odds times e^error, shape (draws, customers)."""
    odds = np.exp(errors)[:, None]
    moved: Floats = risk * odds / ((1 - risk) + risk * odds)
    return moved


def off_by_of(expected: Figure, came: Figure, *, customers: Figure) -> float:
    """How far earlier forecasts were off on the log-odds, beyond chance: the `off_by` of `money_at_risk`.

    `expected` customers who were forecast to buy (or to leave) at each earlier cut-off (k,), those who `came` (k,), out of
    `customers`. The root mean square of logit(came) - logit(expected), less what chance alone makes
    (1 / (n p (1 - p)) each, as if customers were alike), at least 0.

    Errors: `BadFigure`, also where more came than there were, or the columns differ in length.
    Source: the method of moments for a random effect, as in DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177-188.
    """
    forecast = column(expected, "expected")
    seen = column(came, "came", length=len(forecast))
    base = column(customers, "customers", length=len(forecast))
    if not len(base):
        raise BadFigure("one earlier cut-off or more is needed", name="expected")
    for name, counts in (("expected", forecast), ("came", seen)):
        if (counts > base).any():
            row = int(np.argmax(counts > base))
            raise BadFigure(f"{counts[row]:g} of {base[row]:g} customers", name=name, row=row)
    # half a customer on either side keeps "all" and "nobody" finite
    first, second = ((counts + 0.5) / (base + 1) for counts in (forecast, seen))
    miss = np.log(second / (1 - second)) - np.log(first / (1 - first))
    chance = 1 / ((base + 1) * first * (1 - first))
    return float(np.sqrt(max(0.0, float(np.mean(miss**2 - chance)))))


def _draws(draws: int) -> int:
    number = one_figure(draws, "draws", least=1)
    if number != int(number):
        raise BadFigure(f"{number:g} is not a whole number", name="draws")
    return int(number)
