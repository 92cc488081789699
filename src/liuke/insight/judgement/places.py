"""Who stands at a rank among all customers, found where they are: by histograms that get finer, without sorting anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from liuke.insight.expressions import ibis
from liuke.insight.kinds import Expression, Vector

if TYPE_CHECKING:
    from liuke.insight.engines import Engine

BITS: Final = 12  # of the figure that one pass settles: 4,096 bins
FEW_NAMES: Final = 4096  # so many are brought here and sorted; more are counted by how they begin


@dataclass(frozen=True)
class Place:
    """The figure at a rank; how many rows have a lower one, and how many a lower one or the same."""

    value: int
    below: int
    upto: int


@dataclass(frozen=True)
class _Bin:
    low: int
    bits: int  # it reaches from low to low + 2^bits - 1
    below: int
    count: int


def places(engine: Engine, table: Expression, figure: Expression, ranks: Sequence[int]) -> list[Place]:
    """The `figure` (an int64 column of `table`, never null) at each rank, 0 for the lowest, in the order of `ranks`.

    Exact: each pass counts the rows of the bins that hold a rank in 4,096 finer ones, until a bin is one figure. Only the
    counts come here; where the rows are in this process anyway, the figures are simply sorted. Raises `ValueError` for a
    rank that no row has.
    """
    if not ranks:
        return []
    counted = table.select(figure=figure)
    if engine.local:
        return _sorted(engine.fetch(counted)["figure"].to_numpy(), ranks)
    span = engine.row(
        counted.aggregate(low=counted.figure.min(), high=counted.figure.max(), rows=counted.count())
    )
    _check(ranks, span["rows"])
    low = int(span["low"])
    whole = _Bin(low, (int(span["high"]) - low).bit_length(), 0, int(span["rows"]))
    at = dict.fromkeys(ranks, whole)
    while any(found.bits for found in at.values()):
        open_bins = sorted({found for found in at.values() if found.bits}, key=lambda found: found.low)
        finer = _counted(engine, counted, open_bins)
        at = {rank: _of_rank(rank, finer.get(found.low, [found])) for rank, found in at.items()}
    return [Place(at[rank].low, at[rank].below, at[rank].below + at[rank].count) for rank in ranks]


def _check(ranks: Sequence[int], rows: int) -> None:
    if not 0 <= min(ranks) <= max(ranks) < rows:
        raise ValueError(f"there are {rows} rows, so no rank {max(ranks)}")


def _sorted(figures: Vector, ranks: Sequence[int]) -> list[Place]:
    _check(ranks, len(figures))
    rising = np.sort(figures)
    values = rising[list(ranks)]
    below, upto = (np.searchsorted(rising, values, side=side) for side in ("left", "right"))
    return [Place(*map(int, place)) for place in zip(values, below, upto, strict=True)]


def _counted(engine: Engine, counted: Expression, bins: Sequence[_Bin]) -> dict[int, list[_Bin]]:
    """low of each bin -> the finer bins within it that have rows, rising."""
    ranges, finer = [], []
    for one in bins:
        within = counted.figure.between(one.low, one.low + 2**one.bits - 1)
        ranges.append((within, ibis.literal(one.low, "int64")))
        finer.append((within, (counted.figure - one.low) >> max(one.bits - BITS, 0)))
    each = counted.select(bin=ibis.cases(*ranges), part=ibis.cases(*finer))
    each = each.filter(each.bin.notnull())
    rows = engine.fetch(each.group_by(["bin", "part"]).aggregate(count=each.count())).to_pylist()
    found: dict[int, list[_Bin]] = {}
    for one in bins:
        bits, below = max(one.bits - BITS, 0), one.below
        found[one.low] = []
        for row in sorted((row for row in rows if row["bin"] == one.low), key=lambda row: int(row["part"])):
            found[one.low].append(_Bin(one.low + (int(row["part"]) << bits), bits, below, int(row["count"])))
            below += int(row["count"])
    return found


def _of_rank(rank: int, bins: Sequence[_Bin]) -> _Bin:
    return next(one for one in bins if rank < one.below + one.count)


def name_at(engine: Engine, names: Expression, rank: int) -> str:
    """The name (the text column of `names`, distinct and never null) at a rank, 0 for the first, ordered by code points.

    Exact, and without sorting: an engine that sorts up to a rank brings all names before it here. Names are counted by their
    beginnings, one character more in each pass, until few begin like the one that is sought.
    """
    names = names.select(called=names[names.columns[0]])
    while True:
        span = engine.row(
            names.aggregate(first=names.called.min(), last=names.called.max(), rows=names.count())
        )
        if not 0 <= rank < span["rows"]:
            raise ValueError(f"there are {span['rows']} rows, so no rank {rank}")
        if span["rows"] <= FEW_NAMES:
            return str(sorted(engine.fetch(names)["called"].to_pylist())[rank])
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(span["first"], span["last"], strict=False))
        length = len(list(alike)) + 1
        begun = names.select(beginning=names.called.substr(0, length))
        counts = engine.fetch(begun.group_by("beginning").aggregate(rows=begun.count()))
        for row in sorted(counts.to_pylist(), key=itemgetter("beginning")):
            if rank < row["rows"]:
                names = names.filter(names.called.substr(0, length) == row["beginning"])
                break
            rank -= row["rows"]
