"""Which column is which: the fields of a purchase line and the names that they go by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from liuke.insight.reading.problems import UnreadablePurchases

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "customer": (
        "customer", "customer id", "customer no", "customer number", "customer code", "client", "client id",
        "cust id", "cust", "user id", "member id", "buyer", "buyer id", "account", "account id", "id",
        "客户", "客户编号", "客户号", "客户代码", "客户id", "会员", "会员号", "会员编号", "买家", "买家id", "用户id",
        "客戶", "客戶編號", "會員", "會員編號", "客户名称", "客戶名稱", "customer name",
    ),
    "at": (
        "at", "on", "date", "time", "datetime", "timestamp", "order date", "invoice date", "purchase date",
        "purchased at", "ordered at", "order time", "transaction date", "sale date", "bought on", "bought at",
        "日期", "时间", "下单日期", "下单时间", "订单日期", "订单时间", "购买日期", "购买时间", "交易日期", "交易时间",
        "成交日期", "开票日期", "付款时间", "時間", "下單日期", "訂單日期", "購買日期", "交易時間",
    ),
    "amount": (
        "amount", "total", "value", "sales", "revenue", "spend", "price paid", "order amount", "order total",
        "dollar value", "dollars", "net amount", "line total", "paid", "purchase amount",
        "金额", "总额", "合计", "实付", "实付金额", "订单金额", "销售额", "消费金额", "成交金额", "支付金额",
        "金額", "總額", "合計", "實付", "訂單金額", "銷售額", "消費金額",
    ),
    "quantity": ("quantity", "qty", "units", "number of cds", "数量", "件数", "數量", "件數"),
    "unit_price": ("unit price", "price", "price each", "单价", "价格", "單價", "價格"),
    "cost": ("cost", "cost of goods", "cogs", "total cost", "成本", "成本金额", "成本金額"),
    "discount": ("discount", "discount amount", "rebate", "折扣金额", "优惠", "优惠金额", "折扣", "優惠", "折扣金額"),
    "product": (
        "product", "product id", "product code", "stock code", "sku", "item", "item id", "article",
        "商品", "商品编号", "商品编码", "产品", "产品编号", "货号", "商品代码", "產品", "商品編號", "貨號",
    ),
    "product_name": ("description", "product name", "item name", "商品名称", "产品名称", "品名", "商品名稱", "產品名稱"),
    "channel": ("channel", "source", "sales channel", "store", "渠道", "销售渠道", "来源", "门店", "通路", "門店"),
    "order": (
        "order", "order id", "order no", "order number", "invoice", "invoice no", "invoice number", "receipt",
        "transaction id", "订单号", "订单编号", "单号", "发票号", "訂單號", "訂單編號", "單號", "發票號",
    ),
    "currency": ("currency", "currency code", "币种", "货币", "幣種", "貨幣"),
}  # fmt: skip

ALIASES: Final = {"on": "at", "date": "at", "price": "unit_price"}


def plain(name: str) -> str:
    """A header as it is compared: full width folded, camel case and punctuation split, lower case."""
    text = unicodedata.normalize("NFKC", str(name)).strip().strip("\ufeff")
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return re.sub(r"[\s_\-./()\[\]:]+", " ", text).strip().lower()


def match(columns: Sequence[str], mapping: Mapping[str, str] | None, *, table: str) -> dict[str, str]:
    """field -> column of this table.

    `mapping` (field -> column) wins over names. Of several columns that could be a field, the one whose
    name stands first in `NAMES` is taken. Refuses a doubled column, an unknown field, a mapping to a column
    that isn't there, and a table without customer, date and amount (or quantity and unit price).
    """
    doubled = {name for name in columns if list(columns).count(name) > 1}
    if doubled:
        raise UnreadablePurchases("the column is there twice; rename or drop one", table=table, column=sorted(doubled)[0])
    found = {}
    for field, column in (mapping or {}).items():
        named = ALIASES.get(field, field)
        if named not in NAMES:
            raise UnreadablePurchases(
                f"there is no field “{field}”; the fields are {', '.join(NAMES)}", table=table
            )
        if column not in columns:
            raise UnreadablePurchases(
                f"there is no such column for “{field}”; the columns are {', '.join(map(str, columns))}",
                table=table, column=column,
            )  # fmt: skip
        found[named] = column
    taken = set(found.values())
    known = {column: plain(column) for column in columns if column not in taken}
    for field, names in NAMES.items():
        if field in found:
            continue
        for name in names:
            hit = next((column for column, text in known.items() if text == name), None)
            if hit is not None:
                found[field] = hit
                del known[hit]
                break
    _must_have(found, columns, table=table)
    return found


def _must_have(found: Mapping[str, str], columns: Sequence[str], *, table: str) -> None:
    missing = [field for field in ("customer", "at") if field not in found]
    if "amount" not in found and not {"quantity", "unit_price"} <= found.keys():
        missing.append("amount (or quantity and unit_price)")
    if missing:
        raise UnreadablePurchases(
            f"no column for {', '.join(missing)} among {', '.join(map(str, columns))}; "
            "name it yourself, as in mapping={'customer': 'its column'} or --map customer=COLUMN",
            table=table,
        )
