"""What a file holds, and which of its columns are meant though their cells look otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from liuke import tabular
from liuke.tabular import Field, How, Matching

SHOWN_SAMPLES: Final = 8
SEVERAL: Final = re.compile(r"[;；、]")  # between values that share a cell


def first_values(rows: Sequence[Sequence[str | None]]) -> list[list[str | None]]:
    """Of several telephone numbers in a cell the first shows what the column holds."""
    return [[cell and SEVERAL.split(cell)[0] for cell in row] for row in rows]


def likely_target(
    columns: Sequence[str], samples: Sequence[Sequence[str | None]], fields: Mapping[str, Collection[Field]]
) -> str:
    """Customers or purchases: `fields` are those of the targets that come into question.

    Purchases where all that an order needs stands there under its own name. A list of customers may well have the sum
    and the day of their orders, though not as an order calls them. Otherwise whichever finds more of its columns.
    """
    found = {target: tabular.match_columns(columns, samples, list(held)) for target, held in fields.items()}
    if "purchases" in found and _is_whole(found["purchases"], fields["purchases"]):
        return "purchases"
    return max(found, key=lambda target: len(found[target].matches))


def _is_whole(matching: Matching, fields: Collection[Field]) -> bool:
    needed = {name for field in fields if field.required for name in (field.name, *field.instead)}
    return not matching.missing and all(
        match.how is How.NAME for name, match in matching.matches.items() if name in needed
    )


def by_name_alone(matching: Matching, fields: Sequence[Field]) -> dict[str, str]:
    """Columns for required fields that nothing was found for, by names that leave no doubt."""
    if not matching.missing:
        return {}
    named = tabular.match_columns(matching.unmatched, [], fields).matches
    sure = {name: named[name] for name in matching.missing if name in named}
    return {name: match.column for name, match in sure.items() if match.how is How.NAME and match.score > 0.9}
