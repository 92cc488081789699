"""What bad input gets, from `liuke analyse` and from the library alike: a message that names table, column and row."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liuke import insight
from liuke.cli.main import build_parser
from liuke.cli.problems import Problem
from liuke.cli.speech import language_of, speak
from liuke.insight.errors import InsightError

TODAY = datetime.now(ZoneInfo("UTC")).date()
TOMORROW = TODAY + timedelta(days=2)
HEAD = "customer,date,amount\n"
GOOD = f"{HEAD}A,2026-01-01,5\n"


def called(*words: str) -> int:
    speak(language_of(words))
    args = build_parser("analyse").parse_args(["analyse", *words])
    code: int = args.run(args)
    return code


CASES = [
    ("column missing", "customer,date\nA,2026-01-01\n", r"bad\.csv: no column for amount .* among customer, date"),
    (
        "column twice",
        "customer,date,amount,amount\nA,2026-01-01,5,6\n",
        "bad.csv, column “amount”: the column is there twice",
    ),
    ("infinite", f"{GOOD}A,2026-01-02,inf\n", "bad.csv, column “amount”, row 3: “inf” is not an amount"),
    ("not a number", f"{GOOD}A,2026-01-02,NaN\n", "bad.csv, column “amount”, row 3: a purchase needs a value"),
    ("a year to come", f"{GOOD}A,{TOMORROW},5\n", f"bad.csv, column “date”, row 3: lies after .*: “{TOMORROW}”"),
    ("no such day", f"{GOOD}A,2026-02-30,5\n", "bad.csv, column “date”, row 3: .*2026-02-30"),
    ("nothing but refunds", f"{HEAD}A,2026-01-01,-5\n", "bad.csv, column “amount”: no row is a purchase; .* refund"),
    (
        "two currencies",
        "customer,date,amount,currency\nA,2026-01-01,5,CNY\nA,2026-01-02,5,USD\n",
        "bad.csv, column “currency”, row 3: two currencies",
    ),
    ("two signs", f"{HEAD}A,2026-01-01,¥5\nA,2026-01-02,$5\n", "bad.csv, column “amount”, row 3: amounts in ¥ and in"),
    (
        "some with a time zone",
        f"{HEAD}A,2026-01-01 10:00:00+08:00,5\nA,2026-01-02 10:00:00,5\n",
        "bad.csv, column “date”, row 3: other rows name their time zone",
    ),
    ("nobody", f"{HEAD},2026-01-01,5\n", "bad.csv, column “customer”: no row names a customer"),
    ("nothing", HEAD, "bad.csv: there is no row below the header"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_file_is_named_with_column_and_row(tmp_path: Path, text: str, message: str) -> None:
    path, out = tmp_path / "bad.csv", tmp_path / "scores.parquet"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InsightError, match=message):
        insight.summarise(insight.read_purchases(path, not_after=TODAY), as_of=TODAY)
    with pytest.raises(Problem, match=message):
        called(str(path), "--out", str(out), "--json")
    assert list(tmp_path.iterdir()) == [path]  # nothing half-written


def test_of_a_column_that_is_there_twice_one_may_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("customer,date,amount,amount\nA,2026-01-01,5,6\n", encoding="utf-8")
    assert insight.read_purchases(path, {"amount": "amount (2)"}).reading.columns["amount"] == "amount (2)"


def test_rows_after_the_day_asked_for_are_left_aside(tmp_path: Path) -> None:
    path, out = tmp_path / "log.csv", tmp_path / "scores.parquet"
    path.write_text(f"{GOOD}A,{TOMORROW},7\n", encoding="utf-8")
    assert called(str(path), "--as-of", "2026-01-31", "--out", str(out)) == 0
    assert pq.read_table(out).select(["purchases", "total"]).to_pylist() == [{"purchases": 1, "total": 5.0}]


def test_before_the_first_purchase_nobody_can_be_judged(tmp_path: Path) -> None:
    """The refund of something bought elsewhere comes first: it begins nothing."""
    path = tmp_path / "log.csv"
    path.write_text(f"{HEAD}A,2025-12-01,-2\nA,2026-01-01,5\n", encoding="utf-8")
    with pytest.raises(
        Problem, match="as-of 2025-12-15 lies before the first purchase of the log .2026-01-01"
    ):
        called(str(path), "--as-of", "2025-12-15")


def test_refunds_are_counted_and_their_rule_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "log.csv", tmp_path / "scores.parquet"
    path.write_text(f"{GOOD}A,2026-01-09,-2\n", encoding="utf-8")
    called(str(path), "--out", str(out))
    assert "1 negative entries were taken for refunds: none is a purchase" in capsys.readouterr().out
    called(str(path), "--out", str(out), "--json")
    assert json.loads(capsys.readouterr().out)["negative"] == 1
    assert pq.read_table(out).select(["purchases", "total"]).to_pylist() == [{"purchases": 1, "total": 3.0}]


@pytest.mark.parametrize(
    "words",
    [("--horizon", "0"), ("--horizon", "-3"), ("--horizon", "1.5"), ("--timezone", "Mars/Olympus")],
)
def test_a_bad_option_is_refused_before_the_log_is_read(words: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        called(str(tmp_path / "none.csv"), *words)


def test_one_customer_is_judged_by_the_rhythm_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "log.csv", tmp_path / "scores.parquet"
    path.write_text(GOOD, encoding="utf-8")
    assert called(str(path), "--out", str(out)) == 0
    assert "the rhythm rule judged" in capsys.readouterr().out
    assert pq.read_table(out).num_rows == 1


def test_unsorted_and_repeated_rows_are_harmless(tmp_path: Path) -> None:
    rows = ["A,2026-01-01,5", "B,2026-01-03,7", "A,2026-02-01,9"]
    tables = []
    for number, lines in enumerate((rows, rows[::-1])):
        path, out = tmp_path / f"{number}.csv", tmp_path / f"{number}.parquet"
        path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
        called(str(path), "--out", str(out))
        tables.append(pq.read_table(out))
    assert tables[0].equals(tables[1])


def test_ten_million_identical_rows_are_one_purchase(tmp_path: Path) -> None:
    path, out = tmp_path / "same.parquet", tmp_path / "scores.parquet"
    count = 10_000_000
    same = {"customer": pa.repeat("A", count), "on": pa.repeat(date(2026, 1, 1), count)}
    pq.write_table(pa.table({**same, "amount": pa.repeat(0.01, count)}), path)
    assert called(str(path), "--out", str(out)) == 0
    assert pq.read_table(out).select(["purchases", "total"]).to_pylist() == [{"purchases": 1, "total": 1e5}]


class TestFrames:
    """A data frame of Python objects: what Arrow can't tell as one kind is read as text, whose rules name the row."""

    GOOD = pd.DataFrame({"customer": ["A", "B"], "on": ["2026-01-05", "2026-01-06"], "amount": [1, 2]})

    @pytest.mark.parametrize(
        ("column", "values", "message"),
        [
            ("amount", [1, "x"], "column “amount”, row 2: “x” is not an amount"),
            ("on", [pd.Timestamp("2026-01-05"), "x"], "column “on”, row 2: “x” is not a date"),
            (
                "on",
                [datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai")), pd.Timestamp("2026-01-06")],
                "column “on”, row 2: other rows name their time zone",
            ),
        ],
    )
    def test_objects_of_several_kinds(self, column: str, values: list[object], message: str) -> None:
        frame = self.GOOD.assign(**{column: pd.Series(values, dtype=object)})
        with pytest.raises(InsightError, match=f"purchases, {message}"):
            insight.read_purchases(frame)

    def test_a_column_twice(self) -> None:
        frame = pd.concat([self.GOOD, self.GOOD[["amount"]]], axis=1)
        with pytest.raises(InsightError, match="purchases, column “amount”: the column is there twice"):
            insight.read_purchases(frame)

    def test_numbers_and_names_are_one_kind_of_customer(self) -> None:
        frame = self.GOOD.assign(customer=pd.Series(["A", 7], dtype=object))
        assert insight.summarise(insight.read_purchases(frame), as_of=date(2026, 1, 9))["customer"].to_pylist() == [
            "7",
            "A",
        ]  # fmt: skip
