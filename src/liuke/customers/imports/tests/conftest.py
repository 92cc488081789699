from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db.models import Model

from liuke.catalog.models import Product
from liuke.customers.imports.actions import choose, run, take_back, undo, upload
from liuke.customers.models import (
    Contact,
    ContactPoint,
    Customer,
    CustomerSearch,
    Fact,
    FollowUp,
    ImportBatch,
    ImportPart,
    Purchase,
    PurchaseLine,
    StageChange,
)
from liuke.platform.models import User

Bring = Callable[..., ImportBatch]
BROUGHT: tuple[type[Model], ...] = (
    Customer, CustomerSearch, Contact, ContactPoint, Product, Purchase, PurchaseLine, Fact, FollowUp, StageChange,
)  # fmt: skip


@pytest.fixture
def bring(db: None, now: datetime) -> Bring:
    """Brings a file in as the product does, in one go."""

    def brought(
        content: str | bytes,
        target: str = "purchases",
        *,
        name: str = "file.csv",
        by: User | None = None,
        mapping: dict[str, str | None] | None = None,
        reading: dict[str, Any] | None = None,
        **choices: Any,
    ) -> ImportBatch:
        data = content.encode() if isinstance(content, str) else content
        batch = upload(io.BytesIO(data), name=name, target=target, by=by, now=now, **(reading or {}))
        batch = choose(batch, by=by, now=now, mapping=mapping or {}, choices=choices)
        return run(batch, by=by, now=now)

    return brought


@pytest.fixture
def take_out(now: datetime) -> Callable[[ImportBatch], ImportBatch]:
    return lambda batch: take_back(undo(batch, by=None, now=now), now=now)


def content() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that an import writes, without the ids that a second one would choose otherwise."""

    def rows(model: Any, *columns: str) -> list[tuple[Any, ...]]:
        return sorted(model.objects.values_list(*columns), key=str)

    spans = ("first_purchase_at", "last_purchase_at")
    amounts = ("amount_minor", "goods_minor", "line_count", "product_count")
    return {
        "customers": rows(
            Customer, "number", "name", "kind", "scope", "stage", "country", "city", "owner__username", *spans
        ),
        "points": rows(ContactPoint, "customer__number", "kind", "value", "normal"),
        "contacts": rows(Contact, "customer__number", "name", "title", "is_primary"),
        "products": rows(Product, "code", "name", "kind"),
        "purchases": rows(
            Purchase, "number", "kind", "customer__number", "at", "currency", *amounts, "reverses__number"
        ),
        "lines": rows(
            PurchaseLine, "purchase__number", "product__code", "quantity_milli", "amount_minor", "cost_minor"
        ),
        "facts": rows(Fact, "customer__number", "kind", "at", "amount_minor"),
        "search": rows(CustomerSearch, "text"),
        "stages": rows(StageChange, "customer__number", "from_stage", "to_stage", "at", "reason"),
    }


def row_counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in BROUGHT}


def in_part(batch: ImportBatch, number: str) -> None:
    """As earlier versions noted an order of which a row had stayed out."""
    order = Purchase.objects.get(number=number)
    ImportPart.objects.create(batch=batch, number=number, digest=order.digest)


def told_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """What is told, but for the currency: few files of these tests name one."""
    return [problem for problem in batch.problems if problem["code"] != "currency_assumed"]
