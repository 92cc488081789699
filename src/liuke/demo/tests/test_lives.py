"""A life is what happened: what people do in it must be what people do."""

from __future__ import annotations

from datetime import date, timedelta

from liuke.demo.lives import lives

UNTIL = date(2026, 3, 2)
LONGEST_SILENCE = timedelta(days=120)


def test_a_complaint_is_answered_in_the_end_if_late() -> None:
    """A firm that leaves one complaint in nine for years is no example of anything."""
    troubles = [trouble for life in lives(600, seed=7, until=UNTIL) for trouble in life.troubles]
    open_ = [trouble for trouble in troubles if trouble.solved_on is None]
    assert open_, "some wait for an answer, else there is nothing to see on Today"
    assert all(UNTIL - trouble.on < LONGEST_SILENCE for trouble in open_)
    assert len(open_) < 0.1 * len(troubles)
