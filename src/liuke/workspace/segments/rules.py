"""A filter while somebody builds it: half of it may not be said yet. From a form, into a form, and into the tree that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from liuke.platform.kit.rules import major, minor_digits
from liuke.platform.lists.rules import (
    DAYS,
    DEPTH_LIMIT,
    EITHER,
    ME,
    OPERATORS,
    Condition,
    Field,
    Group,
    Happened,
    Kind,
    Listing,
    Op,
    Unfit,
    condition,
)
from liuke.scores.questions.rules import MONEY, PERCENT

ROOT = "0"
DEEPEST = DEPTH_LIMIT - 1  # a group there has conditions below it
NOT_SAID = gettext_noop("Say the rest, or take this line away.")
NOT_A_NUMBER = gettext_noop("Write a number here.")
WHENS = 2  # times that an event may be narrowed to: from a day until another
EVENT = "e:"  # before the name of an event, where both it and a field may be chosen


@dataclass(frozen=True)
class Asked:
    """One question as it was typed: money in its units, shares in percent."""

    op: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of the builder: `what` names a field, or an event with `e:` before it."""

    what: str = ""
    asked: Asked = Asked()  # of a field
    times: str = "once"  # of an event: once, never, least, most
    number: str = ""
    where: Mapping[str, Asked] = field(default_factory=dict)
    when: tuple[Asked, ...] = ()
    total: Asked = Asked()


@dataclass(frozen=True)
class Box:
    """A group of the builder."""

    how: str = "all"
    parts: tuple[Box | Line, ...] = ()


# --- from what a form sends ---


def read(sent: Mapping[str, Sequence[str]], path: str = ROOT, depth: int = 1) -> Box:
    """The builder as it was sent. Names that nobody's form has are not looked at."""
    parts: list[Box | Line] = []
    for place in range(_whole(_one(sent, f"parts:{path}"), 60)):
        inner = f"{path}.{place}"
        if _one(sent, f"how:{inner}") and depth < DEEPEST:
            parts.append(read(sent, inner, depth + 1))
        elif f"what:{inner}" in sent:
            parts.append(_line(sent, inner))
    how = _one(sent, f"how:{path}")
    return Box(how if how in {"all", "any", "none"} else "all", tuple(parts))


def _line(sent: Mapping[str, Sequence[str]], path: str) -> Line:
    what = _one(sent, f"what:{path}")
    if what != _one(sent, f"was:{path}"):  # another question: what was answered belongs to the old one
        return Line(what)
    names = (name.removeprefix(f"op:{path}:") for name in sent if name.startswith(f"op:{path}:"))
    return Line(
        what,
        asked=_asked(sent, path),
        times=_one(sent, f"times:{path}") or "once",
        number=_one(sent, f"number:{path}"),
        where={name: _asked(sent, f"{path}:{name}") for name in names if not name.startswith("_")},
        when=tuple(_asked(sent, f"{path}:_when{place}") for place in range(WHENS)),
        total=_asked(sent, f"{path}:_total"),
    )


def _asked(sent: Mapping[str, Sequence[str]], path: str) -> Asked:
    values = tuple(one.strip() for one in sent.get(f"value:{path}", ()) if one.strip())
    return Asked(_one(sent, f"op:{path}"), values)


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return (sent.get(name) or [""])[-1]


