"""What an import is told to do, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from liuke.customers.reading.actions import as_dict
from liuke.customers.reading.rules import Choices
from liuke.customers.recognising.rules import fields_of_key
from liuke.tabular import Order, Problem

if TYPE_CHECKING:
    from liuke.customers.imports.models import ImportBatch

SHOWN_PROBLEMS: Final = 20  # before the import; all of them are in the rejects file
STAGE_SHAPE: Final = 6  # of the files below a stage; one that an older version left is made anew
NOT_YET: Final = (
    "uploaded",
    "checked",
    "failed",
)  # states in which a batch may still be changed or thrown away
UNDOABLE: Final = ("done", "failed", "running", "undoing")


class NotNow(Exception):
    """The batch is not in a state for this. `message` is a msgid; `params` fill it once it is translated."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message, self.params = message, params


Over: TypeAlias = Callable[["ImportBatch", datetime], None]
WHEN_OVER: list[Over] = []


def when_over(reaction: Over) -> Over:
    """Marks a function of a reactions.py that is to hear of each import once it is through, and once it is undone.

    Its facts tell of single orders while it still runs, and after an undo there is no fact left.
    """
    if reaction not in WHEN_OVER:
        WHEN_OVER.append(reaction)
    return reaction


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


def choices_from(kept: Mapping[str, Any], *, currency: str, zone: str, today: date, epoch: int) -> Choices:
    """The person's choices as they are kept; what was not chosen is as the company has it.

    A date more than a day ahead is a mistake: nobody has bought anything then.
    """
    order = kept.get("date_order")
    return Choices(
        currency=kept.get("currency") or currency,
        zone=kept.get("zone") or zone,
        date_order=Order(order) if order else None,
        latest=today + timedelta(days=1),
        clear_blanks=bool(kept.get("clear_blanks")),
        epoch=epoch,
        key=fields_of_key(kept.get("key") or ""),
    )


def counts_of(staged: Mapping[str, Any], compared: Mapping[str, int], incomplete: int) -> dict[str, Any]:
    """Rows of the file, each counted once: created, updated, unchanged and rejected make up all of them.

    `incomplete` are those among the first three that come in without one of their cells.
    """
    rest = {name: count for name, count in compared.items() if name != "out_of_reach"}
    rejected = staged["rejected"] + compared["out_of_reach"]
    return {
        "rows": staged["rows"],
        **rest,
        "rejected": rejected,
        **({"incomplete": incomplete} if incomplete else {}),
    }


def remarks_of(staged: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was noticed about the whole file, and about values that were taken nevertheless."""
    told = [
        {
            "code": code,
            "row": None,
            "field": seen["field"],
            "value": seen["value"],
            "params": seen["params"],
        }
        for code, seen in staged["told"].items()
    ]
    return [*staged["remarks"], *told]


def assumed_currency(batch: ImportBatch, currency: str, of_company: str) -> list[dict[str, Any]]:
    """That amounts are taken as the company's money because nobody has said what they are in."""
    if batch.target != "purchases" or "currency" in batch.mapping or currency != of_company:
        return []
    return [as_dict(Problem("currency_assumed", value=currency))]


def as_changes(counts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Counts in the form of an audit entry."""
    return {name: [None, count] for name, count in counts.items()}


def without_samples(reading: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody's data is kept twice: the rows shown for matching columns go once the file is in."""
    return {
        name: value
        for name, value in reading.items()
        if name not in {"samples", "sample_rows", "all_samples"}
    }
