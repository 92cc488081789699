"""The checked lines of a log: one row per line of a purchase, typed, with what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from liuke.insight.kinds import Column, Table, pa, pc
from liuke.insight.reading import values
from liuke.insight.reading.columns import match
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.reading.source import Source
from liuke.insight.reading.values import LATE

NOT_PRODUCTS: Final = (
    r"^(post(age)?|dot(com postage)?|d|m|s|b|c2|c3|pads|cruk|carriage|manual|samples?|shipping|freight|delivery"
    r"|bank charges|amazon ?fee|fees?|discount|adjust.*|rounding|tips?|gift wrap"
    r"|运费|邮费|快递费|手续费|折扣|优惠|包装费|服务费|调整|补差价?|運費|郵費|手續費|優惠|包裝費|服務費|調整)$"
)


@dataclass(frozen=True)
class Reading:
    """What was found on the way in, for the reader's eyes.

    `rows` read; `without_customer` set aside; `negative` entries (refunds, cancellations); `not_products` lines such as
    postage or a bank charge; `columns` which column was taken for which field; `currency` of the log, where it says.
    """

    rows: int
    without_customer: int
    negative: int
    not_products: int
    columns: dict[str, str]
    currency: str | None


def checked_lines(
    source: Source, mapping: Mapping[str, str] | None, *, timezone: str, not_after: date | None = None
) -> tuple[Table, Reading]:
    """Typed lines (customer, on, amount, bought, order, product, goods, channel, cost, discount) and the reading.

    `bought` says whether the line is an occasion of purchase: its amount is not negative and neither is its
    quantity. Optional columns that the source lacks are left out. Lines without a customer are counted, not kept.
    """
    found = match(source, mapping)
    if len(source) == 0:
        raise UnreadablePurchases("there is no row below the header", table=source.table)
    lines, reading = typed_lines(source, found, timezone=timezone, not_after=not_after)
    refuse_nobody(reading, table=source.table)
    return lines, reading


def refuse_nobody(reading: Reading, *, table: str) -> None:
    """Refuse a log without a row that names a customer."""
    if reading.without_customer == reading.rows:
        raise UnreadablePurchases("no row names a customer", table=table, column=reading.columns["customer"])


def refuse_later(reading: Reading, last_on: date, not_after: date | None, *, table: str) -> None:
    """The same as `values.days` says of a row, for a log that the workers of a cluster have read."""
    if not_after is not None and last_on > not_after:
        raise UnreadablePurchases(
            f"{LATE.format(day=not_after)}: “{last_on}”", table=table, column=reading.columns["at"]
        )


def typed_lines(
    source: Source, found: Mapping[str, str], *, timezone: str, not_after: date | None = None
) -> tuple[Table, Reading]:
    """The lines of a log, or of a part of one, whose columns are known; perhaps none."""
    customer = values.customers(values.Named(source, found["customer"]))
    known = pc.is_valid(customer)
    kept = source.filter(known) if customer.null_count else source
    columns = {field: values.Named(kept, name) for field, name in found.items()}
    made = {
        "customer": customer.drop_null() if customer.null_count else customer,
        "on": values.days(columns["at"], timezone=timezone, not_after=not_after),
    }
    quantity = values.numbers(columns["quantity"]) if "quantity" in found else None
    made["amount"] = _amounts(columns, quantity)
    made["bought"] = pc.greater_equal(made["amount"], 0)
    if quantity is not None:
        made["bought"] = pc.and_(made["bought"], pc.greater_equal(pc.fill_null(quantity, 1), 0))
    for field in ("cost", "discount"):
        if field in found:
            made[field] = pc.fill_null(values.numbers(columns[field]), 0.0)
    for field in ("order", "product", "channel"):
        if field in found:
            made[field] = values.texts(columns[field])
    if "product" in found:
        made["goods"] = _goods(columns, made["product"])
    reading = Reading(
        rows=len(source),
        without_customer=len(source) - len(kept),
        negative=_count(pc.less(made["amount"], 0)),
        not_products=_count(pc.invert(made["goods"])) if "goods" in made else 0,
        columns=dict(found),
        currency=values.one_currency(columns["currency"]) if "currency" in found else None,
    )
    return pa.table(made), reading


def _amounts(columns: Mapping[str, values.Named], quantity: Column | None) -> Column:
    if "amount" in columns:
        return columns["amount"].required(values.numbers(columns["amount"]))
    price = columns["unit_price"].required(values.numbers(columns["unit_price"]))
    columns["quantity"].required(quantity)
    return pc.round(pc.multiply(price, quantity), 6)  # 3 × 0.1 is 0.3, not 0.30000000000000004


def _goods(columns: Mapping[str, values.Named], product: Column) -> Column:
    """Whether the line is of a product: as the log says, else by code and name not being those of a fee or postage."""
    if "goods" in columns and pa.types.is_boolean(columns["goods"].values.type):
        return pc.and_(pc.fill_null(columns["goods"].values, True), pc.is_valid(product))
    service = pc.match_substring_regex(product, NOT_PRODUCTS, ignore_case=True)
    if "product_name" in columns:
        named = values.texts(columns["product_name"])
        service = pc.or_kleene(service, pc.match_substring_regex(named, NOT_PRODUCTS, ignore_case=True))
    return pc.and_(pc.invert(pc.fill_null(service, False)), pc.is_valid(product))


def _count(mask: Column) -> int:
    return int(pc.sum(mask).as_py() or 0)
