"""Any customer's file into Arrow, quickly and safely. Pure Python; knows nothing of customers' tables or screens.

    found = inspect(path)                              # what it is; show it, let the user correct it
    matching = match_columns(found.columns, found.samples, PURCHASE_FIELDS)
    reading = read(path, options=found.options)        # RecordBatches with a `__row__` column
    for batch in reading:
        amounts = parse_amount(batch[matching.column("amount")], currency="CNY")
        told = amounts.problems(rows=batch["__row__"], field="amount", originals=batch[...])
    reading.problems                                   # rows that could not be cut into columns

`inspect` and `read` raise `RefusedFile` when the whole file is unusable; everything smaller is a `Problem`.
"""

from liuke.tabular.columns.fields import CUSTOMER_FIELDS, PURCHASE_FIELDS, Field, Kind
from liuke.tabular.columns.matching import How, Match, Matching, match_columns
from liuke.tabular.columns.plausibility import are_names
from liuke.tabular.files.formulas import neutralised, restore_text
from liuke.tabular.files.inspecting import inspect
from liuke.tabular.files.inspection import Format, Inspection, ReadOptions
from liuke.tabular.files.reading import Reading, read
from liuke.tabular.files.rejects import Reject, write_rejects
from liuke.tabular.problems import CODES, Message, Problem, RefusedFile, Severity, visible
from liuke.tabular.values.amounts import multiply_amount, parse_amount, parse_price, parse_quantity, unscaled
from liuke.tabular.values.currencies import DECIMALS, decimals, parse_currency
from liuke.tabular.values.dates import DateStyle, Order
from liuke.tabular.values.instants import detect_dates, parse_date, parse_instant
from liuke.tabular.values.numbers import NumberStyle, detect_numbers
from liuke.tabular.values.parsing import Parsed
from liuke.tabular.values.texts import composed, is_storable, parse_text
from liuke.tabular.values.writing import ROW, as_text

__all__ = [
    "CODES",
    "CUSTOMER_FIELDS",
    "DECIMALS",
    "PURCHASE_FIELDS",
    "ROW",
    "DateStyle",
    "Field",
    "Format",
    "How",
    "Inspection",
    "Kind",
    "Match",
    "Matching",
    "Message",
    "NumberStyle",
    "Order",
    "Parsed",
    "Problem",
    "ReadOptions",
    "Reading",
    "RefusedFile",
    "Reject",
    "Severity",
    "are_names",
    "as_text",
    "composed",
    "decimals",
    "detect_dates",
    "detect_numbers",
    "inspect",
    "is_storable",
    "match_columns",
    "multiply_amount",
    "neutralised",
    "parse_amount",
    "parse_currency",
    "parse_date",
    "parse_instant",
    "parse_price",
    "parse_quantity",
    "parse_text",
    "read",
    "restore_text",
    "unscaled",
    "visible",
    "write_rejects",
]
