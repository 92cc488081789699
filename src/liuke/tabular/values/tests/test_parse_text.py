from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.tabular import as_text, composed, is_storable, parse_text, visible


def clean(text: str | None, **more: object) -> str | None:
    return parse_text(pa.array([text], pa.string()), **more).values[0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  张三 ", "张三"),
        ("　张三　", "张三"),
        ("\ufeff张三\u200b", "张三"),
        ("\u00a0Anna\u00a0", "Anna"),
        ("e\u0301", "é"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x07b", "ab"),
        (" ", None),
        ("　", None),
        ("", None),
        (None, None),
        ("0", "0"),
    ],
)
def test_text_is_trimmed_and_composed(text: str | None, expected: str | None) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize("blank", ["NULL", "\\N", "(null)", "#N/A"])
def test_words_of_databases_for_no_value_are_blank(blank: str) -> None:
    assert clean(blank) is None


def test_a_person_may_be_called_null() -> None:
    assert clean("Null") == "Null"


def test_identifiers_lose_no_digit_in_silence() -> None:
    texts = pa.array(["17850.0", "1.0", "1.38001E+10", "2e+15", "A1E+10", "00017", "13800138000"])
    found = parse_text(texts, identifier=True)
    assert found.values.to_pylist() == ["17850", "1.0", None, None, "A1E+10", "00017", "13800138000"]
    assert found.codes.to_pylist()[2:4] == ["digits_lost", "digits_lost"]
    assert clean("17850.0") == "17850.0"


def test_full_width_letters_stay_as_their_owner_writes_them() -> None:
    assert clean("ＡＢＣ商贸") == "ＡＢＣ商贸"


def test_text_on_one_line() -> None:
    assert clean("浙江 \n 义乌", one_line=True) == "浙江 义乌"


def test_a_long_text_is_refused_and_not_cut() -> None:
    texts = pa.array(["a" * 11, "张" * 10])
    found = parse_text(texts, limit=10)
    assert found.values.to_pylist() == [None, "张" * 10]
    (problem,) = found.problems(rows=[2, 3], field="备注", originals=texts)
    assert problem.message == "Row 2, “备注”: The text has 11 characters; the limit is 10. Shorten it."


def test_nul_is_refused() -> None:
    assert parse_text(pa.array(["a\0b"])).codes.to_pylist() == ["nul_character"]


def test_a_direction_override_is_kept_and_told_visibly() -> None:
    texts = pa.array(["gpj.\u202eexe"])
    found = parse_text(texts)
    assert found.values.to_pylist() == ["gpj.\u202eexe"]
    (problem,) = found.problems(rows=[2], field="name", originals=texts)
    assert "⟨U+202E⟩" in problem.message
    assert "\u202e" not in problem.message


def test_a_required_text_may_not_be_blank() -> None:
    assert parse_text(pa.array(["a", " ", None]), required=True).codes.to_pylist() == [
        None,
        "blank_required",
        "blank_required",
    ]


def test_numbers_become_the_text_their_user_would_write() -> None:
    floats = pa.array([17850.0, 13800138000.0, 1.5, None, -3.0, float("nan"), 1e300])
    assert as_text(floats).to_pylist()[:5] == ["17850", "13800138000", "1.5", None, "-3"]
    assert as_text(pa.array([True, None])).to_pylist() == ["true", None]
    assert as_text(pa.array(["a", "a"]).dictionary_encode()).to_pylist() == ["a", "a"]
    assert as_text(pa.array([b"ab", None])).to_pylist() == ["ab", None]
    assert as_text(pa.array([[1, 2]])).to_pylist() == ["[1, 2]"]
    assert as_text(pa.chunked_array([["a"], ["b"]])).to_pylist() == ["a", "b"]


def test_what_may_be_stored() -> None:
    assert is_storable("张三")
    assert not is_storable("a\0")
    assert not is_storable("\ud800")
    assert composed("e\u0301") == "é"


@given(st.text())
def test_what_is_shown_hides_nothing(text: str) -> None:
    assert all(unicodedata.category(c) not in {"Cc", "Cf", "Cs"} for c in visible(text))


@given(st.lists(st.one_of(st.none(), st.text())))
def test_no_text_breaks_the_parser(texts: list[str | None]) -> None:
    column = pa.array([t if t is None else t.encode("utf-8", "ignore").decode() for t in texts], pa.string())
    found = parse_text(column, limit=20, one_line=True)
    for value in found.values.to_pylist():
        assert value is None or (value.strip() == value and 0 < len(value) <= 20 and "\0" not in value)
        assert value is None or unicodedata.is_normalized("NFC", value)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text.encode("utf-8", "ignore").decode(), limit=10_000)
    assert clean(once, limit=10_000) == once
