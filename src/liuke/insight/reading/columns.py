"""Which column is which field of a purchase line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liuke import tabular
from liuke.insight.errors import gettext_noop
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.reading.source import TWICE, Source

# the names that an analyst gives, and the product's import uses for the same thing
ALIASES: Final = {
    "on": "at",
    "date": "at",
    "price": "unit_price",
    "product_code": "product",
    "order_number": "order",
}
THEIRS: Final = {"product": "product_code", "order": "order_number"}
OURS: Final = {theirs: ours for ours, theirs in THEIRS.items()}

FIELDS: Final = (
    "customer", "at", "amount", "quantity", "unit_price", "cost", "discount", "product", "product_name", "goods",
    "channel", "order", "currency", "taken_back",
)  # fmt: skip
_DISCOUNT: Final = tabular.Field(
    "discount",
    ("discount", "discount amount", "rebate", "折扣金额", "优惠金额", "优惠", "折扣"),
    tabular.Kind.AMOUNT,
)
_GOODS: Final = tabular.Field("goods", ("goods",))
_TAKEN_BACK: Final = tabular.Field(
    "taken_back", ("taken back", "taken back on", "整单退回日期", "整单撤回日期"), tabular.Kind.DATE
)
_BY_NAME: Final = (
    *(field for field in tabular.PURCHASE_FIELDS if field.name not in {"country", "category"}),
    _DISCOUNT,
    _GOODS,
    _TAKEN_BACK,
)


def match(source: Source, mapping: Mapping[str, str] | None) -> dict[str, str]:
    """field -> column of this log.

    `mapping` (field -> column) wins; then a column that bears a field's own name; then names in Chinese and English as
    the product's import knows them, held against the first rows. A log that names its customers without numbering
    them is matched by the name. Raises `UnreadablePurchases` for an unknown field or column, and for a log
    without customer, date, and amount (or quantity and unit price).
    """
    chosen = _chosen(source, mapping or {})
    for name in source.names:
        field = ALIASES.get(name, name)
        if field in FIELDS and field not in chosen and name not in chosen.values():
            chosen[field] = name
    found = tabular.match_columns(
        source.names,
        source.samples(),
        _BY_NAME,
        chosen={THEIRS.get(field, field): column for field, column in chosen.items()},
    )
    columns = {OURS.get(field, field): column for field, column in found.columns.items()}
    if "customer" not in columns and "customer_name" in columns:
        columns["customer"] = columns["customer_name"]
    columns.pop("customer_name", None)
    _must_have(columns, source)
    chosen_by_name = set((mapping or {}).values())
    for column in columns.values():
        if column in source.doubled and column not in chosen_by_name:
            raise UnreadablePurchases(TWICE, table=source.table, column=column)
    return columns


def _chosen(source: Source, mapping: Mapping[str, str]) -> dict[str, str]:
    chosen = {}
    for field, column in mapping.items():
        named = ALIASES.get(field, field)
        if named not in FIELDS:
            raise UnreadablePurchases(
                gettext_noop("there is no field “{field}”; the fields are {known}"),
                table=source.table,
                field=field,
                known=", ".join(FIELDS),
            )
        if column not in source.names:
            raise UnreadablePurchases(
                gettext_noop("there is no such column for “{field}”; the columns are {known}"),
                table=source.table,
                column=column,
                field=field,
                known=", ".join(source.names),
            )
        chosen[named] = column
    return chosen


def _must_have(found: Mapping[str, str], source: Source) -> None:
    missing = [field for field in ("customer", "at") if field not in found]
    if "amount" not in found and not {"quantity", "unit_price"} <= found.keys():
        missing.append("amount / quantity + unit_price")
    if missing:
        raise UnreadablePurchases(
            gettext_noop("no column for {missing} among {known}; name it yourself: --map {field}=COLUMN"),
            table=source.table,
            missing=", ".join(missing),
            field=missing[0].split(" ", 1)[0],
            known=", ".join(source.names),
        )
