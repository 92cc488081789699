"""What somebody decides about a relationship shows at once, not after the next night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.scores.runs.models import Score


@reacts_to(FactKind.GRADED)
def show_at_once(facts: Sequence[Fact], *, now: datetime) -> None:
    """Of whoever is in business. One that is taken back stays until the night reckons it anew."""
    for fact in facts:
        if fact.data["measure"] == "relation" and fact.data["after"]:
            held = Score.objects.current().filter(customer=fact.customer_id).exclude(relation="")
            held.update(relation=fact.data["after"])
