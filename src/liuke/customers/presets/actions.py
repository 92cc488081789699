"""Columns and options of an import kept under a name, for the next file like it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import get_language, gettext

from liuke.customers.fields.actions import imported_fields
from liuke.customers.findings.rules import FIELDS as FIELD_NAMES
from liuke.customers.imports.actions import TARGETS, choose, targets_for
from liuke.customers.presets.models import ImportPreset
from liuke.customers.presets.rules import NAME_LIMIT, Fitted, digest_of, fitted, gone_from, kept_choices
from liuke.customers.reading.rules import fields_of
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.customers.models import ImportBatch
    from liuke.platform.models import User

TAKEN = gettext_noop("There is a preset “%(name)s” already.")
MOST_OFFERED = 200


def presets_for(batch: ImportBatch) -> list[ImportPreset]:
    """Those that may serve for a file of what this one holds: the ones made from the same headings first, the latest of
    these before the others.
    """
    rows = ImportPreset.objects.filter(target=batch.target).select_related("saved_by")
    latest = rows.order_by("-saved_at", "-id")[:MOST_OFFERED]
    digest = digest_of(batch.reading["options"]["columns"])
    return sorted(latest, key=lambda one: (one.digest != digest, one.name if one.digest != digest else ""))


def made_from_same(preset: ImportPreset, batch: ImportBatch) -> bool:
    return preset.digest == digest_of(batch.reading["options"]["columns"])


def may_change(preset: ImportPreset, by: User | None) -> bool:
    """Whoever saved it, and whoever manages the settings."""
    return by is None or preset.saved_by_id == by.pk or by.may(Right.MANAGE_SETTINGS)


def gone_of(preset: ImportPreset) -> list[str]:
    """What the fields were called that are no more."""
    used = [name for name, column in preset.mapping.items() if column]
    return _called(preset, gone_from(used, preset.choices.get("key") or "", _fields(preset.target)))


@transaction.atomic
def remember(batch: ImportBatch, *, name: str, by: User | None, now: datetime) -> ImportPreset:
    """Keeps the columns and options of an import under a name; one of this name is brought up to date."""
    _permit(batch.target, by)
    words = clean("name", name, limit=NAME_LIMIT, required=True)
    held = ImportPreset.objects.select_for_update().filter(target=batch.target, name=words).first()
    if held and not may_change(held, by):
        raise Unfit("name", TAKEN, name=words)
    new = held or ImportPreset(target=batch.target, name=words)
    columns = list(batch.reading["options"]["columns"])
    new.columns, new.digest = columns, digest_of(columns)
    new.mapping = {name: batch.mapping.get(name) for name in _fields(batch.target)}
    new.choices = kept_choices(batch.choices)
    new.header_row = batch.reading["given"].get("header_row")
    new.own = {one.name: one.label(get_language() or "") for one in imported_fields()}
    new.saved_by, new.saved_at = by, now
    _save(new)
    audit.record("presets.save", by=by, now=now, subject=new, changes={"name": [held and words, words]})
    return new


def use(
    preset: ImportPreset, batch: ImportBatch, *, by: User | None, now: datetime
) -> tuple[ImportBatch, Fitted]:
    """Reads a file as the preset says, as far as it fits; what of it does not is told by what people call it."""
    _permit(preset.target, by)
    if preset.target != batch.target:
        raise Unfit("preset", gettext_noop("This preset is for another kind of file."))
    if preset.header_row is not None and not made_from_same(preset, batch):
        batch = choose(batch, by=by, now=now, reading={"header_row": preset.header_row}, mapping={})
    columns = batch.reading["options"]["columns"]
    fit = fitted(preset.mapping, preset.choices, columns=columns, fields=_fields(batch.target))
    cleared = dict.fromkeys(kept_choices(batch.choices))  # what was chosen before is no part of it
    choices = {**cleared, **fit.choices, "preset": preset.pk}
    used = choose(batch, by=by, now=now, mapping=fit.mapping, choices=choices)
    return used, Fitted(fit.mapping, fit.choices, _called(preset, fit.gone), fit.lost)


@transaction.atomic
def rename(preset: ImportPreset, name: str, *, by: User | None, now: datetime) -> ImportPreset:
    held = _held(preset, by)
    words = clean("name", name, limit=NAME_LIMIT, required=True)
    if words == held.name:
        return held
    before, held.name = held.name, words
    _save(held)
    audit.record("presets.rename", by=by, now=now, subject=held, changes={"name": [before, words]})
    return held


@transaction.atomic
def remove(preset: ImportPreset, *, by: User | None, now: datetime) -> None:
    """Imports that were read by it stay as they are."""
    held = _held(preset, by)
    audit.record("presets.remove", by=by, now=now, subject=held, changes={"name": [held.name, None]})
    held.delete()


def _save(preset: ImportPreset) -> None:
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError:
        raise Unfit("name", TAKEN, name=preset.name) from None


def _held(preset: ImportPreset, by: User | None) -> ImportPreset:
    _permit(preset.target, by)
    held = ImportPreset.objects.select_for_update().get(pk=preset.pk)
    if not may_change(held, by):
        permit(by, Right.MANAGE_SETTINGS)
    return held


def _permit(target: str, by: User | None) -> None:
    permit(by, Right.IMPORT)
    permit(by, TARGETS[target].right)


def visible_to(by: User | None) -> Collection[str]:
    """The targets whose presets somebody may see."""
    permit(by, Right.IMPORT)
    return targets_for(by)


def _fields(target: str) -> list[str]:
    return [one.name for one in fields_of(target, imported_fields())]


def _called(preset: ImportPreset, fields: Collection[str]) -> list[str]:
    return [
        preset.own.get(name) or (gettext(FIELD_NAMES[name]) if name in FIELD_NAMES else name)
        for name in fields
    ]
