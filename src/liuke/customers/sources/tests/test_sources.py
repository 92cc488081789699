"""Where customers come from: a list with defaults, one line each in whatever language it was written (DB17)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils.translation import override

from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.sources.actions import add_source, by_source, offered, retire_source, sources
from liuke.customers.sources.rules import Source, code_of, in_words, lines
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User


def test_db17_the_report_sums_to_the_customers_whom_one_sees(
    alice: User, bob: User, sue: User, now: datetime
) -> None:
    for place, source in enumerate(("Referral", "介绍", "referral", "", "Fair of Yiwu")):
        register(by=alice, now=now, name=f"A{place}", source=source)
    register(by=bob, now=now, name="B", source="Press")
    found = {one.name: one.customers for one in by_source(alice)}
    assert sum(found.values()) == Customer.objects.for_user(alice).count() == 5
    assert found["Fair of Yiwu"] == found[""] == 1
    assert "Press" not in found
    assert sum(one.customers for one in by_source(sue)) == Customer.objects.for_user(sue).count()


def test_a_default_is_one_in_every_language() -> None:
    with override("zh-hans"):
        chinese = in_words("exhibition")
    with override("zh-hant"):
        traditional = in_words("Exhibition")
    assert chinese != "exhibition"
    assert {code_of(one) for one in (chinese, traditional, " EXHIBITION ")} == {"exhibition"}
    with override("en"):
        assert in_words(chinese) == "Exhibition"
        assert in_words("广交会") == "广交会"
        (line,) = lines([(chinese, 2), ("Exhibition", 1)], [])
    assert (line.name, line.customers, line.is_known) == ("Exhibition", 3, True)
    assert set(line.written) == {chinese, "Exhibition"}


def test_db17_an_administrator_adds_a_source_and_does_without_another(olga: User, now: datetime) -> None:
    add_source("Canton Fair", by=olga, now=now)
    assert "Canton Fair" in offered()
    for again in ("canton  fair", "Press"):
        with pytest.raises(Unfit, match="already"):
            add_source(again, by=olga, now=now)
    press = next(one for one in sources() if one.code == "press")
    retire_source(press, by=olga, now=now)
    retire_source(press, by=olga, now=now)  # sent twice
    assert press.name not in offered()
    retire_source(press, back=True, by=olga, now=now)
    assert press.name in offered()
    own = next(one for one in sources() if one.own_id)
    retire_source(own, by=olga, now=now)
    assert "Canton Fair" not in offered()
    assert AuditEntry.objects.filter(action__startswith="sources.").count() == 4


def test_a_salesperson_changes_no_list(alice: User, now: datetime) -> None:
    with pytest.raises(Denied):
        add_source("Canton Fair", by=alice, now=now)
    with pytest.raises(Denied):
        retire_source(Source("press", "Press"), by=alice, now=now)