def _whole(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def changed(box: Box, do: str) -> Box:
    """After a button: `line:0.1` adds a line to that group, `group:0.1` a group, `drop:0.1` takes the part away."""
    verb, _colon, path = do.partition(":")
    steps = [int(step) for step in path.split(".") if step.isascii() and step.isdigit()]
    if verb not in {"line", "group", "drop"} or not steps:
        return box
    return _changed(box, verb, steps[1:], depth=1)


def _changed(box: Box, verb: str, steps: list[int], *, depth: int) -> Box:
    parts = list(box.parts)
    if not steps:
        if verb == "line":
            parts.append(Line())
        elif verb == "group" and depth < DEEPEST:
            parts.append(Box("any", (Line(), Line())))
        return replace(box, parts=tuple(parts))
    place, *rest = steps
    if place >= len(parts):
        return box
    part = parts[place]
    if verb == "drop" and not rest:
        del parts[place]
    elif isinstance(part, Box):
        parts[place] = _changed(part, verb, rest, depth=depth + 1)
    return replace(box, parts=tuple(parts))


# --- from a tree that is kept ---


def draft(tree: Group, currency: str, me: int) -> Box:
    """A tree to go on with; “me” of a list's filter becomes the person, as a segment is the same for everybody."""
    return Box(tree.how, tuple(_drafted(part, currency, me) for part in tree.parts))


def _drafted(part: Group | Condition | Happened, currency: str, me: int) -> Box | Line:
    if isinstance(part, Group):
        return draft(part, currency, me)
    if isinstance(part, Condition):
        return Line(part.field.name, asked=_typed(part, currency, me))
    when = [one for one in part.where if one.field.name == "at"]
    total = Asked()
    if part.total:
        total = Asked(part.total[0].value, (_number(major(part.total[1], currency)),))
    once = {(Op.LEAST, 1): "once", (Op.MOST, 0): "never"}
    return Line(
        EVENT + part.event.name,
        times=once.get((part.op, part.times), part.op.value),
        number=str(part.times),
        where={one.field.name: _typed(one, currency, me) for one in part.where if one.field.name != "at"},
        when=tuple(_typed(one, currency, me) for one in when),
        total=total,
    )


def _typed(asked: Condition, currency: str, me: int) -> Asked:
    return Asked(asked.op.value, tuple(_shown(asked, value, currency, me) for value in asked.values))


def _shown(asked: Condition, value: Any, currency: str, me: int) -> str:
    if asked.field.unit == MONEY:
        return _number(major(value, currency))
    if asked.field.unit == PERCENT:
        return _number(value * 100)
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(me) if value == ME and asked.field.kind == Kind.PERSON else str(value)


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


# --- into the tree that is kept ---


@dataclass(frozen=True)
class Built:
    """What of a draft has been said, as a tree is kept, and the lines that lack something: path -> what."""

    plain: dict[str, Any]
    open: Mapping[str, Unfit]


def built(box: Box, known: Listing, currency: str) -> Built:
    missing: dict[str, Unfit] = {}
    return Built(_plain_box(box, ROOT, known, currency, missing), missing)


def _plain_box(
    box: Box, path: str, known: Listing, currency: str, missing: dict[str, Unfit]
) -> dict[str, Any]:
    said = []
    for place, part in enumerate(box.parts):
        inner = f"{path}.{place}"
        if isinstance(part, Box):
            group = _plain_box(part, inner, known, currency, missing)
            if any(group.values()):
                said.append(group)
            continue
        try:
            said.append(_plain_line(part, known, currency))
        except Unfit as error:
            missing[inner] = error
    return {box.how: said}


def _plain_line(line: Line, known: Listing, currency: str) -> dict[str, Any]:
    if not line.what:
        raise Unfit(NOT_SAID)
    if not line.what.startswith(EVENT):
        return _plain(known.field(line.what), line.asked, currency)
    event = known.event(line.what.removeprefix(EVENT))
    of_one = {one.name: one for one in event.all_fields}
    where = [
        _plain(of_one[name], one, currency)
        for name, one in line.where.items()
        if one.values and name in of_one
    ]
    where += [_plain(of_one["at"], one, currency) for one in line.when if one.op]
    times = {"once": ("least", "1"), "never": ("most", "0")}.get(line.times) or (line.times, line.number)
    if times[0] not in {"least", "most"} or not times[1]:
        raise Unfit(NOT_SAID)
    told: dict[str, Any] = {"event": event.name, "op": times[0], "times": times[1], "where": where}
    if line.total.values and event.sums and times[0] == "least":
        told["total"] = [line.total.op or "least", _minor(line.total.values[0], currency)]
    return known.tree({"all": [told]}).parts[0].plain()


def _plain(asked: Field, given: Asked, currency: str) -> dict[str, Any]:
    if not given.op or (not given.values and given.op not in EITHER):
        raise Unfit(NOT_SAID)
    values: Sequence[Any] = given.values if given.op not in EITHER else ()
    if given.op not in DAYS and asked.unit == MONEY:
        values = [_minor(one, currency) for one in values]
    elif given.op not in DAYS and asked.unit == PERCENT:
        values = [str(_decimal(one) / 100) for one in values]
    return condition(asked, given.op, values).plain()


def _minor(typed: str, currency: str) -> str:
    return str(int(_decimal(typed).scaleb(minor_digits(currency))))


def _decimal(typed: str) -> Decimal:
    try:
        value = Decimal(typed.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise Unfit(NOT_A_NUMBER) from None
    if not value.is_finite() or abs(value) > 10**13:
        raise Unfit(NOT_A_NUMBER)
    return value


def operators(asked: Field) -> list[Op]:
    """In the order in which they are offered; the most usual first."""
    usual = [Op.IS, Op.NOT, Op.HAS, Op.WITHIN_DAYS, Op.OVER_DAYS, Op.LEAST, Op.MOST]
    ordered = [*usual, *(op for op in Op if op not in usual)]
    allowed = OPERATORS[asked.kind]
    return [
        op
        for op in ordered
        if op in allowed and not (asked.kind == Kind.TEXT and op in usual[:2] and op != Op.IS)
    ]


@dataclass(frozen=True)
class Ready:
    """A segment that every company has: its address is the rule, and what to do with whoever is in it."""

    name: Any
    query: str
    tip: Any


READY = (
    Ready(
        _("Former customers"),
        "stage=dormant&stage=lost",
        _("They know us already: ask why they stopped, and make an offer before somebody else does."),
    ),
    Ready(
        _("Losing value"),
        "moved=fell",
        _("Find out why while they still buy: price, service, a competitor or less need."),
    ),
    Ready(
        _("Price-driven customers"),
        "price_driven=1",
        _(
            "A small discount with good service: let them compare the whole, not the price alone, and choose us."
        ),
    ),
)
