from __future__ import annotations

import base64
import json
from datetime import UTC, date, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.paging.rules import Column, Keyset, Kind, Place, Unfit, decimal, whole

zones = st.sampled_from([UTC, timezone(timedelta(hours=8))])
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    Kind.NUMBER: st.integers(-(2**63) + 1, 2**63 - 1),
    Kind.INSTANT: st.datetimes(timezones=zones),
    Kind.DATE: st.dates(),
    Kind.DECIMAL: st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
    | st.floats(allow_nan=False, allow_infinity=False),
    Kind.FLAG: st.booleans(),
}


def keyset(kind: Kind = Kind.TEXT, *, descending: bool = False, nullable: bool = False) -> Keyset:
    return Keyset(Column("c", "", "path", kind, nullable=nullable), descending)


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_a_place_comes_back_as_it_was(kind: Kind, data: st.DataObject) -> None:
    value, pk = data.draw(VALUES[kind]), data.draw(st.integers(1, 2**63 - 1))
    assert keyset(kind).place(keyset(kind).token(value, pk)) == Place(value, pk)


def test_a_blank_is_a_place_only_where_there_are_blanks() -> None:
    token = keyset(nullable=True).token(None, 7)
    assert keyset(nullable=True).place(token) == Place(None, 7)
    assert keyset().place(token) is None


def test_a_place_in_another_order_is_the_first_page() -> None:
    token = keyset().token("a", 7)
    assert keyset(descending=True).place(token) is None
    assert Keyset(Column("d", "", "path"), descending=False).place(token) is None


def packed(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "%%%",
        "a",
        packed("c"),
        packed(["c", "a"]),
        packed(["c", ["a"], 1]),
        packed(["c", {"a": 1}, 1]),
        packed(["c", "a\0", 1]),
        packed(["c", "\ud800", 1]),
        packed(["c", "a", "1; drop table"]),
        packed(["c", "a", True]),
        packed(["c", "a", 2**63]),
        packed(["c", "a" * 5000, 1]),
    ],
)
def test_a_place_that_somebody_has_made_up_is_the_first_page(token: str) -> None:
    assert keyset().place(token) is None


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_no_token_breaks_a_page(token: str) -> None:
    for kind in VALUES:
        keyset(kind, nullable=True).place(token)


@pytest.mark.parametrize(
    "content", [[], {}, float("nan"), "x", None, True, 10**30, "2026-13-01", "2026-01-01T00:00"]
)
def test_a_place_of_another_type_is_the_first_page(content: Any) -> None:
    for kind in (Kind.NUMBER, Kind.INSTANT, Kind.DATE, Kind.DECIMAL):
        assert keyset(kind).place(packed(["c", content, 1])) is None


@pytest.mark.parametrize("wrong", ["１２", "1_000", " 1", "1.0", "", "0x1", "9" * 20, None, True, [], 1.0])
def test_a_whole_number_is_written_in_plain_digits(wrong: Any) -> None:
    assert whole("n", "-12", -100, 100) == -12
    with pytest.raises(Unfit):
        whole("n", wrong, -(2**63), 2**63 - 1)


@pytest.mark.parametrize("wrong", ["1e9", "nan", "inf", ".5", "1.", "", None, True])
def test_a_decimal_is_written_in_plain_digits(wrong: Any) -> None:
    assert decimal("n", "-12.50") == Decimal("-12.5")
    with pytest.raises(Unfit):
        decimal("n", wrong)


def test_a_date_column_gives_dates() -> None:
    assert keyset(Kind.DATE).place(keyset(Kind.DATE).token(date(2026, 2, 28), 1)) == Place(
        date(2026, 2, 28), 1
    )
