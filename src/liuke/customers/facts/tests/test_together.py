from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from liuke.customers.facts.actions import record
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.records.models import Customer

AtOnce = Callable[[Callable[[], object], int], list[object]]


def test_four_telling_one_fact_at_once_tell_it_once(
    transactional_db: None, now: datetime, at_once: AtOnce
) -> None:
    hampton = Customer.objects.create(number="C1", name="Hampton")

    def tell() -> int:
        note = {"note": "a"}
        return record(FactKind.NOTED, customer=hampton, at=now, by=None, now=now, data=note, key="n-1").pk

    results = at_once(tell, 4)
    assert at_once(lambda: [fact.pk for fact in Fact.objects.all()], 1) == [[results[0]]]
    assert len(set(results)) == 1
