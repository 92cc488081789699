"""A customer who is new today, or back from a merge, has no judgement yet; a blank one keeps him in every list that is told
by judgements. Of two who become one, one judgement of each night stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.customers.moving.actions import Moving, moves
from liuke.scores.runs.actions import write_blank_scores
from liuke.scores.runs.models import CurrentRun, Score


@reacts_to(FactKind.REGISTERED, FactKind.SEPARATED)
def give_a_blank_score(facts: Sequence[Fact], *, now: datetime) -> None:
    run_id = CurrentRun.objects.filter(pk=1).values_list("run_id", flat=True).first()
    if run_id is None:
        return
    ids = {fact.customer_id for fact in facts}
    there = set(
        Score.objects.filter(run_id=run_id, customer_id__in=ids).values_list("customer_id", flat=True)
    )
    write_blank_scores(run_id, sorted(ids - there))


@moves("scores.Score.customer")
def keep_one_judgement(moving: Moving, model: type[Model], name: str) -> None:
    """The survivor's, or the other's where only he had bought: until tonight, when what both bought is judged together."""
    mine = {one.run_id: one for one in Score.objects.filter(customer=moving.survivor)}
    for theirs in Score.objects.filter(customer=moving.gone):
        same = mine.get(theirs.run_id)
        if same is None or (theirs.purchases and not same.purchases):
            moving.put_aside([same] if same is not None else [])
            moving.carry(model, name, [theirs.pk])
        else:
            moving.put_aside([theirs])
