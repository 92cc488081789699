from __future__ import annotations

import hashlib
import subprocess
import sys

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, kstest

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable, DuplicateCustomer

SALT = "win back 2026"
text_ids = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), max_size=30
)
salts = st.text(
    st.characters(categories=["L", "N", "P"], exclude_characters="/"), min_size=1, max_size=10
).filter(str.isprintable)


def test_whoever_is_held_out_stays_held_out() -> None:
    """Golden values: a release that draws anew would ruin every running experiment."""
    assert ex.points(["C1", "客户7", ""], salt=SALT).tolist() == [
        int(hashlib.md5(f"{SALT}/{each}".encode()).hexdigest()[:13], 16)  # noqa: S324
        for each in ("C1", "客户7", "")
    ]
    assert ex.points(["C1", "C2", "客户7"], salt=SALT).tolist() == [
        3507158152792716,
        706269446083636,
        4270561867990435,
    ]


@given(text_ids, salts)
def test_duckdb_finds_the_same_points(ids: list[str], salt: str) -> None:
    people = pa.table({"the id": pa.array(ids, pa.string())})  # noqa: F841
    sql = ex.points_sql("the id", salt=salt)
    found = duckdb.sql(f"SELECT {sql} AS point FROM people").to_arrow_table()["point"].to_pylist()
    assert found == ex.points(pa.array(ids, pa.string()), salt=salt).tolist()


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20), salts)
def test_numbers_count_as_their_digits_on_both_engines(ids: list[int], salt: str) -> None:
    people = pa.table({"id": pa.array(ids, pa.int64())})  # noqa: F841
    shares = {"control": 0.1, "it's mail": 0.35, "call": 0.55}
    sql = ex.assign_sql("id", salt=salt, shares=shares)
    held = ex.hold_out_sql("id", salt=salt, share=0.25)
    found = duckdb.sql(f"SELECT {sql} AS arm, {held} AS held FROM people").to_arrow_table()
    assert found["arm"].to_pylist() == ex.assign(ids, salt=salt, shares=shares).tolist()
    assert found["held"].to_pylist() == ex.hold_out(ids, salt=salt, share=0.25).tolist()
    assert ex.points(ids, salt=salt).tolist() == ex.points([str(each) for each in ids], salt=salt).tolist()


@given(text_ids, salts, st.integers(0, 2**32))
def test_neither_order_nor_company_matters(ids: list[str], salt: str, seed: int) -> None:
    alone = {each: ex.hold_out([each], salt=salt, share=0.3)[0] for each in ids}
    shuffled = list(np.random.default_rng(seed).permutation(np.array(ids, dtype=object)))
    assert ex.hold_out(shuffled, salt=salt, share=0.3).tolist() == [alone[each] for each in shuffled]


@given(text_ids, salts, st.floats(0.01, 0.5), st.floats(0.01, 0.49))
def test_a_growing_hold_out_keeps_those_it_had(ids: list[str], salt: str, share: float, more: float) -> None:
    small = ex.hold_out(ids, salt=salt, share=share)
    great = ex.hold_out(ids, salt=salt, share=share + more)
    assert great[small].all()


def test_shares_are_kept_and_points_are_even() -> None:
    ids = np.arange(200_000)
    point = ex.points(ids, salt=SALT)
    assert kstest(point / 2**52, "uniform").pvalue > 0.001
    arms, counts = np.unique(
        ex.assign(ids, salt=SALT, shares={"control": 0.1, "mail": 0.3, "call": 0.6}).astype(str),
        return_counts=True,
    )
    assert not ex.sample_ratio(
        dict(zip(arms, map(int, counts), strict=True)), {"control": 0.1, "mail": 0.3, "call": 0.6}
    ).mismatch


def test_two_experiments_draw_independently() -> None:
    ids = np.arange(50_000)
    first, second = (ex.hold_out(ids, salt=salt, share=0.2) for salt in ("spring", "summer"))
    crossed = np.array([[np.sum((first == a) & (second == b)) for a in (0, 1)] for b in (0, 1)])
    assert chi2_contingency(crossed).pvalue > 0.001


def test_another_process_draws_the_same() -> None:
    """Python's own hash differs from process to process; ours must not."""
    code = (
        f"from liuke.insight.experiments import points; print(points(['C1', 'C2'], salt={SALT!r}).tolist())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(ex.points(["C1", "C2"], salt=SALT).tolist())


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from("abc")), unique_by=lambda t: t[0], max_size=80)
)
def test_a_stratified_drawing_is_even_to_within_one_customer(rows: list[tuple[int, str]]) -> None:
    ids, strata = ([row[place] for row in rows] for place in (0, 1))
    table = {"customer": np.array(ids, dtype=np.int64), "city": np.array(strata, dtype=object)}
    shares = {"control": 0.3, "treated": 0.7}
    arms = ex.draw(table, salt="one off", shares=shares, strata="city")
    for city in set(strata):
        there = [arm for arm, each in zip(arms, strata, strict=True) if each == city]
        assert abs(there.count("control") - 0.3 * len(there)) < 1
    turned = {name: values[::-1] for name, values in table.items()}
    assert ex.draw(turned, salt="one off", shares=shares, strata="city").tolist() == arms[::-1].tolist()


def test_a_stratified_drawing_is_fair_over_salts() -> None:
    """Strata of three customers must not always round the same way."""
    table = {"customer": np.arange(30), "city": np.repeat(np.arange(10), 3)}
    held = [
        ex.draw(table, salt=f"s{n}", shares={"control": 0.1, "treated": 0.9}, strata="city") == "control"
        for n in range(1000)
    ]
    each = np.mean(held, axis=0)
    assert abs(each.mean() - 0.1) < 0.01
    assert np.all(np.abs(each - 0.1) < 5 * np.sqrt(0.09 / 1000))


@pytest.mark.parametrize("salt", ["", "a/b", "tab\there", "nul\0"])
def test_a_salt_that_could_be_mistaken_is_refused(salt: str) -> None:
    with pytest.raises(ValueError, match="salt"):
        ex.points([1], salt=salt)
    with pytest.raises(ValueError, match="salt"):
        ex.points_sql("id", salt=salt)


@pytest.mark.parametrize(
    "shares", [{"control": 0.5, "a": 0.6}, {"control": 0.0, "a": 1.0}, {"control": float("nan")}, {}]
)
def test_shares_that_make_no_whole_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        ex.assign([1], salt=SALT, shares=shares)


def test_bad_ids_are_refused_by_row() -> None:
    with pytest.raises(BadTable) as refused:
        ex.points(["a", None, "b"], salt=SALT)
    assert (refused.value.column, refused.value.row) == ("customer", 1)
    with pytest.raises(BadTable, match="double"):
        ex.points([1.0, 2.0], salt=SALT)
    with pytest.raises(DuplicateCustomer) as twice:
        ex.draw({"customer": [7, 8, 7]}, salt=SALT, shares={"control": 0.5, "treated": 0.5})
    assert twice.value.row == 2
    with pytest.raises(ValueError, match="dialect"):
        ex.points_sql("id", salt=SALT, dialect="oracle")
    for share in (0.0, 1.0, -0.1):
        with pytest.raises(ValueError, match="share"):
            ex.hold_out([1], salt=SALT, share=share)
