from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from liuke.catalog.products.models import Product
from liuke.catalog.products.rules import NewProduct


@transaction.atomic
def known_or_new(products: Iterable[NewProduct]) -> dict[str, Product]:
    """code -> product; those that are new are added. For actions that record a sale and have asked for its right."""
    wanted = {product.code: product for product in products}
    found = {product.code: product for product in Product.objects.filter(code__in=wanted)}
    missing = [
        Product(code=p.code, name=p.name[:200], kind=p.kind, category=p.category[:80])
        for code, p in wanted.items()
        if code not in found
    ]
    if missing:
        # Somebody may add the same code in this instant: his row is as good as ours.
        Product.objects.bulk_create(missing, ignore_conflicts=True)
        found = {product.code: product for product in Product.objects.filter(code__in=wanted)}
    return found
