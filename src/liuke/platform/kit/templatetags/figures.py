"""Money, numbers, percentages, days and instants, as the reader's language writes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from liuke.platform.kit import rules

register = template.Library()

MISSING = (
    None,
    "",
)  # "" is what a template makes of a name that is not there, such as the score before the first night


def language() -> str:
    return get_language() or "zh-hans"


def nothing() -> SafeString:
    """A figure that isn't there: a dash to look at, a word to listen to."""
    return format_html(
        '<span class="none" aria-hidden="true">–</span><span class="sr">{}</span>', gettext("none")
    )


@register.simple_tag
def money(
    minor: int | str | None,
    currency: str = "",
    *,
    exact: bool = False,
    short: bool = False,
    signed: bool = False,
) -> SafeString:
    """`{% money c.total_minor c.currency %}`: whole units; the exact amount is its title."""
    if minor in MISSING:
        return nothing()
    minor = int(minor)
    text = rules.money_text(minor, currency, language(), exact=exact, short=short)
    if signed and minor > 0:
        text = f"+{text}"
    full = rules.money_text(minor, currency, language(), exact=True)
    if full == text:
        return format_html('<span class="num">{}</span>', text)
    return format_html('<span class="num" title="{}">{}</span>', full, text)


@register.simple_tag
def country(code: str) -> str:
    """`{% country c.country %}`: "CN" by its name in the reader's language."""
    return rules.country_text(code, language())


@register.simple_tag
def number(value: float | Decimal | None, decimals: int = 0) -> SafeString:
    if value in MISSING:
        return nothing()
    return format_html('<span class="num">{}</span>', rules.number_text(value, language(), decimals=decimals))


@register.simple_tag
def percent(fraction: float | Decimal | None, decimals: int = 0) -> SafeString:
    """`{% percent 0.41 %}` → 41%."""
    if fraction in MISSING:
        return nothing()
    return format_html(
        '<span class="num">{}</span>', rules.percent_text(fraction, language(), decimals=decimals)
    )


@register.simple_tag
def change(fraction: float | Decimal | None, good: str = "up", decimals: int = 1) -> SafeString:
    """`{% change 0.082 good="down" %}`: an arrow, a sign and a colour; `good` says which way is welcome."""
    if fraction in MISSING:
        return nothing()
    text = rules.percent_text(fraction, language(), decimals=decimals, signed=True)
    if not fraction:
        return format_html('<span class="num muted">{}</span>', text)
    way = "up" if fraction > 0 else "down"
    arrow = "↑" if way == "up" else "↓"
    tone = "good" if way == good else "bad"
    return format_html('<span class="num {}"><span aria-hidden="true">{}</span> {}</span>', tone, arrow, text)


def local_now(context: Context) -> datetime:
    """The page's own `now` where the view gives one, so that a page is told by one clock."""
    given = context.get("now")
    return timezone.localtime(given if isinstance(given, datetime) else timezone.now())


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | datetime | None, form: str = "short") -> SafeString:
    """`{% day c.next_on %}`; forms: short, full, weekday, month, long."""
    if value in MISSING:
        return nothing()
    on = timezone.localtime(value).date() if isinstance(value, datetime) else value
    text = rules.day_text(on, language(), today=local_now(context).date(), form=rules.Form(form))
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), text)


@register.simple_tag(takes_context=True)
def instant(context: Context, at: datetime | None) -> SafeString:
    """`{% instant job.started_at %}`: the day (today is left out) and the minute, in the reader's zone."""
    if at in MISSING:
        return nothing()
    here, now = timezone.localtime(at), local_now(context)
    words = [rules.clock_text(here)]
    if here.date() != now.date():
        words.insert(0, rules.day_text(here.date(), language(), today=now.date()))
    else:
        words.insert(0, gettext("today"))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), " ".join(words))


