"""No table about customers may be forgotten: a merge would leave its rows behind, or refuse to begin."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from liuke.customers.merging import actions  # noqa: F401 - says how each table comes along
from liuke.customers.models import Customer
from liuke.customers.moving.actions import CHILDREN, Moving, Undecided, bring, carry, children
from liuke.customers.moving.models import Merge


def test_every_table_that_names_a_customer_says_how_its_rows_come_along() -> None:
    there = {label for label, _model, _name in children()}
    assert there - CHILDREN.keys() == set(), (
        "say in its slice, with @moves, how the rows come along in a merge"
    )
    assert CHILDREN.keys() - there == set(), "these columns are gone"


def test_ids_that_are_no_foreign_keys_are_known() -> None:
    """A customer's id in a plain column would lead nowhere after a merge: each is dealt with by hand."""
    loose = {
        f"{model._meta.label}.{column.name}"
        for model in _own_models()
        for column in model._meta.concrete_fields
        if not column.is_relation and column.name in ("subject_id", "customer_id", "old_id", "from_id")
    }
    assert loose == {
        "platform.AuditEntry.subject_id",  # sealed: the card asks for the old ids too
        "platform.Delivery.subject_id",  # of the fact that a webhook is told of, never the customer himself
        "customers.Fact.subject_id",  # of what the fact is about, never the customer himself
        "customers.ImportReplacement.subject_id",  # undoing asks where the id leads
        "customers.Former.old_id",
        "customers.MergeStep.from_id",
    }


def _own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("liuke.")]


def test_nothing_is_merged_while_a_table_is_undecided(monkeypatch: pytest.MonkeyPatch, alice, now) -> None:
    here, gone = (Customer.objects.create(number=n, name=n, owner=alice) for n in ("K-1", "K-2"))
    gone.contacts.create(name="Mei")
    moving = Moving(Merge.objects.create(survivor=here, at=now), here, gone, now)
    monkeypatch.delitem(CHILDREN, "customers.Contact.customer")
    with pytest.raises(Undecided, match=r"customers\.Contact\.customer"):
        bring(moving)


def test_what_is_left_behind_stops_the_merge(monkeypatch: pytest.MonkeyPatch, alice, now) -> None:
    here, gone = (Customer.objects.create(number=n, name=n, owner=alice) for n in ("K-1", "K-2"))
    gone.contacts.create(name="Mei")
    moving = Moving(Merge.objects.create(survivor=here, at=now), here, gone, now)
    monkeypatch.setitem(CHILDREN, "customers.Contact.customer", lambda *_: None)
    with pytest.raises(Undecided, match="left something behind"):
        bring(moving)
    monkeypatch.setitem(CHILDREN, "customers.Contact.customer", carry)
    bring(moving)
    assert here.contacts.get().name == "Mei"
