"""Which column goes into which field: by name first, checked against the values, by values where these are plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from typing import Final

from liuke.tabular.columns import names
from liuke.tabular.columns.fields import Field, Kind
from liuke.tabular.columns.plausibility import are_names, certain_kind, share_fitting
from liuke.tabular.problems import Problem

ACCEPTED: Final = 0.5  # a lower score is no match
FITTING: Final = 0.5  # share of the values that must fit the kind, or the name alone is not believed
SPELT_COLUMNS: Final = 100  # in wider files misspelt names are not looked for; it would take seconds
VAGUE: Final = 0.7  # of a name that fits several fields
SIMILAR: Final = 0.86  # likeness of two names from which one counts as misspelt


class How(StrEnum):
    CHOSEN = "chosen"  # by the user
    NAME = "name"
    SIMILAR_NAME = "similar_name"
    CONTENT = "content"


EXPLANATIONS: Final[Mapping[How, str]] = {
    How.CHOSEN: "Chosen by hand.",
    How.NAME: "By name.",
    How.SIMILAR_NAME: "By a similar name.",
    How.CONTENT: "By content: the values look like it.",
}


@dataclass(frozen=True, slots=True)
class Match:
    field: str
    column: str
    how: How
    score: float  # 0 to 1; what the choice between rival columns was made by

    @property
    def explanation(self) -> str:
        return EXPLANATIONS[self.how]


@dataclass(frozen=True, slots=True)
class Matching:
    matches: Mapping[str, Match]  # by name of the field
    unmatched: tuple[str, ...]  # columns that go nowhere
    missing: tuple[str, ...]  # required fields without a column
    problems: tuple[Problem, ...]

    def column(self, field: str) -> str | None:
        match = self.matches.get(field)
        return match.column if match else None

    @property
    def columns(self) -> dict[str, str]:
        return {name: match.column for name, match in self.matches.items()}


def match_columns(
    column_names: Sequence[str],
    samples: Sequence[Sequence[str | None]],
    fields: Sequence[Field],
    *,
    chosen: Mapping[str, str | None] | None = None,
) -> Matching:
    """Give each field at most one column and each column to at most one field.

    `samples` are rows of text as in `Inspection.samples`. `chosen` holds what the user decided: the field's column, or
    None for "no column"; these fields are left as he wants them.
    """
    chosen = chosen or {}
    problems = list(_wrong_choices(column_names, fields, chosen))
    matches: dict[str, Match] = {}
    for name, column in chosen.items():
        taken = {match.column for match in matches.values()}
        if column in column_names and column not in taken and any(field.name == name for field in fields):
            matches[name] = Match(name, str(column), How.CHOSEN, 1.0)
    open_fields = [field for field in fields if field.name not in chosen]
    values = {name: _column(samples, position) for position, name in enumerate(column_names)}
    _assign(_by_name(column_names, values, open_fields), matches)
    _assign(_by_content(values, open_fields, matches), matches)
    missing = tuple(
        field.name for field in fields if field.name not in matches and _is_missed(field, matches)
    )
    problems.extend(Problem("column_missing", field=name) for name in missing)
    taken = {match.column for match in matches.values()}
    ordered = {field.name: matches[field.name] for field in fields if field.name in matches}
    return Matching(ordered, tuple(c for c in column_names if c not in taken), missing, tuple(problems))


def _wrong_choices(
    column_names: Sequence[str], fields: Sequence[Field], chosen: Mapping[str, str | None]
) -> Sequence[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    known_fields = [field.name for field in fields]
    for name, column in chosen.items():
        if name not in known_fields:
            problems.append(Problem("unknown_field", value=name, params={"known": ", ".join(known_fields)}))
        elif column is not None and column not in column_names:
            known = ", ".join(column_names)
            problems.append(Problem("unknown_column", field=name, value=column, params={"known": known}))
        elif column is not None and column in seen:
            problems.append(Problem("column_taken_twice", field=name, value=column))
        if column is not None:
            seen.add(column)
    return problems


def _is_missed(field: Field, matches: Mapping[str, Match]) -> bool:
    replaced = bool(field.instead) and all(name in matches for name in field.instead)
    return field.required and not replaced


def _column(samples: Sequence[Sequence[str | None]], position: int) -> list[str]:
    cells = (row[position] if position < len(row) else None for row in samples)
    return [cell for cell in cells if cell is not None and cell.strip()]


def _assign(candidates: Sequence[Match], matches: dict[str, Match]) -> None:
    """The best pair first; equal ones in the order of the fields, then of the columns, as the list brings them."""
    taken = {match.column for match in matches.values()}
    for candidate in sorted(candidates, key=lambda match: -match.score):
        if candidate.field not in matches and candidate.column not in taken:
            matches[candidate.field] = candidate
            taken.add(candidate.column)


def _by_name(
    column_names: Sequence[str], values: Mapping[str, Sequence[str]], fields: Sequence[Field]
) -> list[Match]:
    candidates: list[Match] = []
    keys = [(name, names.key(name), names.key_without_brackets(name)) for name in column_names]
    spelling = len(column_names) <= SPELT_COLUMNS
    for field in fields:
        strong, vague = _aliases(field)
        for column, whole, short in keys:
            score, how = _likeness(whole, short, strong, vague, spelling=spelling)
            if score < ACCEPTED:
                continue
            if field.kind is Kind.CODE and score == VAGUE and are_names(values[column]):
                continue  # a column called 客户 may hold numbers or names: what it holds decides
            fitting = share_fitting(field.kind, values[column])
            if fitting is not None:
                if fitting < FITTING:
                    continue
                score *= 0.9 + 0.1 * fitting
            candidates.append(Match(field.name, column, how, round(score, 4)))
    return candidates


@cache
def _aliases(field: Field) -> tuple[tuple[str, ...], frozenset[str]]:
    strong = tuple(names.key(alias) for alias in (field.name, *field.aliases))
    return strong, frozenset(names.key(alias) for alias in field.vague)


def _likeness(
    whole: str, short: str, strong: Sequence[str], vague: frozenset[str], *, spelling: bool
) -> tuple[float, How]:
    if whole in strong:
        return 1.0 - 0.001 * min(strong.index(whole), 50), How.NAME
    if short and short in strong:
        return 0.93, How.NAME
    if whole in vague or (short and short in vague):
        return VAGUE, How.NAME
    contained = [alias for alias in strong if _is_telling(alias) and alias in whole]
    if contained:
        longest = max(contained, key=len)
        return 0.5 + 0.3 * len(longest) / len(whole), How.SIMILAR_NAME
    if spelling and whole.isascii() and len(whole) >= 5:
        likeness = max((_ratio(whole, alias) for alias in strong if len(alias) >= 5), default=0.0)
        if likeness >= SIMILAR:
            return 0.65 * likeness, How.SIMILAR_NAME
    return 0.0, How.NAME


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < SIMILAR or matcher.quick_ratio() < SIMILAR:
        return 0.0
    return matcher.ratio()


def _is_telling(alias: str) -> bool:
    """Whether the alias inside a longer name still means its field; short ones occur everywhere by chance."""
    return len(alias) >= (5 if alias.isascii() else 2)


def _by_content(
    values: Mapping[str, Sequence[str]], fields: Sequence[Field], matches: Mapping[str, Match]
) -> list[Match]:
    """Fields still open whose kind shows in the values beyond doubt, where exactly one column and one field meet."""
    taken = {match.column for match in matches.values()}
    columns: dict[Kind, list[str]] = {}
    for column, cells in values.items():
        kind = certain_kind(cells) if column not in taken else None
        if kind is not None:
            columns.setdefault(kind, []).append(column)
    candidates: list[Match] = []
    for kind, found in columns.items():
        wanting = [
            f for f in fields if f.name not in matches and f.kind is kind and (f.required or kind in _PLAIN)
        ]
        if len(found) == 1 and wanting:
            candidates.append(Match(wanting[0].name, found[0], How.CONTENT, 0.6))
    return candidates


_PLAIN: Final = {Kind.EMAIL, Kind.CURRENCY}  # nothing else looks like these
