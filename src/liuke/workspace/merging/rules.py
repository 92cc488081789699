"""Records side by side: what they say, where they differ, and whose word counts unless somebody decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from liuke.customers.merging.rules import BOTH, NAMES, UNITS

# What comes along, in words; the tables that hang on a customer are brought all (customers.bringing).
COUNTED: Final[Mapping[str, Any]] = {
    "purchases": _("Orders"),
    "facts": _("Entries of the timeline"),
    "contacts": _("Persons"),
    "points": _("Ways to reach them"),
    "followups": _("Follow-ups"),
    "dates": _("Important dates"),
    "holdings": _("What they own"),
    "departments": _("Departments"),
}
LIKELY, VERY_LIKELY = 60, 80


@dataclass(frozen=True)
class Cell:
    whose: int  # the customer, or BOTH
    number: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Line:
    unit: str
    label: Any
    cells: Sequence[Cell]
    differs: bool  # there is something to choose
    both: Cell | None = None


def line(
    unit: str, label: Any, texts: Mapping[int, str], numbers: Mapping[int, str], chosen: int
) -> Line | None:
    """None where nobody has anything to say."""
    said = {text for text in texts.values() if text}
    if not said:
        return None
    cells = [Cell(pk, numbers[pk], text, pk == chosen) for pk, text in texts.items()]
    both = Cell(BOTH, "", "", chosen == BOTH) if unit == "note" and len(said) > 1 else None
    return Line(unit, label, cells, len(set(texts.values())) > 1, both)


def kept_names(kept: Sequence[tuple[str, str]]) -> tuple[list[str], int]:
    """What an undo left as somebody has changed it since: names of the record's units, and how many other entries."""
    of_column = {column: unit for unit, columns in UNITS.items() for column in columns}
    units = [of_column.get(column) for model, column in kept if model == "customers.Customer"]
    named = list(dict.fromkeys(NAMES[unit] for unit in units if unit))
    return named, sum(model != "customers.Customer" for model, _column in kept)


def likelihood(score: int) -> tuple[Any, str]:
    """In a word, with its tone."""
    if score >= VERY_LIKELY:
        return _("very likely"), "danger"
    return (_("likely"), "warn") if score >= LIKELY else (_("possible"), "info")
