"""What the customer list offers: its columns, orders and filters. Paths that begin with `score` lead to the current judgement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from liuke.customers.fields.rules import UNSORTED, Definition, hides
from liuke.platform.lists.rules import NOBODY, Column, Condition, Field, Kind, Listing, Op, Query
from liuke.scores.questions.rules import OF_JUDGEMENT, events, fields, own_filters
from liuke.scores.sentences.rules import Words, told

PLACE = "customers"
PAGE = 50
FIGURES = frozenset({"whole", "decimal", "money"})
SORTS = ("relation", "profit", "future", "sales_class", "level", "attitude")  # asked for in one menu

COLUMNS = (
    Column("name", _("Customer"), sort="name"),
    Column("number", _("Number"), standard=False),
    Column("grade", _("Grade")),
    Column("risk", _("Churn risk")),
    Column("at_risk", _("Expected loss"), sort="score_value_at_risk_minor", kind=Kind.NUMBER, figure=True),
    Column("value", _("Sales, last 12 months"), sort="score_value_12m_minor", kind=Kind.NUMBER, figure=True),
    Column(
        "profit",
        _("Profit after service"),
        sort="score_profit_minor",
        kind=Kind.NUMBER,
        figure=True,
        standard=False,
    ),
    Column("relation", _("Relationship"), standard=False),
    Column("level", _("Relation level"), standard=False),
    Column("attitude", _("Attitude"), standard=False),
    Column("last_purchase", _("Last order"), sort="last_purchase_at", kind=Kind.INSTANT, nullable=True),
    Column(
        "last_contact",
        _("Last contact"),
        sort="last_contact_at",
        kind=Kind.INSTANT,
        nullable=True,
        spare=True,
    ),
    Column("next", _("Next order expected"), standard=False),
    Column("stage", _("Stage"), standard=False),
    Column("owner", _("Owner")),
    Column(
        "complete",
        _("Card complete"),
        sort="card__percent",
        kind=Kind.NUMBER,
        nullable=True,
        figure=True,
        standard=False,
    ),
    Column(
        "checked",
        _("Card checked"),
        sort="card__verified_at",
        kind=Kind.INSTANT,
        nullable=True,
        standard=False,
    ),
    Column("place", pgettext_lazy("where a customer is", "Place"), standard=False),
)


ORDERS: Mapping[str, Kind] = {"number": Kind.NUMBER, "text": Kind.TEXT, "day": Kind.DATE}


def own_column(known: Definition, language: str, masked: Collection[str] = ()) -> Column:
    """Of what a role does not see the order would tell as much as a search."""
    sorted_by = "" if known.type in UNSORTED or hides(known, masked) else known.name
    kind, figure = ORDERS.get(known.column, Kind.TEXT), known.type in FIGURES
    label = known.label(language)
    return Column(known.name, label, sort=sorted_by, kind=kind, nullable=True, figure=figure, standard=False)


def listing(
    *,
    judged: bool,
    own: Sequence[Definition] = (),
    language: str = "",
    more: Sequence[Field] = (),
    masked: Collection[str] = (),
) -> Listing:
    """The list's declaration, with the company's own fields and what else may be asked. Before the first judgement there
    is nothing to sort or filter by but the record."""
    columns = (*COLUMNS, *(own_column(one, language, masked) for one in own if "list" in one.places))
    filters = (*fields(), *own_filters(own, language, masked=masked), *more)
    whole = Listing(PLACE, columns, filters, sort="-value", events=events(), also=frozenset({"format"}))
    if judged:
        return whole
    kept = tuple(replace(c, sort="") if c.sort.startswith("score_") else c for c in columns)
    return replace(
        whole,
        columns=kept,
        sort="name",
        fields=tuple(f for f in filters if not f.path.startswith("score_")),
        events=tuple(one for one in whole.events if one.name not in OF_JUDGEMENT),
    )


@dataclass(frozen=True)
class Tab:
    """A ready-made view: its address is the filter."""

    label: Any
    query: str


TABS = (
    Tab(_("All"), ""),
    Tab(pgettext_lazy("customers", "Mine"), "owner=me"),
    Tab(_("At risk"), "band=high&sort=-at_risk"),
    Tab(_("About to order"), "about_now=1&sort=-value"),
    Tab(_("No contact for 60 days"), "last_contact.over_days=60&sort=-value"),
    Tab(_("Dormant"), "stage=dormant&sort=-value"),
    Tab(
        _("Incomplete cards"),
        "complete.most=99&sort=complete&columns=name&columns=complete&columns=checked&columns=owner",
    ),
)


def stale_tab(days: int) -> Tab:
    """Cards that nobody has checked within the days that the company has set."""
    return Tab(
        _("Cards to check"),
        f"checked.over_days={days}&sort=checked&columns=name&columns=complete&columns=checked&columns=owner",
    )


LAST_CONTACT = (
    ("last_contact.within_days", "7", _("within 7 days")),
    ("last_contact.within_days", "30", _("within 30 days")),
    ("last_contact.over_days", "30", _("longer ago than 30 days")),
    ("last_contact.over_days", "90", _("longer ago than 90 days")),
    ("last_contact.empty", "1", _("never")),
)


@dataclass(frozen=True)
class Asked:
    """A filter by a field of the company's own as a form asks it: (parameter, hint, value) of its boxes, or its choices."""

    label: str
    kind: str
    boxes: Sequence[tuple[str, Any, str]] = ()
    choices: Sequence[tuple[str, Any, bool]] = ()
    name: str = ""


BOXES: Mapping[Kind, Sequence[tuple[Op, Any]]] = {
    Kind.TEXT: ((Op.HAS, _("contains")),),
    Kind.NUMBER: ((Op.LEAST, _("at least")), (Op.MOST, _("at most"))),
    Kind.DECIMAL: ((Op.LEAST, _("at least")), (Op.MOST, _("at most"))),
    Kind.DATE: ((Op.SINCE, _("from")), (Op.UNTIL, _("until"))),
}


def asked_of(one: Field, given: Mapping[str, Sequence[str]]) -> Asked:
    """`given` are the parameters of the address, for what is asked already."""
    label = str(one.label)
    if one.kind in BOXES:
        boxes = [
            (f"{one.name}.{op}", hint, (given.get(f"{one.name}.{op}") or [""])[-1])
            for op, hint in BOXES[one.kind]
        ]
        return Asked(label, "date" if one.kind == Kind.DATE else "text", boxes)
    known = (
        [("1", _("yes")), ("0", _("no"))]
        if one.kind == Kind.FLAG
        else [*(one.values or ()), (NOBODY, _("not filled in"))]
    )
    on = set(given.get(one.name, ()))
    choices = [(value, name, value in on) for value, name in known]
    return Asked(label, "radio" if one.kind == Kind.FLAG else "checkbox", (), choices, one.name)


# --- what the filters say that no menu shows ---

IN_A_MENU = frozenset({"grade", "band", "moved", "owner", "stage", "last_contact"})


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the list without it."""

    text: str
    query: str


def chips(query: Query, words: Words) -> list[Chip]:
    """Filters that came with a figure's link or from the builder: without a word nobody would know why these customers
    are here."""
    found = []
    for part in query.filter.parts:
        if not isinstance(part, Condition) or part.field.name not in IN_A_MENU:
            rest = tuple(one for one in query.filter.parts if one is not part)
            address = urlencode(replace(query, filter=replace(query.filter, parts=rest)).parameters())
            found.append(Chip(told(part, words), address))
    return found
