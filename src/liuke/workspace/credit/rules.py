"""The nine uses of a customer card (DB06), each with what serves it here. No database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from liuke.platform.access.rules import Right


@dataclass(frozen=True)
class Use:
    """`route` is opened for the chosen customer; with a `query` it is the list of those who stand like him."""

    place: int  # among the nine
    name: Any
    route: str
    opens: Any
    right: Right = Right.VIEW_CUSTOMERS
    query: str = ""


# Letters to many (2) and the plan of collections (3) come with campaigns and receivables; until then they are not shown.
USES: Sequence[Use] = (
    Use(
        1,
        _("Tell customers from those who may become so"),
        "customers",
        _("All at this stage"),
        query="stage",
    ),
    Use(4, _("Know what and how they buy"), "customer-purchases", _("Purchases and habits")),
    Use(5, _("Let a colleague go on where one left off"), "customer-sheet", _("The card on one page")),
    Use(6, _("Plan a visit that is worth it"), "customer-visit", _("Brief for a visit"), Right.LOG_CONTACTS),
    Use(7, _("Know how things stand and what came of them"), "customer", _("The whole card")),
    Use(8, _("Leave to later colleagues what is worth knowing"), "customer-timeline", _("The timeline")),
    Use(9, _("Trade more or less by credit"), "customer-credit", _("Credit sheet")),
)
