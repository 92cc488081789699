"""Customers whom a purchase log knows by name only, and numbers for those who bring none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from liuke.customers.former.models import Former
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import numbered
from liuke.customers.spelling.rules import fold
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.platform.models import User

PIECE: Final = 1_000  # values named in one query


@dataclass(slots=True)
class Named:
    """Whom the names of a file mean: the customer's number, or those of several who bear the name."""

    numbers: dict[str, str] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)


def whom(names: Collection[str], by: User | None) -> Named:
    """The customers of these names among those whom `by` may read; case, width, script and blanks don't count.

    Of several, the one whose name is written just so is meant. What is somebody's number means him.
    """
    found = Named()
    taken = _numbers_among(names)
    wanted: dict[str, list[tuple[str, str]]] = {fold(name): [] for name in names if name not in taken}
    if not wanted or not Customer.objects.exists():
        return found
    reach = Customer.objects.all() if by is None else Customer.objects.for_user(by)
    for number, name in reach.order_by("id").values_list("number", "name").iterator(chunk_size=5_000):
        if (bearers := wanted.get(fold(name))) is not None:
            bearers.append((number, name))
    for number, name in _merged(by):
        if (bearers := wanted.get(fold(name))) is not None and number not in {one for one, _ in bearers}:
            bearers.append((number, name))
    for name in names:
        bearers = wanted.get(fold(name), []) if name not in taken else []
        exactly = [one for one in bearers if one[1] == name]
        bearers = exactly if len(exactly) == 1 else bearers
        if len(bearers) == 1:
            found.numbers[name] = bearers[0][0]
        elif bearers:
            found.several[name] = [number for number, _ in bearers]
    return found


def _merged(by: User | None) -> list[tuple[str, str]]:
    """The survivor's number and the name of a record that was merged into his."""
    rows = Former.objects.all()
    if by is not None:
        rows = rows.filter(Customer.objects.reach(by, by.role.read_scope, path="customer__"))
    return list(rows.order_by("id").values_list("customer__number", "name"))


def free_numbers(ids: Sequence[int], *, given: Sequence[str | None]) -> list[str]:
    """The numbers given; for the others by the company's pattern and the id, further on where somebody has that number."""
    pattern = get("card.number_pattern")
    wanted = [number or numbered(pattern, pk) for pk, number in zip(ids, given, strict=True)]
    used = set(given) | _numbers_among(wanted)
    numbers = []
    for pk, own in zip(ids, given, strict=True):
        number, place = own or numbered(pattern, pk), pk
        while own is None and number in used:
            place += 1
            number = numbered(pattern, place)
            if number not in used and _numbers_among([number]):
                used.add(number)
        used.add(number)
        numbers.append(number)
    return numbers


def _numbers_among(values: Collection[str]) -> set[str]:
    """Of customers, and of those merged into others: their numbers are never given to anybody else."""
    return {
        number
        for piece in pieces(sorted(set(values)), PIECE)
        for rows in (Customer.objects, Former.objects)
        for number in rows.filter(number__among=piece).values_list("number", flat=True)
    }