def distance_text(far: rules.Distance) -> str:
    """In whole sentences: no language is glued from a number, a unit and "ago"."""
    count, past = abs(far.count), far.count < 0
    match far.unit:
        case "now":
            return gettext("just now")
        case "minutes":
            text = _past("minute", count) if past else ngettext("in %(n)d minute", "in %(n)d minutes", count)
        case "hours":
            text = _past("hour", count) if past else ngettext("in %(n)d hour", "in %(n)d hours", count)
        case "days" if count == 1:
            return gettext("yesterday") if past else gettext("tomorrow")
        case "days":
            text = _past("day", count) if past else ngettext("in %(n)d day", "in %(n)d days", count)
        case _:
            text = _past("year", count) if past else ngettext("in %(n)d year", "in %(n)d years", count)
    return text % {"n": count}


def _past(unit: str, count: int) -> str:
    match unit:
        case "minute":
            return ngettext("%(n)d minute ago", "%(n)d minutes ago", count)
        case "hour":
            return ngettext("%(n)d hour ago", "%(n)d hours ago", count)
        case "day":
            return ngettext("%(n)d day ago", "%(n)d days ago", count)
        case _:
            return ngettext("%(n)d year ago", "%(n)d years ago", count)


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | date | None) -> SafeString:
    """`{% ago c.last_contact_at %}` → 61 days ago; a date counts whole days. The exact instant is its title."""
    if at in MISSING:
        return format_html('<span class="muted">{}</span>', gettext("never"))
    now = local_now(context)
    if isinstance(at, datetime):
        here = timezone.localtime(at)
        text = distance_text(rules.distance(here, now))
        day = rules.day_text(here.date(), language(), today=now.date(), form=rules.Form.FULL)
        title = f"{day} {rules.clock_text(here)}"
        return format_html('<time datetime="{}" title="{}" data-ago>{}</time>', at.isoformat(), title, text)
    days = (at - now.date()).days
    text = distance_text(rules.Distance("days", days)) if days else gettext("today")
    title = rules.day_text(at, language(), today=now.date(), form=rules.Form.FULL)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, text)


@register.simple_tag(takes_context=True)
def due(context: Context, at: datetime | None) -> SafeString:
    """`{% due f.due_at %}`: overdue in red with how long, today in amber with the hour, later plain."""
    if at in MISSING:
        return nothing()
    here, now = timezone.localtime(at), local_now(context)
    days = (here.date() - now.date()).days
    clock = rules.clock_text(here)
    # Midnight to the minute is how a day without an hour is stored: then the hour says nothing.
    at_hour = "" if clock in {"00:00", "23:59"} else f" {clock}"
    if here < now and not (days == 0 and not at_hour):
        text, tone = overdue_text(rules.distance(here, now)), "tag danger"
    elif days == 0:
        text, tone = gettext("today") + at_hour, "tag warn"
    elif days == 1:
        text, tone = gettext("tomorrow") + at_hour, "muted"
    else:
        text, tone = rules.day_text(here.date(), language(), today=now.date()) + at_hour, "muted"
    return format_html('<time class="{}" datetime="{}">{}</time>', tone, at.isoformat(), text)


def overdue_text(far: rules.Distance) -> str:
    count = max(1, abs(far.count))
    if far.unit in {"now", "minutes"}:
        return ngettext("%(n)d minute overdue", "%(n)d minutes overdue", count) % {"n": count}
    if far.unit == "hours":
        return ngettext("%(n)d hour overdue", "%(n)d hours overdue", count) % {"n": count}
    if far.unit == "years":
        return ngettext("%(n)d year overdue", "%(n)d years overdue", count) % {"n": count}
    return ngettext("%(n)d day overdue", "%(n)d days overdue", count) % {"n": count}


@register.filter
def grouped(value: Any) -> str:
    """A plain number as text, for attributes and sentences: `{{ total|grouped }}`."""
    return "" if value in MISSING else rules.number_text(value, language())
