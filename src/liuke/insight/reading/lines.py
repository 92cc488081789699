"""The checked lines of a log: one row per line of a purchase, typed, with what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from liuke.insight.errors import gettext_noop
from liuke.insight.kinds import Column, Table, pa, pc
from liuke.insight.reading import values
from liuke.insight.reading.columns import match
from liuke.insight.reading.findings import Findings, LeftOut, left_out, refuse
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
    postage or a bank charge; `columns` which column was taken for which field; `currency` of the log, where it says;
    `left_out` rows that could not be read, where that was asked for.
    """

    rows: int
    without_customer: int
    negative: int
    not_products: int
    columns: dict[str, str]
    currency: str | None
    left_out: int = 0


def checked_lines(
    source: Source,
    mapping: Mapping[str, str] | None,
    *,
    timezone: str,
    not_after: date | None = None,
    left_out: list[LeftOut] | None = None,
) -> tuple[Table, Reading]:
    """Typed lines (customer, on, amount, bought, order, product, goods, channel, cost, discount, taken_back) and the reading.

    `bought` says whether the line is an occasion of purchase: its amount is not negative and neither is its
    quantity. Optional columns that the source lacks are left out. Lines without a customer are counted, not kept.

    All that is wrong is gathered and refused at once; with `left_out`, a list to put them in, bad rows are left out instead.
    """
    found = match(source, mapping)
    if len(source) == 0 and not source.uncut:
        raise UnreadablePurchases(NO_ROW, table=source.table)
    lines, reading = typed_lines(source, found, timezone=timezone, not_after=not_after, left_out=left_out)
    refuse_nobody(reading, table=source.table)
    return lines, reading


NO_ROW: Final = gettext_noop("there is no row below the header")
NOBODY: Final = gettext_noop("no row names a customer")
NOTHING_LEFT: Final = gettext_noop("no row is left: {count} could not be read, the others name no customer")


def refuse_nobody(reading: Reading, *, table: str) -> None:
    """Refuse a log without a row that names a customer."""
    if reading.without_customer + reading.left_out == reading.rows:
        what = NOTHING_LEFT if reading.left_out else NOBODY
        column = reading.columns["customer"]
        raise UnreadablePurchases(what, table=table, column=column, count=reading.left_out)


def refuse_later(reading: Reading, last_on: date, not_after: date | None, *, table: str) -> None:
    """The same as `values.days` says of a row, for a log that the workers of a cluster have read."""
    if not_after is not None and last_on > not_after:
        raise UnreadablePurchases(
            LATE, table=table, column=reading.columns["at"], day=not_after, value=last_on
        )


def typed_lines(
    source: Source,
    found: Mapping[str, str],
    *,
    timezone: str,
    not_after: date | None = None,
    left_out: list[LeftOut] | None = None,
) -> tuple[Table, Reading]:
    """The lines of a log, or of a part of one, whose columns are known; perhaps none."""
    named = Findings(source)
    customer = named.take(
        lambda: values.customers(values.Named(source, found["customer"], named)),
        pa.nulls(len(source), pa.string()),
    )
    known = pc.is_valid(customer)
    kept = source.filter(known) if customer.null_count else source
    findings = Findings(kept)
    made = _columns(kept, found, findings, timezone=timezone, not_after=not_after)
    made = {"customer": customer.drop_null() if customer.null_count else customer, **made}
    currency = findings.take(lambda: _currency(kept, found), None)
    nameless = len(source) - len(kept) - _count(named.bad)
    _refuse_or_leave_out(source, (named, findings), list(found.values()), left_out)
    lines = pa.table(made)
    if (sound := findings.sound()) is not None:
        lines = lines.filter(sound)
    reading = Reading(
        rows=len(source) + len(source.uncut),
        without_customer=nameless,
        negative=_count(pc.less(lines["amount"], 0)),
        not_products=_count(pc.invert(lines["goods"])) if "goods" in made else 0,
        columns=dict(found),
        currency=currency,
        left_out=_count(named.bad) + _count(findings.bad) + len(source.uncut),
    )
    return lines.combine_chunks(), reading


def _columns(
    kept: Source, found: Mapping[str, str], findings: Findings, *, timezone: str, not_after: date | None
) -> dict[str, Column]:
    """The columns behind the customer's; what can't be read is null and among the findings."""
    columns = {field: values.Named(kept, name, findings) for field, name in found.items()}
    made = {
        "on": findings.take(
            lambda: values.days(columns["at"], timezone=timezone, not_after=not_after),
            pa.nulls(len(kept), pa.date32()),
        )
    }
    needed = {"amount"} if "amount" in found else {"unit_price", "quantity"}
    numbers = {
        field: findings.take(
            partial(values.numbers, columns[field], required=field in needed, counted=field == "quantity"),
            pa.nulls(len(kept), pa.float64()),
        )
        for field in ("amount", "unit_price", "quantity", "cost", "discount")
        if field in found and (field in needed or field != "unit_price")
    }
    quantity = numbers.get("quantity")
    made["amount"] = _amounts(numbers)
    made["bought"] = pc.greater_equal(made["amount"], 0)
    if quantity is not None:
        made["bought"] = pc.and_(made["bought"], pc.greater_equal(pc.fill_null(quantity, 1), 0))
    for field in ("cost", "discount"):
        if field in found:
            made[field] = pc.fill_null(numbers[field], 0.0)
    for field in ("order", "product", "channel"):
        if field in found:
            made[field] = values.texts(columns[field])
    if "product" in found:
        made["goods"] = _goods(columns, made["product"])
    if "taken_back" in found:
        made["taken_back"] = findings.take(
            partial(
                values.days, columns["taken_back"], timezone=timezone, not_after=not_after, required=False
            ),
            pa.nulls(len(kept), pa.date32()),
        )
    return made


def _refuse_or_leave_out(
    source: Source, findings: tuple[Findings, ...], order: list[str], into: list[LeftOut] | None
) -> None:
    uncut = Findings(source)
    uncut.cells, uncut.count = [trouble for trouble, _raw in source.uncut], len(source.uncut)
    refuse([uncut, *findings], order, skip_bad=into is not None)
    if into is not None:
        into += [LeftOut(trouble.row or 0, {}, (trouble,), raw) for trouble, raw in source.uncut]
        into += left_out(findings)


def _amounts(numbers: Mapping[str, Column]) -> Column:
    if "amount" in numbers:
        return numbers["amount"]
    return pc.round(
        pc.multiply(numbers["unit_price"], numbers["quantity"]), 6
    )  # 3 × 0.1 is 0.3, not 0.30000000000000004


def _goods(columns: Mapping[str, values.Named], product: Column) -> Column:
    """Whether the line is of a product: as the log says, else by code and name not being those of a fee or postage."""
    if "goods" in columns and pa.types.is_boolean(columns["goods"].values.type):
        return pc.and_(pc.fill_null(columns["goods"].values, True), pc.is_valid(product))
    service = pc.match_substring_regex(product, NOT_PRODUCTS, ignore_case=True)
    if "product_name" in columns:
        named = values.texts(columns["product_name"])
        service = pc.or_kleene(service, pc.match_substring_regex(named, NOT_PRODUCTS, ignore_case=True))
    return pc.and_(pc.invert(pc.fill_null(service, False)), pc.is_valid(product))


def _currency(kept: Source, found: Mapping[str, str]) -> str | None:
    return values.one_currency(values.Named(kept, found["currency"])) if "currency" in found else None


def _count(mask: Column | None) -> int:
    return 0 if mask is None else int(pc.sum(mask).as_py() or 0)
