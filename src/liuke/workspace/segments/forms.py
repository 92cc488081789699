"""The builder as a form: each line with what may be asked and answered there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.platform.lists.rules import DAYS, EITHER, NOBODY, Event, Field, Kind, Listing, Op, Unfit
from liuke.scores.questions.rules import MONEY, PERCENT
from liuke.scores.segments.rules import NAME_LIMIT, NOTE_LIMIT
from liuke.scores.sentences.rules import PERIODS
from liuke.workspace.segments.rules import DEEPEST, EVENT, ROOT, WHENS, Asked, Box, Line, operators

Choice = tuple[str, Any, bool]  # what is sent, how it is called, whether it is chosen
LONG_LISTS = 12  # of so many choices one is picked from a list, fewer are all shown

WORDS: Mapping[str, Any] = {
    Op.IS: pgettext_lazy("a filter", "is"),
    Op.NOT: pgettext_lazy("a filter", "is not"),
    Op.HAS: pgettext_lazy("a filter", "contains"),
    Op.BEGINS: pgettext_lazy("a filter", "begins with"),
    Op.LEAST: pgettext_lazy("a filter", "at least"),
    Op.MOST: pgettext_lazy("a filter", "at most"),
    Op.SINCE: pgettext_lazy("a filter", "since the day"),
    Op.UNTIL: pgettext_lazy("a filter", "until the day"),
    Op.WITHIN_DAYS: pgettext_lazy("a filter", "in the last … days"),
    Op.OVER_DAYS: pgettext_lazy("a filter", "more than … days ago"),
    Op.IN_DAYS: pgettext_lazy("a filter", "in the next … days"),
    Op.THIS: pgettext_lazy("a filter", "since the start of"),
    Op.BEFORE_THIS: pgettext_lazy("a filter", "before the start of"),
    Op.EMPTY: pgettext_lazy("a filter", "is not known"),
    Op.FILLED: pgettext_lazy("a filter", "is known"),
}
# Where nothing is known about something that happens, there is none of it.
THERE: Mapping[str, tuple[Any, Any]] = {
    name: (pgettext_lazy("a filter", "there is none"), pgettext_lazy("a filter", "there is one"))
    for name in (
        "account",
        "review",
        "complaint",
        "planned",
        "reach",
        "last_contact",
        "last_purchase",
        "first_purchase",
    )
}
TIMES: Mapping[str, Any] = {
    "once": pgettext_lazy("how often", "once or more"),
    "never": pgettext_lazy("how often", "never"),
    "least": pgettext_lazy("how often", "at least … times"),
    "most": pgettext_lazy("how often", "at most … times"),
}
HOW: Mapping[str, Any] = {
    "all": _("All of these hold"),
    "any": _("At least one of these holds"),
    "none": _("None of these holds"),
}


@dataclass(frozen=True)
class Answer:
    """What is asked, how, and where the answer is typed or chosen."""

    path: str
    label: Any
    ops: Sequence[Choice]
    control: str  # text, number, date, choices, list, "" for no answer
    value: str = ""
    choices: Sequence[Choice] = ()
    unit: Any = ""
    optional: bool = False


@dataclass(frozen=True)
class ShownLine:
    path: str
    what: str
    whats: Sequence[tuple[Any, Sequence[Choice]]]
    answers: Sequence[Answer] = ()
    times: Sequence[Choice] = ()
    number: str = ""  # of times; shown where `counted`
    counted: bool = False
    problem: str = ""
    is_group = False


@dataclass(frozen=True)
class ShownBox:
    path: str
    hows: Sequence[Choice]
    parts: Sequence[ShownBox | ShownLine]
    may_nest: bool
    is_group = True


@dataclass
class Builder:
    """Makes the form of a draft. `people` gives what may be chosen where people, teams or segments are asked for."""

    known: Listing
    themes: Sequence[tuple[Any, Sequence[Field]]]
    currency: str
    people: Callable[[str], Sequence[tuple[str, str]]]
    open: Mapping[str, Unfit] = field(default_factory=dict)
    complain: bool = False

    def shown(self, box: Box, path: str = ROOT, depth: int = 1) -> ShownBox:
        parts: list[ShownBox | ShownLine] = []
        for place, part in enumerate(box.parts):
            inner = f"{path}.{place}"
            parts.append(
                self.shown(part, inner, depth + 1) if isinstance(part, Box) else self._line(part, inner)
            )
        hows = [(code, name, code == box.how) for code, name in HOW.items()]
        return ShownBox(path, hows, parts, may_nest=depth < DEEPEST)

    def _line(self, line: Line, path: str) -> ShownLine:
        error = self.open.get(path)
        told = gettext(error.message) % error.params if error and (self.complain or line.asked.values) else ""
        try:
            if line.what.startswith(EVENT):
                return self._event(line, path, self.known.event(line.what.removeprefix(EVENT)), told)
            answers = [self._answer(self.known.field(line.what), line.asked, path)] if line.what else []
        except Unfit:
            return ShownLine(path, "", self._whats(""), problem=told)
        return ShownLine(path, line.what, self._whats(line.what), answers, problem=told)

    def _event(self, line: Line, path: str, event: Event, told: str) -> ShownLine:
        answers = [
            self._answer(one, line.where.get(one.name, Asked()), f"{path}:{one.name}", optional=True)
            for one in event.all_fields
            if one.name != "at"
        ]
        at = next(one for one in event.all_fields if one.name == "at")
        given = [one for one in line.when if one.op][:WHENS] or [Asked()]
        answers += [self._when(at, one, f"{path}:_when{place}") for place, one in enumerate(given)]
        if event.sums and line.times in {"once", "least"}:
            answers.append(self._total(line.total, f"{path}:_total"))
        times = [(code, name, code == line.times) for code, name in TIMES.items()]
        counted = line.times in {"least", "most"}
        return ShownLine(path, line.what, self._whats(line.what), answers, times, line.number, counted, told)

    def _when(self, at: Field, given: Asked, path: str) -> Answer:
        answer = self._answer(at, given, path)
        ops: list[Choice] = [("", _("at any time"), not given.op)]
        ops += [
            (op, name, bool(given.op) and on)
            for op, name, on in answer.ops
            if op not in EITHER and op != Op.IN_DAYS
        ]
        control = answer.control if given.op else ""
        return Answer(path, _("When"), ops, control, answer.value, answer.choices, answer.unit, optional=True)

    def _total(self, given: Asked, path: str) -> Answer:
        ops = [(op, WORDS[op], op == given.op) for op in (Op.LEAST, Op.MOST)]
        value = given.values[0] if given.values else ""
        return Answer(path, _("In all for"), ops, "number", value, unit=self.currency, optional=True)

    def _whats(self, what: str) -> Sequence[tuple[Any, Sequence[Choice]]]:
        events = [(EVENT + one.name, one.label, EVENT + one.name == what) for one in self.known.events]
        offered = {one.name for one in self.known.fields}
        found: list[tuple[Any, Sequence[Choice]]] = [(_("What happened"), events)]
        for theme, fields in self.themes:
            some = [(one.name, one.label, one.name == what) for one in fields if one.name in offered]
            if some:
                found.append((theme, some))
        return found

    def _answer(self, asked: Field, given: Asked, path: str, *, optional: bool = False) -> Answer:
        allowed = operators(asked)
        if optional and asked.kind == Kind.CHOICE:
            allowed = [Op.IS]
        elif optional and asked.kind == Kind.TEXT:
            allowed = [Op.HAS, Op.IS, Op.BEGINS]
        op = given.op if given.op in allowed else allowed[0]
        ops = [(one.value, self._word(asked, one), one == op) for one in allowed]
        choices, control = self._choices(asked, Op(op), set(given.values))
        value = given.values[0] if given.values and not choices else ""
        return Answer(path, asked.label, ops, control, value, choices, self._unit(asked, Op(op)), optional)

    def _word(self, asked: Field, op: Op) -> Any:
        if op in EITHER and asked.name in THERE:
            return THERE[asked.name][op == Op.FILLED]
        return WORDS[op]

    def _choices(self, asked: Field, op: Op, given: set[str]) -> tuple[Sequence[Choice], str]:
        """What may be chosen, and how: none where something is typed."""
        if op in EITHER:
            return [], ""
        if op in {Op.THIS, Op.BEFORE_THIS}:
            return [(code, name, code in given) for code, name in PERIODS.items()], "list"
        if op in DAYS:
            return [], "number"
        match asked.kind:
            case Kind.FLAG:
                return [("1", _("yes"), "0" not in given), ("0", _("no"), "0" in given)], "list"
            case Kind.CHOICE | Kind.PERSON:
                named = asked.values if asked.kind == Kind.CHOICE else self.people(asked.name)
                listed = [(code, name, code in given) for code, name in named or ()]
                if asked.name in {"owner", "level", "attitude"}:
                    listed.append(
                        (NOBODY, _("nobody") if asked.name == "owner" else _("not decided"), NOBODY in given)
                    )
                return listed, "choices"
            case Kind.DATE | Kind.INSTANT:
                return [], "date"
            case Kind.NUMBER | Kind.DECIMAL:
                return [], "number"
            case _:
                return [], "text"

    def _unit(self, asked: Field, op: Op) -> Any:
        if op in EITHER:
            return ""
        if op in DAYS:
            return _("days")
        return {MONEY: self.currency, PERCENT: "%"}.get(asked.unit, "")


class SegmentForm(forms.Form):
    """What the segment is called, what it is for, and who may use it."""

    name = forms.CharField(label=_("Name of the segment"), max_length=NAME_LIMIT)
    note = forms.CharField(label=_("What it is for"), max_length=NOTE_LIMIT, required=False)
    is_target = forms.BooleanField(label=_("A target segment"), required=False)
    shared = forms.BooleanField(label=_("For everybody"), required=False)
