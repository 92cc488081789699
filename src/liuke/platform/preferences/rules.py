"""Every company-wide choice: its key, what holds until somebody chooses otherwise, and what may be chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from liuke.platform.fitting.rules import (
    GRADES,
    GRADING_BASES,
    Unfit,
    choice,
    currency,
    gettext_noop,
    names,
    number,
    number_pattern,
    percentages,
    rates,
    several,
    text,
    whole,
    zone,
)

__all__ = ["CARD_ITEMS", "DECLARED", "SETTINGS", "Setting", "Unfit", "declared", "stored"]


@dataclass(frozen=True)
class Setting:
    """One declared preference. `check` returns the value in its own type or raises Unfit."""

    key: str
    default: Any
    check: Callable[[Any], Any]
    label: str
    kind: str  # how to ask: text, whole, number, choice, zone, currency, percentages, names, rates, money, several
    help: str = ""
    choices: Sequence[tuple[str, str]] = ()
    source: str = "ours"  # where the default comes from: one of the sources, or ours
    parts: Sequence[str] = field(default=())  # of a value with several fields: their names, in order


# What a customer card may be asked to hold, beside the company's own fields, which say it themselves.
CARD_ITEMS: Mapping[str, str] = {
    "phone": gettext_noop("telephone"),
    "email": gettext_noop("e-mail"),
    "wechat": gettext_noop("WeChat"),
    "contact": gettext_noop("contact person"),
    "country": gettext_noop("country"),
    "province": gettext_noop("province"),
    "city": gettext_noop("city"),
    "address": gettext_noop("address"),
    "source": gettext_noop("source"),
    "purpose": gettext_noop("purchase purpose"),
    "industry": gettext_noop("industry"),
    "area": gettext_noop("sales area"),
    "household_size": gettext_noop("people in the household"),
    "department": gettext_noop("department"),
    "grade": gettext_noop("provisional grade"),
}

DECLARED: tuple[Setting, ...] = (
    Setting("company.name", "", text(80), gettext_noop("Company name"), "text"),
    Setting("company.currency", "CNY", currency, gettext_noop("Currency of the company"), "currency"),
    Setting(
        "company.zone",
        "Asia/Shanghai",
        zone,
        gettext_noop("Time zone of the company"),
        "zone",
        gettext_noop("Days begin and end here, and the nightly jobs start by this clock."),
    ),
    Setting(
        "grading.cuts",
        [Decimal(1), Decimal(4), Decimal(15), Decimal(80)],
        percentages,
        gettext_noop("Shares of the value grades"),
        "percentages",
        gettext_noop("Of the active customers, in percent: platinum, gold, iron, lead."),
        source="000",
        parts=GRADES,
    ),
    Setting(
        "grading.base",
        "sales_12m",
        choice(*GRADING_BASES),
        gettext_noop("Value that the grades rank"),
        "choice",
        choices=(
            ("sales_12m", gettext_noop("sales of the last 12 months")),
            ("margin", gettext_noop("margin of the last 12 months")),
            ("clv", gettext_noop("customer lifetime value")),
        ),
    ),
    Setting(
        "grading.active_months",
        12,
        whole(1, 60),
        gettext_noop("Months without an order after which a customer is no longer active"),
        "whole",
        gettext_noop("A customer without an order for longer has no grade."),
    ),
    Setting("grading.names", {}, names, gettext_noop("Your own names for the grades"), "names", parts=GRADES),
    Setting(
        "relationship.budget_minor",
        0,
        whole(0, 10**14),
        gettext_noop("Yearly budget for looking after customers"),
        "money",
        gettext_noop("It is shared out by each customer's part of the sales."),
    ),
    Setting(
        "score.horizon_days", 90, whole(7, 730), gettext_noop("Days that the forecast looks ahead"), "whole"
    ),
    Setting(
        "risk.open_threshold",
        70,
        whole(1, 100),
        gettext_noop("Risk from which a follow-up is opened"),
        "whole",
        gettext_noop("On a scale of 0 to 100."),
    ),
    Setting(
        "churn.dormant_factor",
        Decimal(2),
        number("1", "10"),
        gettext_noop("Dormant after this many of the customer's own intervals"),
        "number",
    ),
    *(
        Setting(f"churn.{name}", default, whole(least, 3650), label, "whole")
        for name, default, least, label in (
            ("dormant_min_days", 90, 1, gettext_noop("Dormant after this many days at the earliest")),
            ("lost_days", 365, 30, gettext_noop("Lost after this many days without an order")),
        )
    ),
    Setting(
        "loyal.min_repeats",
        3,
        whole(1, 50),
        gettext_noop("Repeat orders that make a loyal customer"),
        "whole",
        source="001",
    ),
    Setting(
        "risk.drifting_points",
        5,
        whole(0, 50),
        gettext_noop("Churn risk added where the relationship drifts"),
        "whole",
        gettext_noop("Points of 100. Little volume and little loyalty make the weakest tie."),
    ),
    *(
        Setting(
            f"risk.{name}_points",
            default,
            whole(0, 50),
            label,
            "whole",
            gettext_noop("Points of 100, until it is settled."),
        )
        for name, default, label in (
            ("complaint", 10, gettext_noop("Churn risk added by a complaint that is late to be answered")),
            ("promise", 5, gettext_noop("Churn risk added by a promise that was not kept in time")),
            ("owner", 3, gettext_noop("Churn risk added for three months by a new owner")),
            ("contact", 2, gettext_noop("Churn risk added where contact is overdue by the grade's rhythm")),
        )
    ),
    *(
        Setting(f"service.{name}_minor", default, whole(0, 10**9), label, "money", help=help_)
        for name, default, label, help_ in (
            (
                "visit",
                20_000,
                gettext_noop("What a visit or meeting costs"),
                gettext_noop(
                    "Working time and travel. Profit by customer counts every contact of twelve months."
                ),
            ),
            ("call", 1_000, gettext_noop("What a telephone call costs"), ""),
            ("message", 200, gettext_noop("What a written message costs"), ""),
        )
    ),
    *(
        Setting(f"level.{name}_days", default, whole(0, 365), label, "whole", gettext_noop("0: not at all."))
        for name, default, label in (
            ("hotline", 1, gettext_noop("Reactive: days after a sale for sending the hotline card")),
            ("news", 60, gettext_noop("Proactive: days after a sale for telling what is new")),
            ("fit", 3, gettext_noop("Accountable: days after a sale for the call how it fits")),
            ("questionnaire", 30, gettext_noop("Accountable: days after a sale for the questionnaire")),
            ("review", 90, gettext_noop("Partnership: days after a sale for the review meeting")),
        )
    ),
    Setting(
        "money.rates",
        {},
        rates,
        gettext_noop("Exchange rates"),
        "rates",
        gettext_noop(
            "One currency a line: its code and what one unit is worth in the company's currency, such as USD 7.10, EUR 7.80 "
            "or JPY 0.048. Orders in other currencies stay as they were paid; figures, grades and forecasts take the new "
            "rates with the next judgement."
        ),
    ),
    *(
        Setting(key, default, whole(least, most), label, "whole")
        for key, default, least, most, label in (
            ("today.limit_per_person", 40, 5, 500, gettext_noop("Lines on a person's list of the day")),
            ("price.discounted_percent", 60, 10, 100, gettext_noop("Price-driven: percent of discounts")),
        )
    ),
    Setting(
        "accounts.grades",
        ["platinum"],
        several(*GRADES[:2]),
        gettext_noop("Grades whose customers need an account plan"),
        "several",
        choices=(("platinum", gettext_noop("Platinum")), ("gold", gettext_noop("Gold"))),
    ),
    Setting(
        "followups.quiet_days",
        30,
        whole(1, 365),
        gettext_noop("Days for which a dismissed suggestion stays away"),
        "whole",
    ),
    Setting(
        "followups.word_days",
        14,
        whole(1, 365),
        gettext_noop("Days for which who said they will order is not asked to reorder"),
        "whole",
        gettext_noop("No longer than the customer usually takes between two orders."),
    ),
    *(
        Setting(key, default, whole(low, high), label, "whole", help_)
        for key, default, low, high, label, help_ in (
            (
                "exports.approve_from",
                500,
                0,
                10_000_000,
                gettext_noop("Customers in one export from which it is to be approved"),
                gettext_noop("By somebody with the right to, who is another. 0: never."),
            ),
            (
                "exports.hours",
                48,
                1,
                720,
                gettext_noop("Hours for which an approved export can be fetched"),
                "",
            ),
            (
                "reading.slow_at",
                90,
                0,
                100_000,
                gettext_noop("Pages within ten minutes from which reading is slowed down"),
                gettext_noop("Cards, list pages and searches of one person. 0: never."),
            ),
            (
                "reading.ask_at",
                180,
                0,
                100_000,
                gettext_noop("Pages within ten minutes from which a reason is asked for"),
                gettext_noop(
                    "Whoever leads the reader is told on Today. A reason holds for an hour. 0: never."
                ),
            ),
            (
                "reading.keep_days",
                180,
                91,
                730,
                gettext_noop("Days for which it is kept who opened which card"),
                "",
            ),
            (
                "masking.reveals_a_day",
                20,
                1,
                1000,
                gettext_noop("Customers of whom somebody may see what is hidden, in a day"),
                gettext_noop(
                    "Each with a reason, kept in the audit. Which role sees what is set with the roles."
                ),
            ),
            (
                "handovers.calls_a_day",
                10,
                1,
                200,
                gettext_noop("New customers that a successor introduces himself to in a day"),
                gettext_noop(
                    "The most valuable at risk come first; the rest follow on the next working days."
                ),
            ),
            (
                "handovers.undo_days",
                14,
                0,
                90,
                gettext_noop("Days for which a handover can be taken back"),
                "",
            ),
        )
    ),
    Setting(
        "holdings.replacement_years",
        8,
        whole(1, 50),
        gettext_noop("Years after which what a customer owns is usually replaced"),
        "whole",
        gettext_noop(
            "A car on average after eight. A follow-up asks in time; a holding may have a day of its own."
        ),
        source="003",
    ),
    Setting(
        "holdings.notice_days",
        30,
        whole(0, 365),
        gettext_noop("Days ahead on which service, warranty, insurance and replacement are asked for"),
        "whole",
    ),
    Setting(
        "card.number_pattern",
        "C000000",
        number_pattern,
        gettext_noop("Pattern of customer numbers"),
        "text",
        gettext_noop("KH-00000 makes the next number KH-00042. Numbers that are given stay as they are."),
    ),
    Setting(
        "card.required_enterprise",
        ["phone", "contact", "country", "city", "address", "source", "grade"],
        several(*CARD_ITEMS),
        gettext_noop("What a complete card of a firm holds"),
        "several",
        gettext_noop(
            "What a customer's scope does not ask is not missed. Fields of your own say it themselves. With the "
            "provisional grade among them no new card is saved without."
        ),
        choices=tuple(CARD_ITEMS.items()),
    ),
    Setting(
        "card.required_individual",
        ["phone", "city", "source", "grade"],
        several(*CARD_ITEMS),
        gettext_noop("What a complete card of a person holds"),
        "several",
        choices=tuple(CARD_ITEMS.items()),
    ),
    Setting(
        "card.first_grade",
        "lead",
        choice("lead", "iron", "gold", "platinum", "ask"),
        gettext_noop("Provisional grade that the form of a new customer proposes"),
        "choice",
        gettext_noop("Of a stranger nobody knows what they will buy: the night judges it from their orders."),
        choices=(
            ("lead", gettext_noop("Lead: not known yet")),
            ("iron", gettext_noop("Iron")),
            ("gold", gettext_noop("Gold")),
            ("platinum", gettext_noop("Platinum")),
            ("ask", gettext_noop("None: it is asked each time")),
        ),
    ),
    Setting(
        "card.first_contact_days",
        3,
        whole(0, 90),
        gettext_noop("Days until the first contact that the form of a new customer proposes"),
        "whole",
    ),
    Setting(
        "card.stale_days",
        180,
        whole(1, 3650),
        gettext_noop("Days after which a card is to be checked again"),
        "whole",
        gettext_noop("Counted from when somebody last said that it is right."),
    ),
    *(
        Setting(f"credit.{grade}_months", months, whole(0, 24), label, "whole")
        for grade, months, label in (
            ("platinum", 3, gettext_noop("Platinum: months of their own sales that they may owe")),
            ("gold", 2, gettext_noop("Gold: months of their own sales that they may owe")),
            ("iron", 1, gettext_noop("Iron: months of their own sales that they may owe")),
            ("lead", 0, gettext_noop("Lead: months of their own sales that they may owe")),
        )
    ),
    Setting(
        "visits.look_hours",
        24,
        whole(1, 240),
        gettext_noop("Hours before a visit within which the card is to be looked at"),
        "whole",
        gettext_noop("Whoever begins a visit without is warned, and it is counted."),
    ),
    Setting(
        "visits.write_hours",
        24,
        whole(1, 240),
        gettext_noop("Hours after a visit within which it is to be written up"),
        "whole",
        gettext_noop("After that it is on the visitor's Today and on the supervisor's list."),
    ),
    Setting(
        "webhooks.hosts",
        "",
        text(1000),
        gettext_noop("Hosts that webhooks may call"),
        "text",
        gettext_noop(
            "By their names, with spaces between: shop.example.com. Empty: none. Only what is on the open internet."
        ),
    ),
    Setting(
        "api.per_minute",
        600,
        whole(10, 100_000),
        gettext_noop("Calls that a token may make in a minute"),
        "whole",
        gettext_noop("Programs that call the API are asked to wait beyond that."),
    ),
    *(
        Setting(
            f"tips.{purpose}",
            "",
            text(300),
            label,
            "text",
            gettext_noop("Shown on the card. Left blank, our own advice is shown in the reader's language."),
        )
        for purpose, label in (
            ("end_consumer", gettext_noop("How we treat end customers")),
            ("middleman", gettext_noop("How we treat middlemen")),
        )
    ),
)
# Nobody chooses these: they change with what they stand for, and whoever keeps a copy of that compares them.
TOKENS: tuple[Setting, ...] = (
    Setting("fields.edition", "", text(40), "", "token"),
)  # fields of customer cards

# Chosen on a page of its own, because more comes with it (customers/holdings, packs of trades).
APART: tuple[Setting, ...] = (
    Setting(
        "holdings.pack",
        "neutral",
        choice("neutral", "car", "estate", "trade", "telecom"),
        gettext_noop("Trade of the company"),
        "choice",
    ),
)

SETTINGS: Mapping[str, Setting] = {setting.key: setting for setting in (*DECLARED, *TOKENS, *APART)}


def declared(key: str) -> Setting:
    """The declaration of `key`; a key nobody declared is a mistake in the code and says so."""
    try:
        return SETTINGS[key]
    except KeyError:
        raise KeyError(
            f"no preference is called {key!r}; declare it in platform/preferences/rules.py"
        ) from None


def stored(value: Any) -> Any:
    """`value` as JSON keeps it: decimals as text, so that no digit is lost on the way."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return [stored(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): stored(item) for name, item in value.items()}
    return value
