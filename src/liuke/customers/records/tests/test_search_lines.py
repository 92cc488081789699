"""The lines of the search box are written many at once; quotation marks and line breaks in them stay what they are."""

from __future__ import annotations

import pytest

from liuke.customers.models import Customer, CustomerSearch
from liuke.platform.bulk.actions import insert_rows

CONFLICT = "ON CONFLICT (customer_id) DO UPDATE SET text = excluded.text"


@pytest.mark.django_db
def test_all_rows_in_one_statement_are_the_same_rows_and_are_found() -> None:
    ids = [Customer.objects.create(number=name, name=name).pk for name in "AB"]
    rows = [(pk, f"\n杭州'\"%s\\n{pk}\n") for pk in ids]
    for written in ([(pk, "\nbefore\n") for pk in ids], rows):
        insert_rows(CustomerSearch, ["customer_id", "text"], written, on_conflict=CONFLICT, at_once=True)
    assert list(CustomerSearch.objects.order_by("pk").values_list("customer_id", "text")) == rows
    assert CustomerSearch.objects.filter(text__holds=["杭州"]).count() == 2
    assert not CustomerSearch.objects.filter(text__holds=["before"]).exists()
