"""A filter in words, in the reader's language: "bought “X”, did not buy “Y” in the last 90 days, grade: gold"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, gettext_noop, pgettext, pgettext_lazy

from liuke.platform.lists.rules import ME, NOBODY, Condition, Field, Group, Happened, Kind, Op
from liuke.scores.questions.rules import MONEY, PERCENT


@dataclass(frozen=True)
class Words:
    """How figures read to somebody, and what people, teams and segments that he may know are called: name -> id -> name."""

    money: Callable[[int], str]
    day: Callable[[date], str]
    percent: Callable[[Decimal], str]
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def sentence(tree: Group, words: Words) -> str:
    """What holds for everybody whom the tree lets through."""
    if not tree.parts:
        return gettext("all customers")
    return gettext("customers: %(what)s") % {"what": _group(tree, words)}


def told(part: Group | Condition | Happened, words: Words) -> str:
    if isinstance(part, Group):
        return _group(part, words)
    return _happened(part, words) if isinstance(part, Happened) else _condition(part, words)


def _group(tree: Group, words: Words) -> str:
    inside = pgettext("a group in a sentence", "(%(what)s)")
    parts = [inside % {"what": told(p, words)} if _is_several(p) else told(p, words) for p in tree.parts]
    match tree.how:
        case "all":
            return pgettext("all of these, in a sentence", ", ").join(parts)
        case "any":
            return pgettext("any of these, in a sentence", " or ").join(parts)
        case _:
            return gettext("none of these: %(what)s") % {
                "what": pgettext("any of these, in a sentence", " or ").join(parts)
            }


def _is_several(part: Group | Condition | Happened) -> bool:
    return isinstance(part, Group) and len(part.parts) > 1


# --- a condition ---

_CONDITIONS: Mapping[str, str] = {
    Op.IS: gettext_noop("%(field)s: %(value)s"),
    Op.NOT: gettext_noop("%(field)s: not %(value)s"),
    Op.HAS: gettext_noop("%(field)s contains “%(value)s”"),
    Op.BEGINS: gettext_noop("%(field)s begins with “%(value)s”"),
    Op.LEAST: gettext_noop("%(field)s: %(value)s or more"),
    Op.MOST: gettext_noop("%(field)s: %(value)s or less"),
    Op.SINCE: gettext_noop("%(field)s: since %(value)s"),
    Op.UNTIL: gettext_noop("%(field)s: until %(value)s"),
    Op.WITHIN_DAYS: gettext_noop("%(field)s: within the last %(value)s days"),
    Op.OVER_DAYS: gettext_noop("%(field)s: more than %(value)s days ago"),
    Op.IN_DAYS: gettext_noop("%(field)s: within %(value)s days"),
    Op.THIS: gettext_noop("%(field)s: in %(value)s"),
    Op.BEFORE_THIS: gettext_noop("%(field)s: not %(value)s, but before"),
    Op.EMPTY: gettext_noop("%(field)s: none"),
    Op.FILLED: gettext_noop("%(field)s: any"),
}
PERIODS: Mapping[str, Any] = {
    "week": pgettext_lazy("since it began", "this week"),
    "month": pgettext_lazy("since it began", "this month"),
    "quarter": pgettext_lazy("since it began", "this quarter"),
    "year": pgettext_lazy("since it began", "this year"),
}


def _condition(asked: Condition, words: Words) -> str:
    if asked.field.kind == Kind.FLAG:
        label = str(asked.field.label)
        return label if asked.values[0] else gettext("not: %(field)s") % {"field": label}
    values = [_value(asked.field, asked.op, value, words) for value in asked.values]
    shown = {"field": asked.field.label, "value": pgettext("any of these values", ", ").join(values)}
    return gettext(_CONDITIONS[asked.op]) % shown


def _value(asked: Field, op: Op, value: Any, words: Words) -> str:
    if op in {Op.THIS, Op.BEFORE_THIS}:
        return str(PERIODS[value])
    if isinstance(value, date):
        return words.day(value)
    if asked.kind == Kind.PERSON:
        return _name(asked.name, value, words)
    if asked.values is not None or value == NOBODY:
        names = {NOBODY: gettext("not decided")} | {code: str(name) for code, name in asked.values or ()}
        return names.get(value) or str(value)
    if asked.unit == MONEY:
        return words.money(value)
    return words.percent(value) if asked.unit == PERCENT else str(value)


def _name(of: str, value: Any, words: Words) -> str:
    if value in (ME, NOBODY):
        return gettext("me") if value == ME else gettext("nobody")
    return words.names.get(of, {}).get(value) or gettext("somebody else")


# --- an event ---

# name -> how it is told: once or oftener, never, at least and at most so many times.
_EVENTS: Mapping[str, tuple[str, str, str, str]] = {
    "bought": (
        gettext_noop("bought %(what)s %(when)s"),
        gettext_noop("did not buy %(what)s %(when)s"),
        gettext_noop("bought %(what)s at least %(times)s times %(when)s"),
        gettext_noop("bought %(what)s at most %(times)s times %(when)s"),
    ),
    "returned": (
        gettext_noop("returned or cancelled something %(when)s"),
        gettext_noop("returned and cancelled nothing %(when)s"),
        gettext_noop("returned or cancelled at least %(times)s times %(when)s"),
        gettext_noop("returned or cancelled at most %(times)s times %(when)s"),
    ),
    "contacted": (
        gettext_noop("was contacted %(what)s %(when)s"),
        gettext_noop("was not contacted %(what)s %(when)s"),
        gettext_noop("was contacted %(what)s at least %(times)s times %(when)s"),
        gettext_noop("was contacted %(what)s at most %(times)s times %(when)s"),
    ),
    "complained": (
        gettext_noop("complained %(when)s"),
        gettext_noop("did not complain %(when)s"),
        gettext_noop("complained at least %(times)s times %(when)s"),
        gettext_noop("complained at most %(times)s times %(when)s"),
    ),
    "moved_stage": (
        gettext_noop("changed the stage %(what)s %(when)s"),
        gettext_noop("did not change the stage %(what)s %(when)s"),
        gettext_noop("changed the stage %(what)s at least %(times)s times %(when)s"),
        gettext_noop("changed the stage %(what)s at most %(times)s times %(when)s"),
    ),
    "moved_grade": (
        gettext_noop("changed the grade %(what)s %(when)s"),
        gettext_noop("did not change the grade %(what)s %(when)s"),
        gettext_noop("changed the grade %(what)s at least %(times)s times %(when)s"),
        gettext_noop("changed the grade %(what)s at most %(times)s times %(when)s"),
    ),
}
_WHEN: Mapping[str, str] = {
    Op.WITHIN_DAYS: gettext_noop("in the last %(value)s days"),
    Op.OVER_DAYS: gettext_noop("more than %(value)s days ago"),
    Op.IN_DAYS: gettext_noop("in the next %(value)s days"),
    Op.SINCE: gettext_noop("since %(value)s"),
    Op.UNTIL: gettext_noop("until %(value)s"),
    Op.BEFORE_THIS: gettext_noop("before %(value)s"),
}
_WHAT: Mapping[str, str] = {
    "from": gettext_noop("from %(value)s"),
    "to": gettext_noop("to %(value)s"),
    "by": gettext_noop("by %(value)s"),
    "outcome": gettext_noop("with “%(value)s”"),
    "channel": gettext_noop("through “%(value)s”"),
}


def _happened(asked: Happened, words: Words) -> str:
    once, never, least, most = _EVENTS[asked.event.name]
    several = least if asked.op == Op.LEAST else most
    template = {(Op.LEAST, 1): once, (Op.MOST, 0): never}.get((asked.op, asked.times), several)
    when = [_when(one, words) for one in asked.where if one.field.kind == Kind.INSTANT]
    what = [_what(one, words) for one in asked.where if one.field.kind != Kind.INSTANT]
    if not what and asked.event.name == "bought":
        what = [gettext("anything")]
    shown = {"what": " ".join(what), "when": " ".join(when), "times": asked.times}
    text = _tidy(gettext(template) % shown)
    if asked.total is None:
        return text
    op, minor = asked.total
    total = gettext("for %(money)s or more") if op == Op.LEAST else gettext("for %(money)s or less")
    return gettext("%(event)s %(total)s") % {"event": text, "total": total % {"money": words.money(minor)}}


def _when(asked: Condition, words: Words) -> str:
    values = [_value(asked.field, asked.op, value, words) for value in asked.values]
    if asked.op == Op.THIS or not values:
        return "".join(values)
    return gettext(_WHEN[asked.op]) % {"value": values[0]}


def _what(asked: Condition, words: Words) -> str:
    values = [_value(asked.field, asked.op, value, words) for value in asked.values]
    shown = pgettext("any of these values", ", ").join(values)
    template = _WHAT.get(asked.field.name, gettext_noop("“%(value)s”"))
    return gettext(template) % {"value": shown}


def _tidy(text: str) -> str:
    """Without the gaps of what was not asked."""
    return " ".join(text.split())
