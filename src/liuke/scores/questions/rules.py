"""What may be asked of a customer: by a list's filters, a saved view, a segment. Paths that begin with `score` lead to the
current judgement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from liuke.customers.fields.actions import rows_kept
from liuke.customers.fields.rules import Definition, hides
from liuke.customers.keeping.rules import STEPS
from liuke.customers.needs.rules import LEVELS as LEVELS_OF_NEED
from liuke.customers.records.models import kinds, point_kinds, purposes, scopes, stages
from liuke.customers.standings.rules import ATTITUDES, DECLINES, LEVELS, RELATIONS
from liuke.customers.timeline.rules import CHANNELS, GRADES, OUTCOMES
from liuke.platform.kit.templatetags.badges import BAND_WORDS
from liuke.platform.lists.rules import Event, Field, Kind
from liuke.scores.classes.rules import FUTURE_CELLS, PROFIT_CELLS, SALES_CLASSES
from liuke.scores.questions import actions as rows

MONEY, PERCENT = "money", "percent"  # units of a Field
BANDS = [(code, name) for code, name in BAND_WORDS.items() if code]
MOVED: Mapping[str, Any] = {"rose": _("Rose"), "fell": _("Fell")}
STANDING_ORDER = {"purchases__kind": "order", "purchases__taken_back_at": None}
NAMED_GRADES = [(code, name) for code, name in GRADES.items() if code]


def themes() -> list[tuple[Any, tuple[Field, ...]]]:
    """All that may be asked of a customer himself, as people look for it."""
    return [
        (_("Value and forecast"), _judged()),
        (_("Relationship and owner"), _decided()),
        (_("Record"), _recorded()),
        (pgettext_lazy("what is asked", "Days"), _dated()),
        (_("Contact and complaints"), _hanging()),
    ]


def fields() -> tuple[Field, ...]:
    return tuple(one for _theme, some in themes() for one in some)


def _judged() -> tuple[Field, ...]:
    choice, number = Kind.CHOICE, Kind.NUMBER
    classes = [(code, code) for code in SALES_CLASSES]
    return (
        Field("grade", _("Grade"), choice, "score_grade", NAMED_GRADES),
        Field("band", _("Churn risk"), choice, "score_band", BANDS),
        Field("risk", _("Churn risk, 0 to 100"), number, "score_risk"),
        Field("moved", _("Moved within a month"), choice, "score_moved", list(MOVED.items())),
        Field("sales_class", _("Class by sales"), choice, "score_sales_class", classes),
        Field("value", _("Sales, last 12 months"), number, "score_value_12m_minor", unit=MONEY),
        Field("total", _("Sales of all time"), number, "score_total_minor", unit=MONEY),
        Field("orders", _("Number of orders"), number, "score_purchases"),
        Field("at_risk", _("Expected loss"), number, "score_value_at_risk_minor", unit=MONEY),
        Field("expected", _("Expected sales"), number, "score_expected_value_minor", unit=MONEY),
        Field("clv", _("Lifetime value to come"), number, "score_clv_minor", unit=MONEY),
        Field("earned", _("Profit after service"), number, "score_profit_minor", unit=MONEY),
        Field("p_buy", _("Chance of an order"), Kind.DECIMAL, "score_p_buy", unit=PERCENT),
        Field("loyalty", _("Loyalty, 0 to 100"), number, "score_loyalty"),
        Field(
            "price_driven",
            _("Buys mostly with a discount"),
            Kind.FLAG,
            "",
            rows=rows.price_driven,
            of="customer",
        ),
        Field("about_now", _("About to order"), Kind.FLAG, "score_about_now"),
        Field("next_order", _("Next order expected"), Kind.DATE, "score_next_on"),
        Field("relation", _("Relationship"), choice, "score_relation", list(RELATIONS.items())),
        Field(
            "profit",
            _("Profit and the cost of service"),
            choice,
            "score_profit_cell",
            list(PROFIT_CELLS.items()),
        ),
        Field("future", _("Profit now and to come"), choice, "score_future_cell", list(FUTURE_CELLS.items())),
    )


def _decided() -> tuple[Field, ...]:
    return (
        Field("level", _("Relation level"), Kind.CHOICE, "level", list(LEVELS.items())),
        Field("attitude", _("Attitude"), Kind.CHOICE, "attitude", list(ATTITUDES.items())),
        Field(
            "decline",
            _("Why they buy less"),
            Kind.CHOICE,
            "value",
            list(DECLINES.items()),
            rows=rows.declines,
            of="customer",
        ),
        Field("stage", _("Stage"), Kind.CHOICE, "stage", stages()),
        Field("account", _("Key account"), Kind.INSTANT, "started_at", rows=rows.key_accounts, of="customer"),
        Field(
            "review",
            _("Review of the account plan"),
            Kind.DATE,
            "next_review_on",
            rows=rows.key_accounts,
            of="customer",
        ),
        Field(
            "step",
            _("Next step of the relationship"),
            Kind.CHOICE,
            "stuck",
            list(STEPS.items()),
            rows=rows.steps,
            of="customer",
        ),
        Field("owner", _("Owner"), Kind.PERSON, "owner_id"),
        Field("team", _("Team"), Kind.PERSON, "team_id"),
    )


def _recorded() -> tuple[Field, ...]:
    return (
        Field("scope", _("Scope"), Kind.CHOICE, "scope", scopes()),
        Field("kind", _("Kind"), Kind.CHOICE, "kind", kinds()),
        Field("purpose", _("Purchase purpose"), Kind.CHOICE, "purpose", [c for c in purposes() if c[0]]),
        Field("country", _("Country"), Kind.TEXT, "country"),
        Field("province", _("Province"), Kind.TEXT, "province"),
        Field("city", _("City"), Kind.TEXT, "city"),
        Field("source", _("Source"), Kind.TEXT, "source"),
        Field("imported", _("Came with import"), Kind.NUMBER, "batch_id"),
        Field("complete", _("Card complete"), Kind.NUMBER, "card__percent"),
    )


def _dated() -> tuple[Field, ...]:
    return (
        Field("checked", _("Card checked"), Kind.INSTANT, "card__verified_at"),
        Field("returned", _("Card returned"), Kind.INSTANT, "card__returned_at"),
        Field("last_contact", _("Last contact"), Kind.INSTANT, "last_contact_at"),
        Field("last_purchase", _("Last order"), Kind.INSTANT, "last_purchase_at"),
        Field("first_purchase", _("First order"), Kind.INSTANT, "first_purchase_at"),
        Field("registered", _("Registered"), Kind.INSTANT, "created_at"),
        Field("bought", _("Ordered"), Kind.INSTANT, "purchases__at", among=STANDING_ORDER),
    )


def _hanging() -> tuple[Field, ...]:
    of, instant = "customer", Kind.INSTANT
    return (
        Field(
            "need", _("Open need"), Kind.CHOICE, "level", list(LEVELS_OF_NEED.items()), rows=rows.needs, of=of
        ),
        Field("plan", _("Loyalty plan"), instant, "opened_at", rows=rows.keeping_plans, of=of),
        Field("reach", _("Known ways to reach"), Kind.CHOICE, "kind", point_kinds(), rows=rows.points, of=of),
        Field("planned", _("Next contact planned"), instant, "due_at", rows=rows.planned, of=of),
        *_matters(),
        Field("complaint", _("Open complaint"), instant, "at", rows=rows.open_complaints, of=of),
    )


MATTERS = [("complaint", _("Complaint")), ("promise", _("Promise")), ("task", _("Follow-up"))]


def _matters() -> tuple[Field, ...]:
    """What was owed to a customer by an hour, and what became of it."""
    asked = (
        ("todo", _("To be done"), rows.planned),
        ("overdue", _("Overdue"), rows.overdue),
        ("in_time", _("Done in time, last 90 days"), rows.in_time),
        ("too_late", _("Late or not done, last 90 days"), rows.too_late),
    )
    return tuple(
        Field(name, label, Kind.CHOICE, "kind", MATTERS, rows=which, of="customer")
        for name, label, which in asked
    )


# --- what happens with a customer ---

OF_JUDGEMENT = frozenset({"moved_grade"})  # events that the night tells, not the ledger


def events() -> tuple[Event, ...]:
    when, channel = (
        Field("at", _("When"), Kind.INSTANT, "at"),
        Field("channel", pgettext_lazy("of an order", "Channel"), Kind.TEXT, "channel"),
    )
    bought = Event(
        "bought",
        _("Bought"),
        rows.orders,
        "customer",
        (when, channel),
        sums="amount_minor",
        detailed=Event(
            "bought",
            _("Bought"),
            rows.order_lines,
            "purchase__customer",
            (
                Field("product", _("Product"), Kind.TEXT, "product__name"),
                Field("code", _("Product code"), Kind.TEXT, "product__code"),
                Field("category", _("Category"), Kind.TEXT, "product__category"),
                Field("channel", pgettext_lazy("of an order", "Channel"), Kind.TEXT, "purchase__channel"),
                Field("at", _("When"), Kind.INSTANT, "ordered_at"),
            ),
            once="purchase",
            sums="amount_minor",
        ),
    )
    by = Field("by", pgettext_lazy("a contact", "By"), Kind.CHOICE, "data__channel", list(CHANNELS.items()))
    outcome = Field("outcome", _("Outcome"), Kind.CHOICE, "data__outcome", list(OUTCOMES.items()))
    became = Field("to", _("To"), Kind.CHOICE, "to_stage", stages())
    grade_from = Field("from", pgettext_lazy("a grade before", "From"), Kind.CHOICE, "before", NAMED_GRADES)
    grade_to = Field("to", pgettext_lazy("a grade after", "To"), Kind.CHOICE, "after", NAMED_GRADES)
    return (
        bought,
        Event("returned", _("Returned or cancelled"), rows.returns, "customer", (when,)),
        Event("contacted", _("Was contacted"), rows.contacts, "customer", (by, outcome, when)),
        Event("complained", _("Complained"), rows.complaints, "customer", (when,)),
        Event("moved_stage", _("Changed the stage"), rows.stage_changes, "customer", (became, when)),
        Event(
            "moved_grade",
            _("Changed the grade"),
            rows.grade_changes,
            "customer",
            (grade_from, grade_to, when),
        ),
    )


# --- fields of the company's own ---

# The kind of question that a company's own field of a type is asked.
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("text", "link", "phone", "email", "identity"), Kind.TEXT),
    **dict.fromkeys(("one", "several"), Kind.CHOICE),
    **dict.fromkeys(("decimal", "money"), Kind.DECIMAL),
    "whole": Kind.NUMBER,
    "customer": Kind.NUMBER,
    "date": Kind.DATE,
    "flag": Kind.FLAG,
}


def own_filter(known: Definition, language: str) -> Field:
    """Asked of the rows of values, each by its own index; what a person typed is a parameter there as everywhere."""
    values = [(one.code, one.name) for one in known.options] if known.options else None
    return Field(
        known.name,
        known.label(language),
        KINDS[known.type],
        known.column,
        values,
        rows=partial(rows_kept, known),
        of="customer",
        scale=known.scale,
    )


def own_filters(
    own: Sequence[Definition], language: str, *, masked: Collection[str] = ()
) -> tuple[Field, ...]:
    """What a role does not see (`masked`) it may not ask for either: nobody is found by a part of a number."""
    asked = [one for one in own if "filter" in one.places and one.type in KINDS and not hides(one, masked)]
    return tuple(own_filter(one, language) for one in asked)
