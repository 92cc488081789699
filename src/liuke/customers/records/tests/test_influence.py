"""Who they are by influence and power of decision, not only where (CT01, CT03)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.models import Customer
from liuke.customers.records.actions import add_contact, edit_contact, register
from liuke.customers.records.rules import (
    AUTHORITY,
    DECISION_POWERS,
    NewContact,
    Unfit,
    by_influence,
    lacks_decider,
)
from liuke.platform.models import AuditEntry, User

BOSS = NewContact("Wang", influence=5, decision_power="decide", attitude="supporter")


@dataclass(frozen=True)
class Someone:
    pk: int
    influence: int | None = None
    decision_power: str = ""
    is_primary: bool = False


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Hampton")


def test_ct01_influence_power_and_attitude_are_kept_and_audited(
    hampton: Customer, alice: User, now: datetime
) -> None:
    wang = add_contact(hampton, BOSS, by=alice, now=now)
    assert (wang.influence, wang.decision_power, wang.attitude) == (5, "decide", "supporter")
    wang = edit_contact(wang, replace(BOSS, influence=3, department="Board"), by=alice, now=now)
    assert (wang.influence, str(wang.department)) == (3, "Board")
    assert AuditEntry.objects.get(action="contacts.edit").changes == {
        "department": ["", "Board"],
        "influence": [5, 3],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("influence", 0), ("influence", 6), ("decision_power", "rule"), ("attitude", "fan")],
)
def test_what_is_no_choice_is_refused(
    hampton: Customer, alice: User, now: datetime, field: str, value: object
) -> None:
    with pytest.raises(Unfit) as refused:
        add_contact(hampton, replace(BOSS, **{field: value}), by=alice, now=now)
    assert refused.value.field == field
    assert not hampton.contacts.exists()


def test_ct03_authority_is_to_decide_to_propose_or_to_oppose(
    hampton: Customer, alice: User, now: datetime
) -> None:
    assert set(AUTHORITY) == set(DECISION_POWERS) - {"none"}
    assert set(AUTHORITY.values()) == {"decide", "propose", "oppose"}
    assert add_contact(hampton, BOSS, by=alice, now=now).authority == "decide"


def test_ct03_a_missing_decider_is_noticed_once_persons_are_known() -> None:
    assert not lacks_decider([])
    assert lacks_decider([Someone(1), Someone(2, decision_power="veto")])
    assert not lacks_decider([Someone(1), Someone(2, decision_power="decide")])


PERSONS = st.builds(
    Someone,
    st.integers(1, 9),
    st.none() | st.integers(1, 5),
    st.sampled_from(["", *DECISION_POWERS]),
    st.booleans(),
)


@given(st.lists(PERSONS))
def test_ct01_the_map_goes_from_most_influence_to_least(persons: list[Someone]) -> None:
    steps = [one.influence or 0 for one in sorted(persons, key=by_influence)]
    assert steps == sorted(steps, reverse=True)
