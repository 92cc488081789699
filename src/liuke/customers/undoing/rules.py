"""Why an undo leaves something as it is, and what would have to happen first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext

from liuke.customers.findings.rules import FIELDS
from liuke.tabular.files.formulas import neutralised

if TYPE_CHECKING:
    from liuke.customers.models import ImportKept


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


# why -> what is told, and what helps; in the order in which they are looked for
WHY: Final[Mapping[str, tuple[str, str]]] = {
    "orders": (
        gettext_noop("Import %(other)s brought orders for this customer."),
        gettext_noop("Undo that import first, then this one again."),
    ),
    "later": (
        gettext_noop("Import %(other)s has changed this since."),
        gettext_noop("Undo that import first, then this one again."),
    ),
    "bought": (
        gettext_noop("There are orders of this customer that no import brought."),
        gettext_noop("Keep the customer, or take the orders back on the card."),
    ),
    "worked_on": (
        gettext_noop("Somebody has worked with this customer since: a contact, a follow-up or a change."),
        gettext_noop("Look at the card; keep the customer, or merge it into another."),
    ),
    "edited": (
        gettext_noop("Somebody has changed this since; what he wrote stays."),
        gettext_noop("Look at the card, and put it back there if need be."),
    ),
    "held": (
        gettext_noop("Something else refers to this customer."),
        gettext_noop("Look at the card."),
    ),
}
AGAIN: Final = frozenset({"orders", "later"})  # undone, these let the customer go
WHAT: Final[Mapping[str, str]] = {
    "customer": gettext_noop("the customer"),
    "contact": gettext_noop("a person there"),
}
TITLES: Final = (
    gettext_noop("Customer number"),
    gettext_noop("Customer"),
    gettext_noop("What stays"),
    gettext_noop("Why"),
    gettext_noop("What helps"),
)


def told_of(kept: ImportKept, own: Mapping[str, str]) -> tuple[str, str, str]:
    """What stayed of a customer, why, and what helps. `own` are the company's own fields by their names."""
    field = kept.what.removesuffix("_id")
    what = own.get(field) or gettext({**FIELDS, **WHAT}.get(field, field))
    why, remedy = WHY[kept.why]
    return what, gettext(why) % {"other": kept.other_id or ""}, gettext(remedy)


def kept_lines(rows: Iterable[ImportKept], own: Mapping[str, str]) -> Iterator[str]:
    """The same as lines of a file that a spreadsheet opens right."""
    lines = ([one.customer.number, one.customer.name, *told_of(one, own)] for one in rows)
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, lineterminator="\r\n")
    for line in chain([[gettext(title) for title in TITLES]], lines):
        writer.writerow([neutralised(cell) for cell in line])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
