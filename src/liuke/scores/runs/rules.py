"""What is to be known of a run."""

from __future__ import annotations

STALE_DAYS = (
    45  # without a single order: from then on it is the log that ended, and not the customers who stay away
)
