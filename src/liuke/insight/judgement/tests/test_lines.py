from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liuke.insight.engines import local_engine
from liuke.insight.engines.duck import DuckEngine
from liuke.insight.grading import grade, rfm
from liuke.insight.judgement.lines import digit_lines, grade_lines
from liuke.insight.judgement.places import name_at, places

ENGINE = local_engine()


class Far(DuckEngine):
    """Taken for a cluster: ranks are found by histograms, without bringing the figures here."""

    local = False


FAR = Far()
CUTS = (0.01, 0.05, 0.20)
# few different figures, so that most ranks fall among ties, and some that lie far apart
FIGURES = st.integers(-2, 3) | st.sampled_from([-(10**15), 10**6, 10**15])
ROWS = st.lists(st.tuples(FIGURES, st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=60)


@pytest.mark.parametrize("engine", [ENGINE, FAR], ids=["here", "far"])
@settings(max_examples=40)
@given(st.lists(FIGURES, min_size=1, max_size=50), st.data())
def test_the_figure_at_any_rank_is_that_of_the_sorted_column(
    engine: DuckEngine, figures: Sequence[int], data: st.DataObject
) -> None:
    ranks = data.draw(st.lists(st.integers(0, len(figures) - 1), min_size=1, max_size=4))
    table = engine.take(pa.table({"figure": pa.array(figures, pa.int64())}), "figures")
    for rank, found in zip(ranks, places(engine, table, table.figure, ranks), strict=True):
        value = sorted(figures)[rank]
        below = sum(figure < value for figure in figures)
        assert (found.value, found.below, found.upto) == (value, below, below + figures.count(value))


@pytest.mark.parametrize("engine", [ENGINE, FAR], ids=["here", "far"])
def test_a_rank_that_nobody_has_is_refused(engine: DuckEngine) -> None:
    table = engine.take(pa.table({"figure": [1, 2]}), "figures")
    with pytest.raises(ValueError, match="no rank 2"):
        places(engine, table, table.figure, [2])


@settings(max_examples=40)
@given(st.lists(st.text("AB客户é😀", max_size=6), min_size=1, max_size=40, unique=True), st.data())
def test_the_name_at_any_rank_is_that_of_the_sorted_names(names: list[str], data: st.DataObject) -> None:
    """Also names that begin others, the empty one, and those beyond the basic plane."""
    rank = data.draw(st.integers(0, len(names) - 1))
    table = ENGINE.take(pa.table({"customer": names}), "names")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liuke.insight.judgement.places.FEW_NAMES", 2)
        assert name_at(ENGINE, table, rank) == sorted(names)[rank]
        with pytest.raises(ValueError, match="no rank"):
            name_at(ENGINE, table, len(names))


@pytest.mark.parametrize("engine", [ENGINE, FAR], ids=["here", "far"])
@settings(max_examples=40)
@given(ROWS)
def test_a_part_held_against_the_lines_gets_the_grades_of_the_whole(
    engine: DuckEngine, rows: list[tuple[int, int, int]]
) -> None:
    value, last_on, _ = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    customer = pa.array([f"C{number:03d}" for number in range(len(rows))])
    table = engine.take(pa.table({"customer": customer, "value": value, "last_on": last_on}), "current")
    lines = grade_lines(engine, table, CUTS)
    expected = grade(value, CUTS, last_on=last_on, number=np.arange(len(rows)))
    for part in (slice(0, 7), slice(7, None)):
        found = lines.grades(
            value[part],
            current=np.full(len(value[part]), True),
            last_on=last_on[part],
            customer=customer[part],
        )
        assert found.tolist() == expected[part].tolist()


@pytest.mark.parametrize("engine", [ENGINE, FAR], ids=["here", "far"])
@settings(max_examples=40)
@given(ROWS)
def test_the_digits_of_a_part_are_those_of_the_whole(
    engine: DuckEngine, rows: list[tuple[int, int, int]]
) -> None:
    monetary, recency, frequency = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    table = engine.take(
        pa.table({"recency": recency, "frequency": frequency, "monetary": monetary}), "figures"
    )
    lines = digit_lines(
        engine, table, recency=table.recency, frequency=table.frequency, monetary=table.monetary
    )
    expected = rfm(recency, frequency, monetary)
    for part in (slice(0, 7), slice(7, None)):
        found = lines.digits(recency=recency[part], frequency=frequency[part], monetary=monetary[part])
        assert found.tolist() == expected[part].tolist()


def test_who_does_no_business_now_has_no_grade() -> None:
    table = ENGINE.take(pa.table({"customer": ["A"], "value": [5], "last_on": [1]}), "current")
    lines = grade_lines(ENGINE, table, CUTS)
    found = lines.grades(
        np.array([9, 5]),
        current=np.array([False, True]),
        last_on=np.array([1, 1]),
        customer=pa.array(["B", "A"]),
    )
    assert found.tolist() == [None, "platinum"]
    nobody = grade_lines(ENGINE, table.filter(table.value > 9), CUTS)
    assert nobody.grades(
        np.array([5]), current=np.array([False]), last_on=np.array([1]), customer=pa.array(["A"])
    ).tolist() == [None]
