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


SEVERAL = """customer,date,amount,quantity
A,2026-01-01,5,1
B,2026-02-30,x,1
,2026-01-01,y,1
C,2026-01-03,,two
D,2026-01-04,７.50,1
E,3 Octember,8,1
"""


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(SEVERAL, encoding="utf-8")
    with pytest.raises(Problem) as told:
        called(str(path), "--json")
    assert str(told.value).splitlines() == [
        "bad.csv, column “date”, row 3: There is no day “2026-02-30”. Correct the date; write it as 2025-01-31.",
        "bad.csv, column “amount”, row 3: “x” is not an amount. Write a number such as 1234.50.",
        "bad.csv, column “amount”, row 5: a purchase needs a value here",
        "bad.csv, column “quantity”, row 5: “two” is not a quantity. Write a number such as 3 or 2.5.",
        "bad.csv, column “date”, row 7: “3 Octember” is not a date that can be read. Write it as 2025-01-31.",
        "  --skip-bad goes on without these rows, --rejects FILE.csv writes them to a file.",
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-Hans", "bad.csv，“date”列，第 3 行：没有“2026-02-30”这一天。"),
        ("zh-Hant", "bad.csv，“date”列，第 3 行：沒有“2026-02-30”這一天。請改正日期"),
    ],
)
def test_sc11_what_is_wrong_is_told_in_the_readers_language(tmp_path: Path, language: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(SEVERAL, encoding="utf-8")
    with pytest.raises(Problem) as told:
        called(str(path), "--language", language)
    assert said in str(told.value)
    assert "--skip-bad" in str(told.value)
    assert " is " not in str(told.value)


def test_a_refused_column_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEAD}A,13/1/2026,1.50\nB,1/13/2026,x\n", encoding="utf-8")
    with pytest.raises(Problem) as told:
        called(str(path))
    assert "column “date”" in str(told.value)
    assert "column “amount”, row 3" in str(told.value)
    with pytest.raises(
        Problem, match="column “date”"
    ) as still:  # no row is to blame, so none can be left out
        called(str(path), "--skip-bad")
    assert "amount" not in str(still.value)


def test_many_bad_rows_are_told_up_to_a_number(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(GOOD + "A,2026-01-02,x\n" * 50, encoding="utf-8")
    with pytest.raises(Problem) as told:
        called(str(path))
    assert str(told.value).count("is not an amount") == 20
    assert "bad.csv: and 30 more of the kind" in str(told.value)


def test_bad_rows_are_left_out_when_asked_counted_and_written_to_be_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out, rejects = tmp_path / "bad.csv", tmp_path / "scores.parquet", tmp_path / "rejects.csv"
    path.write_text(SEVERAL, encoding="utf-8")
    assert called(str(path), "--rejects", str(rejects), "--out", str(out), "--json") == 0
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert (result["rows"], result["left_out"], result["without_customer"]) == (6, 3, 1)
    assert "row 3, left out: “date”: There is no day “2026-02-30”." in told.err
    assert pq.read_table(out).select(["customer", "total"]).to_pylist() == [
        {"customer": "A", "total": 5.0},
        {"customer": "D", "total": 7.5},
    ]
    kept = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert kept[0] == "Row,Reason,customer,date,amount,quantity"
    assert [line.split(",")[0] for line in kept[1:]] == ["3", "5", "7"]
    assert kept[1].endswith("B,2026-02-30,x,1")
    # mended, the file of rejects is a log like any other
    mended = rejects.read_text(encoding="utf-8-sig").replace("2026-02-30,x", "2026-02-28,6")
    mended = mended.replace("C,2026-01-03,,two", "C,2026-01-03,4,2").replace("3 Octember", "2026-03-03")
    rejects.write_text(mended, encoding="utf-8-sig")
    assert called(str(rejects), "--json") == 0
    assert json.loads(capsys.readouterr().out)["customers"] == 3


def test_rows_that_cannot_be_cut_are_bad_rows_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"{GOOD}A,2026-01-02,7,surplus,more\nB,2026-01-03,x\n", encoding="utf-8")
    with pytest.raises(Problem) as told:
        called(str(path))
    assert "row 3: The row has 5 columns where 3 are expected." in str(told.value)
    assert "row 4: “x” is not an amount" in str(told.value)
    assert called(str(path), "--skip-bad", "--json") == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == 2


def test_with_nothing_left_the_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEAD}A,2026-01-02,x\n,2026-01-02,5\n", encoding="utf-8")
    with pytest.raises(Problem, match="no row is left: 1 could not be read"):
        called(str(path), "--skip-bad")


def test_the_example_is_judged_as_of_its_logs_last_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("--example", "--json") == 0
    assert json.loads(capsys.readouterr().out)["as_of"] == "1998-06-30"


def test_of_a_column_that_is_there_twice_one_may_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("customer,date,amount,amount\nA,2026-01-01,5,6\n", encoding="utf-8")
    assert insight.read_purchases(path, {"amount": "amount (2)"}).reading.columns["amount"] == "amount (2)"


def test_rows_after_the_day_asked_for_are_left_aside_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "log.csv", tmp_path / "scores.parquet"
    path.write_text(f"{GOOD}A,{TOMORROW},7\n", encoding="utf-8")
    assert called(str(path), "--as-of", "2026-01-31", "--out", str(out)) == 0
    assert "1 rows lie after the day judged" in capsys.readouterr().out
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
    said = capsys.readouterr().out
    assert "the rhythm rule judged" in said
    assert "50 customers with purchases are needed, there are 1" in said
    assert "TooFewCustomers" not in said
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


def test_each_of_several_problems_bears_its_own_mark(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(SEVERAL, encoding="utf-8")
    with pytest.raises(Problem) as told:
        called(str(path), "--json")
    *faults, remedy = told.value.signed().splitlines()
    assert len(faults) == 5
    assert all(line.startswith("✗ bad.csv") for line in faults)
    assert remedy.startswith("  --skip-bad")
