"""When a customer will come again, in the plainest way: his last purchase plus his own mean gap (SV04)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import column

Dates = Sequence[date | None]


def next_dates(
    first_on: Sequence[date], last_on: Sequence[date], purchases: Sequence[int], *, due: Sequence[Dates] = ()
) -> list[date | None]:
    """The expected next purchase of each customer: last_on + (last_on - first_on) / (purchases - 1), to the day (SV04).

    `purchases` counts purchase days. Each of `due` holds one date per customer that is known otherwise (a part to be
    replaced, a service) or None; the earliest after his last purchase counts where it comes before his own rhythm. None for
    who bought once and has nothing due. `judge` foretells it with quartiles, from all gaps and those of others.

    Errors: `BadFigure` naming column and row: dates or counts of other customers, a last purchase before the first, a count
    that is not whole or doesn't fit the dates.
    """
    count = len(first_on)
    bought = column(purchases, "purchases", least=1.0, length=count)
    for name, dates in (("last_on", last_on), *((f"due[{i}]", dates) for i, dates in enumerate(due))):
        if len(dates) != count:
            raise BadFigure(f"{len(dates)} dates for {count} customers", name=name)
    found: list[date | None] = []
    for row, (first, last, number) in enumerate(zip(first_on, last_on, bought, strict=True)):
        span = (last - first).days
        if span < 0:
            raise BadFigure(f"{last} comes before the first purchase on {first}", name="last_on", row=row)
        if number != int(number) or (number == 1) != (span == 0):
            raise BadFigure(f"{number:g} purchase days from {first} to {last}", name="purchases", row=row)
        known = [day for dates in due if (day := dates[row]) is not None and day > last]
        if number > 1:
            # half a day rounds up: round() would take 0.5 to the even number
            known.append(last + timedelta(days=int(np.floor(span / (number - 1) + 0.5))))
        found.append(min(known, default=None))
    return found
