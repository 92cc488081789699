from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liuke.tabular import Format, ReadOptions, Reject, inspect, neutralised, read, restore_text, write_rejects

COLUMNS = ("客户号", "名称")


def test_each_reject_stands_with_its_row_and_reasons(tmp_path: Path) -> None:
    rejects = [
        Reject(2, ["C1", None], ["没有名称。", "再查。"]),
        Reject(5, [], ["列数不对。"], raw='C2,"open'),
    ]
    path = tmp_path / "rejects.csv"
    assert write_rejects(path, columns=COLUMNS, rejects=rejects, titles=("行号", "原因")) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["行号", "原因", "客户号", "名称"],
            ["2", "没有名称。 再查。", "C1", ""],
            ["5", "列数不对。", 'C2,"open'],
        ]


def test_rejects_can_be_imported_again_and_rejected_again(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    write_rejects(path, columns=COLUMNS, rejects=[Reject(2, ["=C1", "张三"], ["x"])], titles=("行号", "原因"))
    found = inspect(path)
    (batch,) = read(path, options=found.options)
    assert batch.to_pylist()[0]["客户号"] == "=C1"
    write_rejects(path, columns=found.columns, rejects=[Reject(2, ["2", "x", "=C1", "张三"], ["y"])])
    assert inspect(path).columns == ("Row", "Reason", "客户号", "名称")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\n=1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "﹦1",
        "−1",
        "'=1+1",
        "' =1",
        " '' =1",
        "=cmd|' /C calc'!A0",
        "+8613800138000",
        "-",
    ],
)
def test_what_a_spreadsheet_would_run_is_made_harmless_and_given_back(text: str) -> None:
    safe = neutralised(text)
    assert safe == "'" + text
    assert restore_text(safe) == text


@pytest.mark.parametrize(
    "text", ["-5", "-1.50", "-1,234.50", "5", "a=b", "张三", "'t Hooft", "", "2025-01-03", "'quoted'"]
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == text
    assert restore_text(text) == text


LEADING = st.text(st.sampled_from(" '\t=+-@＝a1\u200b\n"), max_size=6)


@given(st.one_of(st.text(), LEADING))
def test_what_is_neutralised_is_never_a_formula_and_always_comes_back(text: str) -> None:
    safe = neutralised(text)
    assert restore_text(safe) == text
    assert safe.lstrip()[:1] not in "=+@" or not safe.lstrip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            LEADING, st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufffe\uffff"), max_size=8)
        ),
        min_size=1,
        max_size=9,
    )
)
def test_values_come_back_through_the_file(tmp_path: Path, values: list[str]) -> None:
    path = tmp_path / "rejects.csv"
    write_rejects(path, columns=("a",), rejects=[Reject(n, [value], ["x"]) for n, value in enumerate(values)])
    options = ReadOptions(format=Format.DELIMITED, columns=("Row", "Reason", "a"))
    found = [row["a"] for batch in read(path, options=options) for row in batch.to_pylist()]
    assert found == [unicodedata.normalize("NFC", value) or None for value in values]
