"""A customer who is new today has no judgement yet; a blank one keeps him in every list that is told by judgements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.scores.runs.actions import write_blank_scores
from liuke.scores.runs.models import CurrentRun, Score


@reacts_to(FactKind.REGISTERED)
def give_a_blank_score(facts: Sequence[Fact], *, now: datetime) -> None:
    run_id = CurrentRun.objects.filter(pk=1).values_list("run_id", flat=True).first()
    if run_id is None:
        return
    ids = {fact.customer_id for fact in facts}
    there = set(
        Score.objects.filter(run_id=run_id, customer_id__in=ids).values_list("customer_id", flat=True)
    )
    write_blank_scores(run_id, sorted(ids - there))
