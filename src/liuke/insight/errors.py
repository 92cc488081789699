"""What insight refuses (errors) and what it does but says aloud (warnings).

Every error is an `InsightError`, every warning an `InsightWarning`: catch the family or one kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def gettext_noop(message: str) -> str:
    """Marks a text for the catalogues of whoever tells it; nothing here is translated."""
    return message


class InsightError(ValueError):
    """The input cannot give an honest answer."""

    def told(self, words: Callable[[str], str] = str) -> str:
        """The message for a person; `words` translates the texts that it is made of."""
        return str(self)


class BadTable(InsightError):
    """A table cannot be used; names the table, the column and (counted from 0) the first offending row."""

    def __init__(
        self, problem: str, *, table: str = "table", column: str | None = None, row: int | None = None
    ) -> None:
        self.problem, self.table, self.column, self.row = problem, table, column, row
        where = table
        if column is not None:
            where += f", column {column!r}"
        if row is not None:
            where += f", row {row} (counted from 0)"
        super().__init__(f"{where}: {problem}")

    def __reduce__(self) -> tuple[object, ...]:
        return _bad_table, (type(self), self.problem, self.table, self.column, self.row)


def _bad_table(
    kind: type[BadTable], problem: str, table: str, column: str | None, row: int | None
) -> BadTable:
    return kind(problem, table=table, column=column, row=row)


class TooManyRows(InsightError):
    """More rows than the process that asked for them may take from a cluster."""


class MissingColumn(BadTable):
    """A column that the step needs is not in the table."""


class DuplicateCustomer(BadTable):
    """One customer stands in two rows of a table that holds one row per customer."""


class EmptyArm(BadTable):
    """An experiment without anybody (or with too few to measure spread) in an arm: there is nothing to compare with."""

    def __init__(
        self,
        arm: object,
        found: int,
        needed: int,
        *,
        table: str = "experiment",
        column: str | None = "arm",
    ) -> None:
        self.arm, self.found, self.needed = arm, found, needed
        super().__init__(
            f"arm {arm!r} has {found} customers, at least {needed} are needed", table=table, column=column
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _empty_arm, (self.arm, self.found, self.needed, self.table, self.column)


def _empty_arm(arm: object, found: int, needed: int, table: str, column: str | None) -> EmptyArm:
    return EmptyArm(arm, found, needed, table=table, column=column)


class BadFigure(InsightError):
    """A figure given to a calculation is out of its range; names it and, in a column of figures, the row from 0."""

    def __init__(self, problem: str, *, name: str, row: int | None = None) -> None:
        self.problem, self.name, self.row = problem, name, row
        where = name if row is None else f"{name}, row {row} (counted from 0)"
        super().__init__(f"{where}: {problem}")

    def __reduce__(self) -> tuple[object, ...]:
        return _bad_figure, (self.problem, self.name, self.row)


def _bad_figure(problem: str, name: str, row: int | None) -> BadFigure:
    return BadFigure(problem, name=name, row=row)


class BadHorizon(InsightError):
    """A horizon, period or rate outside its range (a horizon is finite and above zero)."""


class BadDay(InsightError):
    """A day on which the log cannot be judged: nobody had bought yet. `what` is a text with {names}, which `known` fills."""

    def __init__(self, what: str, **known: Any) -> None:
        self.what, self.known = what, known
        super().__init__(what.format_map(known))

    def told(self, words: Callable[[str], str] = str) -> str:
        return words(self.what).format_map(self.known)

    def __reduce__(self) -> tuple[object, ...]:
        return _bad_day, (self.what, self.known)


def _bad_day(what: str, known: dict[str, Any]) -> BadDay:
    return BadDay(what, **known)


class NotFitted(InsightError):
    """Asked for a result before `fit`."""


class TooFewCustomers(InsightError):
    """Fewer customers than the model needs; carries both numbers, and which customers were `counted`: all that the table has
    ("customers"), or those of them who bought twice ("repeaters").
    """

    def __init__(self, found: int, needed: int, model: str, counted: str = "customers") -> None:
        self.found, self.needed, self.model, self.counted = found, needed, model, counted
        super().__init__(f"{model} needs at least {needed} customers, the table has {found}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.found, self.needed, self.model, self.counted)


class NoRepeatBuyers(InsightError):
    """Nobody bought twice: a rate of coming back cannot be learnt."""


class BadModelFile(InsightError):
    """A saved model of another kind, of a newer version, or damaged."""


class BadState(InsightError):
    """A kept state that can't be used as asked: another version, damaged, in use, or at odds with what is added to it.

    `problem` is a text with {names}, which `known` fills.
    """

    def __init__(self, problem: str, *, folder: str, **known: Any) -> None:
        self.problem, self.folder, self.known = problem, folder, known
        super().__init__(self.told())

    def told(self, words: Callable[[str], str] = str) -> str:
        said = words(self.problem).format_map(self.known)
        return words(gettext_noop("state {folder}: {problem}")).format(folder=self.folder, problem=said)

    def __reduce__(self) -> tuple[object, ...]:
        return _bad_state, (self.problem, self.folder, self.known)


def _bad_state(problem: str, folder: str, known: dict[str, Any]) -> BadState:
    return BadState(problem, folder=folder, **known)


class MissingExtra(InsightError, ImportError):
    """What was asked for needs a library that is an optional extra of this one."""

    def told(self, words: Callable[[str], str] = str) -> str:
        return words(str(self))


class InsightWarning(UserWarning):
    """The answer stands, with a reservation the reader must know."""


class BoundaryFit(InsightWarning):
    """The best fit lies at the edge of the model ("nobody leaves"): the data do not carry that part."""


class NotConverged(InsightWarning):
    """The optimum could not be verified (gradient or curvature); the figures are the best point found."""


class OneTimeBuyers(InsightWarning):
    """BG/NBD holds every one-time buyer to be alive for certain; MBG/NBD or Pareto/NBD judge them."""


class UnknownSeason(InsightWarning):
    """The log does not show the same weeks of last year: the total may be off by a season, and its interval is wider."""


class HeavyTail(InsightWarning):
    """The fitted spend has no finite mean (Gamma-Gamma with q <= 1); medians stand in for it."""


class DependentSpend(InsightWarning):
    """Spend and frequency move together in the data, which Gamma-Gamma assumes they do not."""


class FreePurchases(InsightWarning):
    """Repeat buyers whose purchases cost nothing were left out of a fit of spend (amounts above 0)."""


class SkewedOutcome(InsightWarning):
    """A few customers carry so much of the outcome that an interval from the normal law misses on one side."""


class SampleRatioMismatch(InsightWarning):
    """The arms are not as large as the drawing would make them: somebody was lost or added by arm, so don't compare."""


class NotIndependent(InsightWarning):
    """A covariate that should have been known beforehand differs between the arms more than chance allows."""


class HeldAtEdge(InsightWarning):
    """A share above 100 % (or a result that cannot be true) was held at its edge, or is passed on with this word."""
