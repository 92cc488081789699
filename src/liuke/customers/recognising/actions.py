"""Which customers a row is about, by the key that was chosen for its list. Everybody's are looked through: whoever may
not write the one found is told that he is others', and never makes a second one of him."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from liuke.customers.fields.models import FieldValue
from liuke.customers.fields.rules import Definition
from liuke.customers.former.actions import led_by_number
from liuke.customers.recognising.rules import REACHED, Parts
from liuke.customers.records.models import ContactPoint, Customer
from liuke.platform.bulk.rules import pieces

PIECE = 1_000


def recognised(key: Sequence[str], rows: Sequence[Parts], own: Mapping[str, Definition]) -> list[list[int]]:
    """For each row the customers who have all that its key says."""
    first, *others = key
    holders = _holders(first, {value for row in rows for value in row.get(first, ())}, own.get(first))
    found = [{pk for value in row.get(first, ()) for pk in holders.get(value, ())} for row in rows]
    for field in others:
        held = _held(field, sorted(set().union(*found)), own.get(field))
        found = [
            {pk for pk in ids if held.get(pk, set()) & set(row.get(field, ()))}
            for ids, row in zip(found, rows, strict=True)
        ]
    return [sorted(ids) for ids in found]


def _holders(field: str, values: Iterable[str], own: Definition | None) -> dict[str, set[int]]:
    wanted, found = sorted(values), dict[str, set[int]]()
    for piece in pieces(wanted, PIECE):
        for value, pk in (
            _rows(field, own)
            .filter(**{f"{_column(field, own)}__among": _typed(piece, own)})
            .values_list(_column(field, own), _customer(field, own))
        ):
            found.setdefault(str(value), set()).add(pk)
    if field == "number":
        for number, pk in led_by_number(wanted).items():
            found.setdefault(number, set()).add(pk)
    return found


def _held(field: str, ids: Sequence[int], own: Definition | None) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    who = _customer(field, own)
    for piece in pieces(ids, PIECE):
        for pk, value in (
            _rows(field, own).filter(**{f"{who}__among": piece}).values_list(who, _column(field, own))
        ):
            found.setdefault(pk, set()).add(str(value))
    return found


def _rows(field: str, own: Definition | None) -> Any:
    if own is not None:
        return FieldValue.objects.filter(field=own.pk).order_by()
    if field in REACHED:
        return ContactPoint.objects.filter(kind__in=REACHED[field]).order_by()
    return Customer.objects.order_by()


def _column(field: str, own: Definition | None) -> str:
    return own.column if own is not None else "normal" if field in REACHED else field


def _customer(field: str, own: Definition | None) -> str:
    return "customer_id" if own is not None or field in REACHED else "pk"


def _typed(values: Sequence[str], own: Definition | None) -> list[str | int]:
    return [int(value) for value in values] if own is not None and own.column == "number" else list(values)
