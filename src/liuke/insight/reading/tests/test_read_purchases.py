from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from liuke import insight
from liuke.insight.errors import InsightError
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.tests.logs import log

GOOD = {"customer": ["A", "B"], "on": ["2026-01-05", "2026-01-06"], "amount": [10.0, 20.0]}


def days_of(purchases: insight.Purchases) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = purchases.engine.fetch(
        purchases.days.order_by(["customer", "on"])
    ).to_pylist()
    return found


def test_a_log_becomes_one_row_per_customer_and_day() -> None:
    purchases = log(
        ("A", "2026-01-05", 10.0),
        ("A", "2026-01-05", 5.0),
        ("A", "2026-01-09", 1.0),
        ("B", "2026-01-05", 2.0),
    )
    assert [(day["customer"], day["on"].day, day["value"], day["lines"]) for day in days_of(purchases)] == [
        ("A", 5, 15.0, 2),
        ("A", 9, 1.0, 1),
        ("B", 5, 2.0, 1),
    ]
    assert (purchases.first_on, purchases.last_on) == (date(2026, 1, 5), date(2026, 1, 9))


def test_explain_shows_the_sql_of_the_step() -> None:
    assert "GROUP BY" in log(("A", "2026-01-05", 1.0)).explain()


class TestColumns:
    @pytest.mark.parametrize(
        "names",
        [
            ("客户编号", "下单时间", "实付金额"),
            ("客戶編號", "訂單日期", "金額"),
            ("Customer ID", "Invoice Date", "Total"),
            ("cust_id", "order_date", "amount (USD)"),
        ],
    )
    def test_names_in_chinese_and_english_are_known(self, names: tuple[str, str, str]) -> None:
        table = pa.table(dict(zip(names, GOOD.values(), strict=True)))
        assert len(days_of(insight.read_purchases(table))) == 2

    def test_a_mapping_says_otherwise(self) -> None:
        table = pa.table({**GOOD, "amount": [0.0, 0.0], "net": [7.0, 8.0]})
        found = days_of(insight.read_purchases(table, {"amount": "net"}))
        assert [day["value"] for day in found] == [7.0, 8.0]

    def test_quantity_times_price_stands_in_for_the_amount(self) -> None:
        table = pa.table({"customer": ["A"], "on": ["2026-01-05"], "quantity": [3], "unit_price": [0.1]})
        assert days_of(insight.read_purchases(table))[0]["value"] == 0.3

    def test_customers_with_names_but_no_numbers_go_by_name(self) -> None:
        table = pa.table(
            {"客户名称": ["义乌礼品", "宁波文具"], "日期": ["2026-01-05", "2026-01-06"], "金额": [1, 2]}
        )
        assert {day["customer"] for day in days_of(insight.read_purchases(table))} == {"义乌礼品", "宁波文具"}

    def test_a_missing_column_is_named_with_the_columns_there_are(self) -> None:
        with pytest.raises(
            UnreadablePurchases, match=r"no column for amount .* among customer, on; .*--map amount=COLUMN"
        ):
            insight.read_purchases(pa.table({"customer": ["A"], "on": ["2026-01-05"]}))

    def test_a_doubled_column_is_refused(self) -> None:
        table = pa.Table.from_arrays(
            [pa.array(["A"]), pa.array(["2026-01-05"]), pa.array([1]), pa.array([2])],
            names=["customer", "on", "amount", "amount"],
        )
        with pytest.raises(UnreadablePurchases, match="“amount”: the column is there twice"):
            insight.read_purchases(table)

    @pytest.mark.parametrize("mapping", [{"amount": "gone"}, {"shoe_size": "on"}])
    def test_a_mapping_to_nothing_is_refused(self, mapping: dict[str, str]) -> None:
        with pytest.raises(UnreadablePurchases, match=r"gone|shoe_size"):
            insight.read_purchases(pa.table(GOOD), mapping)


