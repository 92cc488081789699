from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.tabular import CUSTOMER_FIELDS, PURCHASE_FIELDS, Field, How, Kind, match_columns
from liuke.tabular.columns import names

RETAIL = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
]
RETAIL_ROWS = [
    [
        "536365",
        "85123A",
        "WHITE HANGING HEART",
        "6",
        "2010-12-01 08:26:00",
        "2.55",
        "17850",
        "United Kingdom",
    ],
    ["C536379", "D", "Discount", "-1", "2010-12-01 09:41:00", "27.5", "14527", "United Kingdom"],
    ["536370", "POST", None, "3", "2010-12-01 08:45:00", "18.0", None, "France"],
]


def columns(headings: list[str], rows: list[list[str | None]], fields: tuple[Field, ...]) -> dict[str, str]:
    return match_columns(headings, rows, fields).columns


def test_the_online_retail_log_is_matched_without_a_hand() -> None:
    found = match_columns(RETAIL, RETAIL_ROWS, PURCHASE_FIELDS)
    assert found.columns == {
        "customer": "CustomerID",
        "order_number": "InvoiceNo",
        "at": "InvoiceDate",
        "product_code": "StockCode",
        "product_name": "Description",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
        "country": "Country",
    }
    assert found.missing == ()
    assert found.unmatched == ()
    assert all(match.how is How.NAME for match in found.matches.values())


@pytest.mark.parametrize(
    ("headings", "row", "expected"),
    [
        (
            ["订单编号", "买家会员名", "买家实付金额", "订单付款时间", "宝贝标题", "宝贝总数量", "店铺名称"],
            ["20250103001", "tb_991", "128.00", "2025-01-03 10:20:30", "陶瓷杯", "2", "旗舰店"],
            ["order_number", "customer", "amount", "at", "product_name", "quantity", "channel"],
        ),
        (
            ["單號", "客戶編號", "交易日期", "品名", "數量", "單價", "金額（元）", "幣別"],
            ["A1", "C001", "2025/1/3", "陶瓷杯", "2", "5.00", "10.00", "TWD"],
            [
                "order_number",
                "customer",
                "at",
                "product_name",
                "quantity",
                "unit_price",
                "amount",
                "currency",
            ],
        ),
        (
            [
                "Order ID",
                "Customer Name",
                "Customer ID",
                "Order Date",
                "Product Name",
                "Sales",
                "Quantity",
                "Product ID",
            ],
            ["CA-1", "Ann Lee", "AL-1", "11/8/2016", "Chair", "261.96", "2", "FUR-1"],
            [
                "order_number",
                "customer_name",
                "customer",
                "at",
                "product_name",
                "amount",
                "quantity",
                "product_code",
            ],
        ),
        (
            ["customer_id", "date", "number_of_cds", "dollar_value"],
            ["00001", "19970101", "1", "11.77"],
            ["customer", "at", "quantity", "amount"],
        ),
        (
            ["會員卡號", "消費時間", "實收金額", "門店", "成本"],
            ["8001", "2025-01-03", "20.5", "一店", "8"],
            ["customer", "at", "amount", "channel", "cost"],
        ),
        (
            ["＊客户名称", "单据日期", "价税合计"],
            ["义乌市佳美工艺品有限公司", "2025-01-03", "100"],
            ["customer_name", "at", "amount"],
        ),
    ],
)
def test_purchases_of_many_systems(headings: list[str], row: list[str], expected: list[str]) -> None:
    assert columns(headings, [row] * 3, PURCHASE_FIELDS) == dict(zip(expected, headings, strict=True))


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (
            [
                "客户编号",
                "客户名称",
                "客户类型",
                "联系电话",
                "手机",
                "邮箱",
                "微信",
                "地址",
                "城市",
                "省份",
                "国家",
            ],
            [
                "number",
                "name",
                "kind",
                "phone",
                "mobile",
                "email",
                "wechat",
                "address",
                "city",
                "province",
                "country",
            ],
        ),
        (
            ["來源", "階段", "負責人", "團隊", "聯絡人", "職稱", "生日", "備註", "標籤", "公司名稱"],
            ["source", "stage", "owner", "team", "contact_name", "title", "birthday", "note", "tags", "name"],
        ),
        (
            [
                "Account Number",
                "Company Name",
                "E-Mail Address",
                "Cell Phone",
                "Tel.",
                "State/Province",
                "Job Title",
            ],
            ["number", "name", "email", "mobile", "phone", "province", "title"],
        ),
        (["ID", "Name", "Notes"], ["number", "name", "note"]),
        (["编号", "姓名", "电话"], ["number", "name", "phone"]),
    ],
)
def test_customers_in_three_scripts(headings: list[str], expected: list[str]) -> None:
    assert columns(headings, [], CUSTOMER_FIELDS) == dict(zip(expected, headings, strict=True))


def test_a_vague_name_goes_where_its_values_fit() -> None:
    headings = ["客户", "日期", "金额"]
    by_number = match_columns(headings, [["C001", "2025-01-03", "5"]] * 4, PURCHASE_FIELDS)
    by_name = match_columns(headings, [["张三丰", "2025-01-03", "5"]] * 4, PURCHASE_FIELDS)
    assert by_number.column("customer") == "客户"
    assert (by_name.column("customer"), by_name.column("customer_name")) == (None, "客户")
    assert not by_name.missing  # who buys is known by his name


def test_a_name_whose_values_do_not_fit_is_not_believed() -> None:
    found = match_columns(
        ["日期", "下单"], [["abc", "2025-01-03"], ["def", "2025-01-04"], ["x", "2025/1/5"]], PURCHASE_FIELDS
    )
    assert found.column("at") == "下单"
    assert found.matches["at"].how is How.CONTENT
    assert found.matches["at"].explanation.startswith("By content")


