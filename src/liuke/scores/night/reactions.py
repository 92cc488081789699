"""New purchases by import change everybody's judgement: it is made anew once the import is through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.platform.jobs.actions import enqueue


@reacts_to(FactKind.PURCHASED, FactKind.REFUNDED)
def judge_after_an_import(facts: Sequence[Fact], *, now: datetime) -> None:
    """One job per batch, whatever its size: the key keeps it single; jobs wait for the import that is running."""
    for batch in {fact.batch_id for fact in facts if fact.batch_id}:
        enqueue("scores.nightly", {}, by=None, now=now, key=f"scores:import:{batch}")
