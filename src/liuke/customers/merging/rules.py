"""Which value of several records survives, and what can be chosen. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from liuke.customers.records.rules import gettext_noop

BOTH: Final = 0  # chosen for a note: one under the other
LONGEST_NOTE: Final = 4_000
MOST_AT_ONCE: Final = 10

# What is chosen as one: unit -> its columns. A city goes with its address, a team with its owner.
UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name",),
    "scope": ("kind", "scope", "profile"),
    "purpose": ("purpose",),
    "place": ("country", "province", "city", "address"),
    "source": ("source",),
    "note": ("note",),
    "owner": ("owner_id", "team_id"),
    "stage": ("stage", "stage_since_at"),
}
STANDINGS: Final = ("level", "attitude", "relation", "decline", "expected")
NAMES: Final[Mapping[str, str]] = {
    "name": gettext_noop("name"),
    "scope": gettext_noop("kind"),
    "purpose": gettext_noop("purchase purpose"),
    "place": gettext_noop("address"),
    "source": gettext_noop("source"),
    "note": gettext_noop("note"),
    "owner": gettext_noop("owner"),
    "stage": gettext_noop("stage"),
    "level": gettext_noop("relation level"),
    "attitude": gettext_noop("attitude"),
    "relation": gettext_noop("relationship"),
    "decline": gettext_noop("why they buy less"),
    "expected": gettext_noop("provisional grade"),
}

Record = Mapping[str, Any]  # column -> value, with "id"


def preferred(unit: str, records: Sequence[Record]) -> int:
    """Whose value is taken where nobody chooses: the survivor's, who comes first, unless he has none.

    The stage is that of whoever bought last; two different notes are both kept.
    """
    if unit == "stage":
        latest = max(
            records, key=lambda one: (one["last_purchase_at"] is not None, one["last_purchase_at"] or 0)
        )
        return int(latest["id"] if latest["last_purchase_at"] else records[0]["id"])
    having = [one for one in records if any(one[column] for column in UNITS[unit])]
    if unit == "note" and len({one["note"].strip() for one in having}) > 1:
        return BOTH
    return int((having or records)[0]["id"])


def united(records: Sequence[Record], choices: Mapping[str, int]) -> dict[str, Any]:
    """The columns of the record that all become; the survivor comes first."""
    by_id = {one["id"]: one for one in records}
    values: dict[str, Any] = {}
    for unit, columns in UNITS.items():
        whose = choices.get(unit, preferred(unit, records))
        if whose == BOTH:
            values["note"] = both_notes([one["note"] for one in records])
            continue
        values |= {column: by_id[whose][column] for column in columns}
    alike = [one["profile"] for one in records if one["scope"] == values["scope"]]
    for profile in alike:
        values["profile"] = {**profile, **values["profile"]}  # what the chosen one lacks, the others tell
    for column, choose in (("first_purchase_at", min), ("last_purchase_at", max), ("last_contact_at", max)):
        known = [one[column] for one in records if one[column] is not None]
        values[column] = choose(known) if known else None
    values["created_at"] = min(one["created_at"] for one in records)
    return values


def both_notes(notes: Sequence[str]) -> str:
    return "\n\n".join(dict.fromkeys(note.strip() for note in notes if note.strip()))[:LONGEST_NOTE]