def test_columns_without_names_are_matched_by_what_they_hold() -> None:
    rows = [
        ["00004", "0001", "19970101", "2", "29.33"],
        ["00004", "0001", "19970118", "2", "29.73"],
        ["21", "2", "19970101", "3", "14.96"],
    ]
    found = match_columns(list("ABCDE"), rows, PURCHASE_FIELDS)
    assert found.columns == {"at": "C", "amount": "E"}
    assert found.missing == ("customer",)
    assert [problem.field for problem in found.problems] == ["customer"]
    assert (
        found.problems[0].message
        == "“customer”: There is no column for this field. Choose the column by hand, or add it to the file."
    )


def test_two_columns_that_could_be_the_date_are_left_to_the_user() -> None:
    rows = [["2025-01-03", "2025-01-05"]] * 4
    assert match_columns(["X1", "X2"], rows, PURCHASE_FIELDS).column("at") is None


def test_amount_is_not_required_when_price_and_quantity_are_there() -> None:
    assert match_columns(["客户号", "日期"], [], PURCHASE_FIELDS).missing == ("amount",)
    assert match_columns(["客户号", "日期", "单价", "数量"], [], PURCHASE_FIELDS).missing == ()


def test_what_the_user_chose_stands() -> None:
    headings = ["金额", "实付金额", "日期", "客户号"]
    assert match_columns(headings, [], PURCHASE_FIELDS).column("amount") == "金额"
    chosen = match_columns(headings, [], PURCHASE_FIELDS, chosen={"amount": "实付金额", "at": None})
    assert chosen.column("amount") == "实付金额"
    assert chosen.matches["amount"].how is How.CHOSEN
    assert chosen.column("at") is None
    assert chosen.missing == ("at",)


def test_wrong_choices_are_told() -> None:
    chosen = {"amount": "nowhere", "colour": "金额", "cost": "金额", "unit_price": "金额"}
    found = match_columns(["金额"], [], PURCHASE_FIELDS, chosen=chosen)
    assert [p.code for p in found.problems[:3]] == ["unknown_column", "unknown_field", "column_taken_twice"]
    assert "Choose one of 金额." in found.problems[0].message


def test_a_misspelt_name_is_recognised() -> None:
    found = match_columns(["Custmer ID", "Quantitiy", "Ordr Date"], [], PURCHASE_FIELDS)
    assert found.columns == {"customer": "Custmer ID", "quantity": "Quantitiy", "at": "Ordr Date"}
    assert all(match.how is How.SIMILAR_NAME for match in found.matches.values())


def test_names_are_compared_without_case_width_spaces_marks_and_script() -> None:
    same = ["客户编号", "客戶編號", " 客户 编号 ", "*客户编号", "客户-编号：", "﻿客户编号"]
    assert len({names.key(name) for name in same}) == 1
    assert names.key("Ｃｕｓｔｏｍｅｒ＿ＩＤ") == names.key("customer id") == "customerid"
    assert names.key_without_brackets("金额（元）") == "金额"


def test_no_two_fields_share_their_first_name_and_no_alias_is_written_twice() -> None:
    for fields in (CUSTOMER_FIELDS, PURCHASE_FIELDS):
        owners: dict[str, str] = {}
        for field in fields:
            for alias in field.aliases:
                assert owners.setdefault(names.key(alias), field.name) == field.name, alias
            assert not {names.key(a) for a in field.aliases} & {names.key(v) for v in field.vague}, field.name


@given(
    st.lists(
        st.sampled_from([a for f in (*CUSTOMER_FIELDS, *PURCHASE_FIELDS) for a in (*f.aliases, *f.vague)]),
        unique=True,
    ),
    st.data(),
)
def test_no_column_goes_to_two_fields_and_none_is_lost(headings: list[str], data: st.DataObject) -> None:
    cell = st.one_of(
        st.none(),
        st.text(max_size=8),
        st.sampled_from(["2025-01-03", "1.50", "a@b.cn", "13800138000", "CNY"]),
    )
    rows = data.draw(st.lists(st.lists(cell, max_size=len(headings) + 1), max_size=4))
    for fields in (CUSTOMER_FIELDS, PURCHASE_FIELDS):
        found = match_columns(headings, rows, fields)
        taken = list(found.columns.values())
        assert len(set(taken)) == len(taken)
        assert sorted([*taken, *found.unmatched]) == sorted(headings)
        assert list(found.columns) == [field.name for field in fields if field.name in found.columns]


@given(st.lists(st.one_of(st.none(), st.text()), max_size=12))
def test_columns_get_different_names(headings: list[str | None]) -> None:
    unique, told = names.unique(headings)
    assert len(set(unique)) == len(headings)
    assert all(unique)
    assert len(told) <= len(headings)


def test_what_is_wrong_with_names_is_told() -> None:
    unique, told = names.unique(["金额", "", "金额", "B", None], 0)
    assert unique == ("金额", "B (2)", "金额 (2)", "B", "E")
    assert [(p.code, p.value or p.params["letter"]) for p in told] == [
        ("unnamed_column", "B"),
        ("duplicate_column", "金额"),
        ("unnamed_column", "E"),
    ]
    assert [names.letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_kinds_are_checked_on_values() -> None:
    field = Field("at", ("when",), Kind.DATE)
    assert match_columns(["when"], [["1990-05-06"], ["31.12.1960"]], [field]).columns == {"at": "when"}
    assert match_columns(["when"], [["blue"], ["red"]], [field]).columns == {}
