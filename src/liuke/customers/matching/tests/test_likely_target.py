"""Customers or purchases, told by the names of a file's columns."""

from __future__ import annotations

import pytest

from liuke.customers.matching.rules import likely_target
from liuke.customers.reading.rules import FIELDS

PURCHASES = "purchases"
CUSTOMERS = "customers"


@pytest.mark.parametrize(
    ("columns", "cells", "target"),
    [
        ("客户编号 客户名称 联系电话 邮箱 城市", "C1 明达 13800138000 a@example.com 义乌", CUSTOMERS),
        ("订单号 下单日期 客户编号 金额", "A1 2026-01-05 C1 5", PURCHASES),
        ("InvoiceNo StockCode Quantity InvoiceDate UnitPrice CustomerID", "5 6 1 2026-01-05 2.5 7", PURCHASES),
        ("订单号 下单日期 客户编号 产品编码 数量", "A1 2026-01-05 C1 P1 2", PURCHASES),  # no amount
        ("订单号 下单日期 金额 收货人 手机 省份 城市 地址", "A1 2026-01-05 5 王芳 13800138000 浙江 义乌 路1", PURCHASES),
        ("客户名称 手机 首次下单日期 累计消费金额 城市", "明达 13800138000 2026-01-05 500 义乌", CUSTOMERS),
        ("姓名 手机", "王芳 13800138000", CUSTOMERS),
    ],
)  # fmt: skip
def test_the_columns_tell(columns: str, cells: str, target: str) -> None:
    assert likely_target(columns.split(), [cells.split()], FIELDS) == target


def test_only_what_comes_into_question_is_answered() -> None:
    only = {"customers": FIELDS["customers"]}
    assert likely_target(["订单号", "下单日期", "客户编号", "金额"], [], only) == CUSTOMERS
