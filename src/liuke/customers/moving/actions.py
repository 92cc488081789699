"""Bringing what hangs on one customer to another, each step noted so that it can be taken back.

Whoever keeps rows about customers says in CHILDREN how they come along; a merge refuses to begin while a table is there
that nobody has decided about, and the suite fails (merging/tests/test_children.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from django.apps import apps
from django.db import models

from liuke.customers.moving.models import Merge, MergeStep
from liuke.customers.records.models import Customer
from liuke.platform.bulk.rules import pieces

Child: TypeAlias = tuple[str, type[models.Model], str]  # "customers.Contact.customer", model, field


@dataclass
class Moving:
    """One record on its way into another."""

    merge: Merge
    survivor: Customer
    gone: Customer
    now: datetime
    choices: dict[str, int] = field(
        default_factory=dict
    )  # unit -> whose value is taken, where somebody chose

    def carry(
        self,
        model: type[models.Model],
        name: str,
        ids: Iterable[int],
        *,
        start: int | None = None,
        to: int | None = None,
    ) -> None:
        """These rows name the survivor from now on; with `to`, another row than his (a person)."""
        start, target = start or self.gone.pk, to or self.survivor.pk
        for piece in pieces(sorted(ids), 5_000):
            model._base_manager.filter(pk__in=piece).update(**{name: target})
            self._note("moved", model, field=name, from_id=start, ids=list(piece), values={"to": target})

    def alter(self, row: models.Model, **values: Any) -> None:
        """Columns of one row, by their attribute names (`owner_id`)."""
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not differing:
            return
        pairs = {name: [plain(getattr(row, name)), plain(value)] for name, value in differing.items()}
        for name, value in differing.items():
            setattr(row, name, value)
        row.save(update_fields=[_column(row, name).name for name in differing])
        self._note("altered", type(row), ids=[row.pk], values=pairs)

    def put_aside(self, rows: Iterable[models.Model]) -> None:
        """Taken out, and kept whole with the merge: the survivor has the same already, or there is room for one."""
        for row in rows:
            values = {one.attname: plain(one.value_from_object(row)) for one in row._meta.concrete_fields}
            self._note("aside", type(row), ids=[row.pk], values=values)
            row._meta.model._base_manager.filter(pk=row.pk)._raw_delete(
                using="default"
            )  # nothing may go along

    def added(self, row: models.Model) -> None:
        """The merge itself brought it; it goes when the merge does."""
        self._note("added", type(row), ids=[row.pk])

    def _note(self, what: str, model: type[models.Model], **held: Any) -> None:
        MergeStep.objects.create(merge=self.merge, what=what, model=model._meta.label, **held)


Mover: TypeAlias = Callable[[Moving, type[models.Model], str], None]
CHILDREN: Final[dict[str, Mover]] = {}


def moves(*labels: str) -> Callable[[Mover], Mover]:
    """Says how the rows of these columns ("customers.Contact.customer") come along."""

    def mark(mover: Mover) -> Mover:
        CHILDREN.update(dict.fromkeys(labels, mover))
        return mover

    return mark


def children() -> Iterator[Child]:
    """Every column of every table that names a customer, hidden ones too, in the order in which they are brought along."""
    found: dict[str, Child] = {}
    for relation in Customer._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and not relation.many_to_many:
            model, name = relation.related_model, relation.field.name  # type: ignore[union-attr]
            found[f"{model._meta.label}.{name}"] = (f"{model._meta.label}.{name}", model, name)  # type: ignore[union-attr, assignment]
    order = {label: place for place, label in enumerate(CHILDREN)}
    yield from sorted(found.values(), key=lambda child: (order.get(child[0], len(order)), child[0]))


class Undecided(Exception):
    """A table names customers and nobody has said what becomes of its rows: nothing is merged until somebody has."""


def bring(moving: Moving) -> None:
    """Everything that hangs on the one who goes; afterwards nothing does."""
    known = list(children())
    if unknown := [label for label, _model, _name in known if label not in CHILDREN]:
        raise Undecided(", ".join(unknown))
    for label, model, name in known:
        CHILDREN[label](moving, model, name)
    for label, model, name in known:
        if model._base_manager.filter(**{name: moving.gone.pk}).exists():
            raise Undecided(f"{label} left something behind")


# --- the usual ways -----------------------------------------------------------------------------------


def ids_of(rows: models.QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def carry(moving: Moving, model: type[models.Model], name: str) -> None:
    """All of them go along, as they are."""
    moving.carry(model, name, ids_of(model._base_manager.filter(**{name: moving.gone.pk})))


def carry_unless(*same: str) -> Mover:
    """They go along, but for those of which the survivor has one with the same values already."""

    def mover(moving: Moving, model: type[models.Model], name: str) -> None:
        mine = model._base_manager.filter(**{name: moving.survivor.pk})
        has = set(mine.values_list(*same))
        theirs = list(model._base_manager.filter(**{name: moving.gone.pk}).order_by("pk"))
        twice = [row for row in theirs if tuple(getattr(row, column) for column in same) in has]
        moving.put_aside(twice)
        moving.carry(model, name, [row.pk for row in theirs if row not in twice])

    return mover


def put_aside(moving: Moving, model: type[models.Model], name: str) -> None:
    moving.put_aside(model._base_manager.filter(**{name: moving.gone.pk}))


def drop(moving: Moving, model: type[models.Model], name: str) -> None:
    """It is worked out anew from what is there."""
    model._base_manager.filter(**{name: moving.gone.pk}).delete()


# --- taken back ---------------------------------------------------------------------------------------


@dataclass
class TakenBack:
    """What an undo could not put back: columns that were changed since, rows that were removed or moved on since."""

    kept: list[tuple[str, str]] = field(default_factory=list)  # model and column
    missing: int = 0


def take_back(steps: Sequence[MergeStep]) -> TakenBack:
    """Undoes the steps, the last first. What somebody has changed since stays as he wanted it."""
    result = TakenBack()
    for step in sorted(steps, key=lambda one: one.pk, reverse=True):
        UNDO[step.what](step, apps.get_model(step.model), result)
    return result


def _return_rows(step: MergeStep, model: type[models.Model], result: TakenBack) -> None:
    there = {step.field: step.values["to"]}
    back = 0
    for piece in pieces(step.ids, 5_000):
        back += model._base_manager.filter(pk__in=piece, **there).update(**{step.field: step.from_id})
    result.missing += len(step.ids) - back


def _restore_columns(step: MergeStep, model: type[models.Model], result: TakenBack) -> None:
    row = model._base_manager.filter(pk=step.ids[0]).first()
    if row is None:
        result.missing += 1
        return
    names = []
    for name, (old, new) in step.values.items():
        if plain(getattr(row, name)) != new:
            result.kept.append((step.model, name))
            continue
        value = _fit(_column(row, name), old)
        setattr(row, name, value)
        names.append(_column(row, name).name)
    if names:
        row.save(update_fields=names)


def _restore_row(step: MergeStep, model: type[models.Model], result: TakenBack) -> None:
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.attname not in step.values:
            continue  # came into being after the merge: its default
        value = step.values[column.attname]
        if value is not None and column.is_relation and not _there(column, value):
            if not column.null:
                result.missing += 1
                return
            value = None
        values[column.attname] = _fit(column, value)
    model(**values).save_base(raw=True, force_insert=True)


def _take_out(step: MergeStep, model: type[models.Model], result: TakenBack) -> None:
    model._base_manager.filter(pk__in=step.ids).delete()


UNDO: Final[dict[str, Callable[[MergeStep, type[models.Model], TakenBack], None]]] = {
    "moved": _return_rows,
    "altered": _restore_columns,
    "aside": _restore_row,
    "added": _take_out,
}


def restore_aside(merge: Merge, pk: int, before: Mapping[str, Sequence[Any]]) -> None:
    """Columns (old, new) of a customer who was merged: put back in what is kept of him, unless they were changed since."""
    for step in merge.steps.filter(what="aside", model="customers.Customer"):
        if step.ids == [pk]:
            same = {name: old for name, (old, new) in before.items() if step.values.get(name) == new}
            step.values |= same
            step.save(update_fields=["values"])


def plain(value: Any) -> Any:
    """As JSON keeps it; instants to the microsecond, which Django's own encoder would cut."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC)
    return value.isoformat() if isinstance(value, date) else value


def _fit(column: Any, value: Any) -> Any:
    return value if isinstance(column, models.JSONField) or value is None else column.to_python(value)


def _there(column: Any, value: Any) -> bool:
    return bool(column.related_model._base_manager.filter(pk=value).exists())


def _column(row: models.Model, attname: str) -> Any:
    return next(one for one in row._meta.concrete_fields if one.attname == attname)
