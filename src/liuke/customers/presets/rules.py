"""How a file was read, kept for the next one like it, and what of it still fits. No database."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liuke.customers.recognising.rules import fields_of_key

NAME_LIMIT: Final = 80
KEPT_CHOICES: Final = ("key", "currency", "zone", "date_order", "clear_blanks")


def digest_of(columns: Sequence[str]) -> str:
    """The same for files with the same headings, in whatever order these stand."""
    return hashlib.sha256("\n".join(sorted(columns)).encode()).hexdigest()


def kept_choices(choices: Mapping[str, Any]) -> dict[str, Any]:
    return {name: choices[name] for name in KEPT_CHOICES if choices.get(name)}


@dataclass(frozen=True, slots=True)
class Fitted:
    """What of a preset serves for a file, and what does not."""

    mapping: Mapping[str, str | None]
    choices: Mapping[str, Any]
    gone: Sequence[str]  # fields that are no more
    lost: Sequence[str]  # columns that the file does not have


def gone_from(mapping: Collection[str], key: str, fields: Collection[str]) -> list[str]:
    """The fields of a preset that are no more, those of its key too."""
    return [name for name in dict.fromkeys((*mapping, *fields_of_key(key))) if name not in fields]


def fitted(
    mapping: Mapping[str, str | None],
    choices: Mapping[str, Any],
    *,
    columns: Collection[str],
    fields: Collection[str],
) -> Fitted:
    """A field whose column is missing is open again: another may be found for it. One that has been left without a column
    stays so. A key of which a field is gone would recognise others than it did: there is none then.
    """
    used = {name: column for name, column in mapping.items() if column}
    gone = gone_from(used, choices.get("key") or "", fields)
    known = {name: column for name, column in mapping.items() if name in fields}
    lost = [column for column in known.values() if column and column not in columns]
    kept = dict(choices)
    if set(fields_of_key(kept.get("key") or "")) & set(gone):
        del kept["key"]
    return Fitted({n: c for n, c in known.items() if c is None or c in columns}, kept, gone, lost)
