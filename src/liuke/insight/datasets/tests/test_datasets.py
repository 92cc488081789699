from __future__ import annotations

from datetime import date

import pyarrow.compute as pc

from liuke.insight.datasets import cdnow_sample, donors


def test_the_cdnow_sample_is_the_published_one() -> None:
    log = cdnow_sample()
    assert log.num_rows == 6919
    assert pc.count_distinct(log["customer"]).as_py() == 2357
    assert (pc.min(log["on"]).as_py(), pc.max(log["on"]).as_py()) == (date(1997, 1, 1), date(1998, 6, 30))


def test_the_donors_are_the_published_ones() -> None:
    table = donors()
    assert table.num_rows == 11104
    assert pc.sum(pc.equal(table["frequency"], 0)).as_py() == 3464
    assert pc.all(pc.less_equal(table["frequency"], table["recency"])).as_py()
