from __future__ import annotations

import pytest
from django.test import Client

from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import User
from liuke.scores.policy.actions import policies
from liuke.scores.policy.rules import STARTING

PAGE = "/settings/grades/"


@pytest.fixture
def office(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def as_shown(**typed: str) -> dict[str, str]:
    sent = {}
    for grade, owed in STARTING.items():
        values = owed._asdict() | {
            "goodwill_minor": owed.goodwill_minor // 100,
            "gift_minor": owed.gift_minor // 100,
        }
        sent |= {f"{grade}-{name}": str(value) for name, value in values.items() if value is not False}
    return sent | {name.replace("__", "-"): value for name, value in typed.items()}


def test_cl03_what_a_grade_is_owed_is_changed_on_one_page(office: Client) -> None:
    assert 'value="2000"' in office.get(PAGE).content.decode()  # gold: 200,000 fen
    sent = as_shown(gold__contact_days="21", gold__goodwill_minor="2500.50")
    assert office.post(PAGE, sent)["Location"] == PAGE
    gold = policies()["gold"]
    assert (gold.contact_days, gold.goodwill_minor, gold.response_hours) == (21, 250_050, 2)
    assert policies()["iron"] == STARTING["iron"]
    entry = AuditEntry.objects.get(action="grade-policy.change")
    assert entry.changes == {"contact_days": [30, 21], "goodwill_minor": [200_000, 250_050]}


def test_saving_what_is_shown_changes_nothing(office: Client) -> None:
    office.post(PAGE, as_shown())
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"iron__contact_days": "0"},
        {"iron__goodwill_minor": "-1"},
        {"iron__gift_minor": "1.005"},
        {"iron__routing_priority": ""},
    ],
)
def test_what_does_not_fit_saves_nothing_and_stays(office: Client, typed: dict[str, str]) -> None:
    sent = as_shown(gold__contact_days="21", **typed)
    answer = office.post(PAGE, sent)
    assert answer.status_code == 422
    assert 'value="21"' in answer.content.decode()
    assert policies() == STARTING


def test_pl02_a_salesperson_may_not(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, as_shown(gold__contact_days="1")).status_code == 403
    assert policies() == STARTING
