from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.catalog.products.actions import known_or_new
from liuke.catalog.products.models import Product
from liuke.catalog.products.rules import NewProduct


def test_new_codes_are_added_and_known_ones_kept_as_they_are(db: None, now: datetime) -> None:
    cup = Product.objects.create(code="CT-101", name="杯子", created_at=now)
    found = known_or_new(
        [
            NewProduct("CT-101", "Cup"),
            NewProduct("YF", "Postage", "charge"),
            NewProduct("BX-1", " Gift   box ", category="boxes"),
            NewProduct("BX-1", "another description"),
        ],
        now=now,
    )
    assert found.keys() == {"CT-101", "YF", "BX-1"}
    assert found["CT-101"] == cup
    assert found["CT-101"].name == "杯子"
    assert (found["YF"].kind, found["BX-1"].name, found["BX-1"].category) == ("charge", "Gift box", "boxes")
    assert found["YF"].created_at == now
    assert Product.objects.count() == 3


def test_nothing_asked_nothing_written(db: None, now: datetime) -> None:
    assert known_or_new([], now=now) == {}


def test_statements_do_not_grow_with_the_products(db: None, now: datetime) -> None:
    def statements(prefix: str, count: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            known_or_new([NewProduct(f"{prefix}{n}") for n in range(count)], now=now)
        return len(caught)

    assert statements("a", 1) == statements("b", 400)


@pytest.mark.parametrize(
    ("code", "kind"), [("", "goods"), ("  ", "goods"), ("x" * 61, "goods"), ("A", "wish")]
)
def test_what_is_no_product(code: str, kind: str) -> None:
    with pytest.raises(ValueError, match="a product"):
        NewProduct(code, kind=kind)


def test_a_product_is_told_by_name_or_code() -> None:
    assert str(Product(code="CT-101", name="Cup")) == "Cup"
    assert str(Product(code="CT-101")) == "CT-101"
