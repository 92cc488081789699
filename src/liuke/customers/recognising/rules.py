"""By what the customers of a list are recognised, where the person who brings it has said so. No database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Final, TypeAlias

from liuke.customers.fields.rules import Definition, hides
from liuke.customers.records.rules import TELEPHONES

Parts: TypeAlias = Mapping[
    str, Sequence[str]
]  # field -> what the row says of it, several of telephone numbers

# By a kind of way to reach him: a mobile number noted as a telephone is the same number.
REACHED: Final[Mapping[str, frozenset[str]]] = {
    "phone": frozenset(TELEPHONES),
    "email": frozenset({"email"}),
    "wechat": frozenset({"wechat"}),
}
ALONE: Final = ("number", "phone", "email", "wechat", "name")  # fields that will do by themselves
BESIDE_NAME: Final = ("phone", "email", "wechat", "city", "province", "country", "address", "source")
OWN_TYPES: Final = frozenset({"text", "whole", "phone", "email", "link"})  # of the company's own fields


def fields_of_key(chosen: str) -> tuple[str, ...]:
    """`name+city` are the name and the city; blank is nothing chosen."""
    return tuple(part for part in chosen.split("+") if part)


def own_keys(own: Iterable[Definition], masked: Collection[str] = ()) -> list[Definition]:
    """Those of the company's own fields that customers may be recognised by. Whoever does not see a field (`masked` are
    the groups of his role) would learn by it whose value a row has, and that there is such a value at all.
    """
    return [one for one in own if one.type in OWN_TYPES and not hides(one, masked)]


def hidden_in_key(
    key: Iterable[str], own: Iterable[Definition], masked: Collection[str]
) -> Definition | None:
    """The field of a key that whoever brings the list does not see."""
    fields = set(key)
    return next((one for one in own if one.name in fields and hides(one, masked)), None)


def keys_there_are(own: Sequence[str]) -> list[str]:
    """All that may be chosen; `own` are those of the company's own fields."""
    return [*ALONE, *(f"name+{field}" for field in (*BESIDE_NAME, *own)), *own]


def columns_lacking(key: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Fields of the key that no column goes into."""
    return [field for field in key if not (REACHED.get(field, frozenset()) | {field}) & columns.keys()]


def signs(key: Sequence[str], parts: Parts) -> tuple[str, ...]:
    """What two rows must share to be about the same customer; none where a part of the key is blank."""
    return tuple("\n".join(one) for one in product(*(parts.get(field, ()) for field in key)))
