"""The Online Retail log, all of it. It is not ours to ship, so the tests are skipped where it is not at hand."""

from __future__ import annotations

import csv
import datetime as dt
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
import pytest

from liuke.tabular import (
    PURCHASE_FIELDS,
    detect_dates,
    detect_numbers,
    inspect,
    match_columns,
    multiply_amount,
    parse_instant,
    parse_price,
    parse_quantity,
    parse_text,
    read,
)

ROOT = Path(__file__).resolve().parents[4]
LOG = Path(os.environ.get("LIUKE_SHARED", ROOT.parent / "shared" / "data")) / "online-retail.parquet"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not LOG.exists(), reason="the Online Retail log is not at hand"),
]


def parsed(path: Path) -> dict[str, Any]:
    """Every column of the log by the way an import goes, with all problems counted."""
    found = inspect(path)
    columns = match_columns(found.columns, found.samples, PURCHASE_FIELDS).columns
    reading = read(path, options=found.options)
    table = pa.Table.from_batches(list(reading))
    assert reading.problem_count == 0
    price = parse_price(table[columns["unit_price"]], style=detect_numbers(table[columns["unit_price"]]))
    quantity = parse_quantity(table[columns["quantity"]])
    dates = detect_dates(table[columns["at"]])
    values = {
        "customer": parse_text(table[columns["customer"]], identifier=True),
        "order_number": parse_text(table[columns["order_number"]]),
        "product_name": parse_text(table[columns["product_name"]]),
        "at": parse_instant(table[columns["at"]], zone="Europe/London", style=dates),
        "amount": multiply_amount(price.values, quantity.values, currency="GBP"),
        "price": price,
        "quantity": quantity,
    }
    assert all(part.clean for part in values.values())
    return {name: part.values for name, part in values.items()}


def test_every_line_is_read_and_none_is_refused() -> None:
    found = parsed(LOG)
    assert len(found["at"]) == 541_909
    assert found["customer"].null_count == 135_080
    assert len(found["customer"].unique().drop_null()) == 4372
    assert sum(found["amount"].to_pylist()) == 974_774_793
    assert found["at"][0].as_py() == dt.datetime(2010, 12, 1, 8, 26, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "form", "mark"),
    [
        ("cp1252", ",", "%m/%d/%Y %H:%M", "."),
        ("utf-16", "\t", "%d.%m.%Y %H:%M", ","),
        ("gb18030", ";", "%Y年%m月%d日 %H:%M", "."),
    ],
)
def test_the_log_says_the_same_as_text(
    tmp_path: Path, encoding: str, delimiter: str, form: str, mark: str
) -> None:
    whole = pa.parquet.read_table(LOG)
    ascii_only = pa.compute.fill_null(pa.compute.string_is_ascii(whole["Description"]), True).to_pylist()
    table = whole.take([n for n, plain in enumerate(ascii_only) if n % 9 == 0 or not plain])
    pa.parquet.write_table(table, tmp_path / "log.parquet")
    path = tmp_path / "log.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(table.column_names)
        for order, stock, text, count, at, price, customer, country in zip(
            *(column.to_pylist() for column in table.columns), strict=True
        ):
            number = (
                "" if customer is None else f"{customer}.0"
            )  # as pandas writes whole numbers beside blanks
            writer.writerow(
                [order, stock, text, count, at.strftime(form), str(price).replace(".", mark), number, country]
            )
    expected = parsed(tmp_path / "log.parquet")
    for name, values in parsed(path).items():
        assert values.equals(expected[name]), name