class TestRefunds:
    def test_a_refund_is_no_purchase_and_lowers_what_came_before(self) -> None:
        purchases = log(("A", "2026-01-05", 100.0), ("A", "2026-01-20", -30.0), ("A", "2026-02-05", 50.0))
        assert [(day["value"], day["refunded"], day["bought"]) for day in days_of(purchases)] == [
            (100.0, 0.0, True),
            (-30.0, 30.0, False),
            (50.0, 0.0, True),
        ]
        summary = insight.summarise(purchases, as_of=date(2026, 2, 10)).to_pylist()
        assert summary[0]["frequency"] == 1
        assert purchases.reading.negative == 1

    def test_what_was_free_of_charge_was_still_bought(self) -> None:
        assert days_of(log(("A", "2026-01-05", 0.0)))[0]["bought"]

    def test_a_negative_quantity_is_no_purchase_even_without_money(self) -> None:
        purchases = log(("A", "2026-01-05", 0.0, -4), names=("customer", "on", "amount", "quantity"))
        assert not days_of(purchases)[0]["bought"]


def test_lines_without_a_customer_are_counted_and_set_aside() -> None:
    purchases = log(("A", "2026-01-05", 1.0), (None, "2026-01-05", 2.0), ("  ", "not a date", 3.0))
    assert (purchases.reading.rows, purchases.reading.without_customer) == (3, 2)
    assert len(days_of(purchases)) == 1


def test_postage_and_fees_are_not_products() -> None:
    rows = [
        ("A", "2026-01-05", 9.0, code) for code in ("85123A", "22752", "POST", "BANK CHARGES", "运费", "M")
    ]
    purchases = log(*rows, names=("customer", "on", "amount", "product"))
    assert days_of(purchases)[0]["products"] == 2
    assert purchases.reading.not_products == 4


def test_the_log_may_say_itself_what_is_a_product() -> None:
    rows = [("A", "2026-01-05", 9.0, "POST", True), ("A", "2026-01-05", 9.0, "85123A", False)]
    purchases = log(*rows, names=("customer", "on", "amount", "product", "goods"))
    assert days_of(purchases)[0]["products"] == 1
    assert purchases.reading.not_products == 1


