"""What the customer list offers: its columns, orders and filters. Paths that begin with `score` lead to the current judgement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from liuke.customers.records.models import kinds, scopes, stages
from liuke.platform.lists.rules import Column, Field, Kind, Listing
from liuke.scores.grades.rules import BANDS, GRADES

PLACE = "customers"
PAGE = 50

COLUMNS = (
    Column("name", _("Customer"), sort="name"),
    Column("number", _("Number"), standard=False),
    Column("grade", _("Grade")),
    Column("risk", _("Churn risk")),
    Column("at_risk", _("Money at risk"), sort="score_value_at_risk_minor", kind=Kind.NUMBER, figure=True),
    Column("value", _("Sales, last 12 months"), sort="score_value_12m_minor", kind=Kind.NUMBER, figure=True),
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
    Column("owner", _("Owner"), spare=True),
    Column("place", pgettext_lazy("where a customer is", "Place"), standard=False),
)


def fields() -> tuple[Field, ...]:
    return (
        Field("grade", _("Grade"), Kind.CHOICE, "score_grade", [(code, code) for code in GRADES]),
        Field("band", _("Churn risk"), Kind.CHOICE, "score_band", [(code, code) for code in BANDS]),
        Field("moved", _("Moved within a month"), Kind.CHOICE, "score_moved", [("rose", ""), ("fell", "")]),
        Field("about_now", _("About to order"), Kind.FLAG, "score_about_now"),
        Field("owner", _("Owner"), Kind.PERSON, "owner_id"),
        Field("stage", _("Stage"), Kind.CHOICE, "stage", stages()),
        Field("scope", _("Scope"), Kind.CHOICE, "scope", scopes()),
        Field("kind", _("Kind"), Kind.CHOICE, "kind", kinds()),
        Field("country", _("Country"), Kind.TEXT, "country"),
        Field("last_contact", _("Last contact"), Kind.INSTANT, "last_contact_at"),
        Field("last_purchase", _("Last order"), Kind.INSTANT, "last_purchase_at"),
        Field("first_purchase", _("First order"), Kind.INSTANT, "first_purchase_at"),
    )


def listing(*, judged: bool) -> Listing:
    """The list's declaration. Before the first judgement there is nothing to sort or filter by but the record."""
    whole = Listing(PLACE, COLUMNS, fields(), sort="-value", also=frozenset({"format"}))
    if judged:
        return whole
    kept = tuple(replace(c, sort="") if c.sort.startswith("score_") else c for c in COLUMNS)
    return replace(
        whole,
        columns=kept,
        sort="name",
        fields=tuple(f for f in fields() if not f.path.startswith("score_")),
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
)
LAST_CONTACT = (
    ("last_contact.within_days", "7", _("within 7 days")),
    ("last_contact.within_days", "30", _("within 30 days")),
    ("last_contact.over_days", "30", _("longer ago than 30 days")),
    ("last_contact.over_days", "90", _("longer ago than 90 days")),
    ("last_contact.empty", "1", _("never")),
)
