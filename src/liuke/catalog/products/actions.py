from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from liuke.catalog.products.models import Product
from liuke.catalog.products.rules import NewProduct
from liuke.platform.bulk.actions import insert_rows
from liuke.platform.bulk.rules import pieces

COLUMNS = ("code", "name", "kind", "category", "created_at")


@transaction.atomic
def known_or_new(products: Iterable[NewProduct], *, now: datetime) -> dict[str, Product]:
    """code -> product; those that are new are added. For actions that record a sale and have asked for its right."""
    wanted: dict[str, NewProduct] = {}
    for product in products:
        wanted.setdefault(product.code, product)  # the first description of a new code stands
    found = _found(sorted(wanted))
    if missing := sorted(wanted.keys() - found.keys()):
        rows = [(p.code, p.name, p.kind, p.category, now) for p in map(wanted.__getitem__, missing)]
        # Somebody may add the same code in this instant: his row is as good as ours.
        insert_rows(Product, COLUMNS, rows, on_conflict="ON CONFLICT (code) DO NOTHING")
        found |= _found(missing)
    return found


def _found(codes: list[str]) -> dict[str, Product]:
    return {p.code: p for piece in pieces(codes) for p in Product.objects.filter(code__in=piece)}