class TestValues:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"on": ["2026-01-05", "2026-02-30"]}, "column “on”, row 2: .*2026-02-30"),
            ({"on": ["2026-01-05", None]}, "column “on”, row 2: a purchase needs a value"),
            ({"on": ["1026-01-05", "2026-01-05"]}, "column “on”, row 1"),
            ({"amount": [1.0, float("inf")]}, "column “amount”, row 2: not a finite number"),
            ({"amount": [float("nan"), 1.0]}, "column “amount”, row 1: not a finite number"),
            ({"amount": [1.0, None]}, "column “amount”, row 2: a purchase needs a value"),
            ({"amount": ["12", "twelve"]}, "column “amount”, row 2: .*twelve"),
            ({"amount": ["¥12", "$12"]}, "column “amount”, row 2: .*convert them"),
            ({"on": ["13/02/2026", "02/14/2026"]}, "begin with the day"),
            ({"currency": ["CNY", "USD"]}, "column “currency”, row 2: two currencies"),
            (
                {"on": ["2026-01-05 10:00:00+08:00", "2026-01-05 10:00:00"]},
                "row 2: other rows name their time zone",
            ),
        ],
    )
    def test_a_bad_value_is_named_with_column_and_row(self, change: dict[str, Any], message: str) -> None:
        with pytest.raises(UnreadablePurchases, match=message) as told:
            insight.read_purchases(pa.table({**GOOD, **change}))
        assert isinstance(told.value, InsightError)

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            (["人民币", "CNY"], "CNY"),
            (["元", "¥"], "CNY"),
            (["RMB", "rmb"], "CNY"),
            (["美元", "US$"], "USD"),
            (["欧元", "€"], "EUR"),
            (["pts", "PTS"], "PTS"),
        ],
    )
    def test_a_currency_is_known_by_its_code_name_or_sign(self, written: list[str], code: str) -> None:
        read = insight.read_purchases(pa.table({**GOOD, "currency": written}))
        assert read.reading.currency == code

    def test_a_log_without_rows_or_customers_is_refused(self) -> None:
        with pytest.raises(UnreadablePurchases, match="no row below the header"):
            insight.read_purchases(pa.table(GOOD).slice(0, 0))
        with pytest.raises(UnreadablePurchases, match="no row names a customer"):
            insight.read_purchases(pa.table({**GOOD, "customer": pa.array([None, None], pa.string())}))

    def test_something_that_is_no_table_is_refused(self) -> None:
        with pytest.raises(UnreadablePurchases, match="not int"):
            insight.read_purchases(7)

    def test_amounts_as_people_write_them(self) -> None:
        table = pa.table({**GOOD, "amount": ["￥１，２３４.５０", " 20 "]})
        assert [day["value"] for day in days_of(insight.read_purchases(table))] == [1234.5, 20.0]

    def test_whole_numbers_stay_numbers(self) -> None:
        table = pa.table({**GOOD, "customer": [17850.0, 13047.0]})
        assert [day["customer"] for day in days_of(insight.read_purchases(table))] == [13047, 17850]

    def test_instants_with_a_zone_are_counted_by_the_calendar_asked_for(self) -> None:
        late = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
        east = late.astimezone(timezone(timedelta(hours=8))).isoformat()
        for instants in ([late, late], [east, east]):
            table = pa.table({**GOOD, "on": instants})
            found = days_of(insight.read_purchases(table, timezone="Asia/Shanghai"))
            assert [day["on"].day for day in found] == [6, 6]

    def test_dates_without_separators(self) -> None:
        assert log(("A", 20260105, 1.0)).first_on == date(2026, 1, 5)


class TestFiles:
    LINES = '客户编号,下单日期,实付金额\nA1,2026/1/5,"1,200.50"\nA2,2026/1/6,80\n'

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_text_of_any_encoding(self, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(self.LINES * 1, encoding=encoding)
        assert [day["value"] for day in days_of(insight.read_purchases(path))] == [1200.5, 80.0]

    def test_a_workbook(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("订单")
            for number, row in enumerate([["客户编号", "日期", "金额"], ["A1", "2026-01-05", 12.5]]):
                sheet.write_row(number, 0, row)
        assert days_of(insight.read_purchases(path))[0]["value"] == 12.5

    def test_parquet_and_its_half(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.parquet"
        pq.write_table(pa.table(GOOD), path)
        assert len(days_of(insight.read_purchases(path))) == 2
        half = tmp_path / "half.parquet"
        half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(UnreadablePurchases, match="half.parquet"):
            insight.read_purchases(half)

    def test_the_row_of_a_file_is_the_spreadsheets(self, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_text(self.LINES.replace("80", "eighty"), encoding="utf-8")
        with pytest.raises(UnreadablePurchases, match="orders.csv, column “实付金额”, row 3: .*eighty"):
            insight.read_purchases(path)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadablePurchases, match="gone.csv"):
            insight.read_purchases(tmp_path / "gone.csv")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.dates(date(2025, 1, 1), date(2025, 3, 1)),
        st.integers(-500, 1000).map(lambda cents: cents / 4),
    ),
    min_size=1,
    max_size=25,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows: list[tuple[str, date, float]], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert days_of(log(*rows)) == days_of(log(*shuffled))


@given(ROWS)
def test_a_line_may_be_split(rows: list[tuple[str, date, float]]) -> None:
    halves = [(customer, on, amount / 2) for customer, on, amount in rows for _ in range(2)]
    whole = [(day["customer"], day["on"], day["value"], day["bought"]) for day in days_of(log(*rows))]
    assert whole == [
        (day["customer"], day["on"], day["value"], day["bought"]) for day in days_of(log(*halves))
    ]
