from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import User
from liuke.platform.preferences.actions import get
from liuke.platform.preferences.rules import DECLARED
from liuke.workspace.administration.forms import SettingForm
from liuke.workspace.administration.rules import GROUPS


@pytest.fixture
def office(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def as_shown() -> dict[str, Any]:
    """What a browser sends back when nobody touches the page."""
    sent: dict[str, Any] = {}
    for setting in DECLARED:
        form = SettingForm(None, setting=setting, current=get(setting.key), currency="CNY")
        for bound in form:
            value = (
                bound.field.prepare_value(bound.value())
                if hasattr(bound.field, "prepare_value")
                else bound.value()
            )
            # a browser sends each tick by itself
            sent[bound.html_name] = value if isinstance(value, list) else "" if value is None else str(value)
    return sent


def test_every_declared_setting_is_on_the_page_in_a_group_with_a_name(office: Client) -> None:
    page = office.get("/settings/company/").content.decode()
    for setting in DECLARED:
        assert f'id="{setting.key}"' in page
        assert setting.key.split(".")[0] in GROUPS


def test_saving_what_is_shown_changes_nothing(office: Client) -> None:
    assert office.post("/settings/company/", as_shown())["Location"] == "/settings/company/"
    assert not AuditEntry.objects.exists()


def test_what_is_not_sent_is_not_changed(office: Client) -> None:
    office.post("/settings/company/", {"score.horizon_days-value": "60"})
    assert (get("score.horizon_days"), get("grading.active_months")) == (60, 12)
    assert len(AuditEntry.objects.get().changes) == 1


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("company.name", {"value": " Yiwu  Gifts "}, "Yiwu Gifts"),
        ("company.zone", {"value": "Europe/Paris"}, "Europe/Paris"),
        ("score.horizon_days", {"value": "60"}, 60),
        ("churn.dormant_factor", {"value": "2.5"}, Decimal("2.5")),
        ("grading.base", {"value": "clv"}, "clv"),
        (
            "grading.cuts",
            {"platinum": "2", "gold": "3", "iron": "15", "lead": "80"},
            [Decimal(2), Decimal(3), Decimal(15), Decimal(80)],
        ),
        ("grading.names", {"platinum": "钻石"}, {"platinum": "钻石"}),
        (
            "money.rates",
            {"value": "usd 7.10\n\nEUR: 7,8".replace(",", ".")},
            {"USD": Decimal("7.10"), "EUR": Decimal("7.8")},
        ),
        ("relationship.budget_minor", {"value": "120000.50"}, 12000050),
    ],
)
def test_pl03_a_setting_is_changed_and_the_audit_tells_old_and_new(
    office: Client, olga: User, key: str, typed: dict[str, str], kept: object
) -> None:
    office.post("/settings/company/", as_shown() | {f"{key}-{name}": value for name, value in typed.items()})
    assert get(key) == kept
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, list(entry.changes)) == ("preferences.change", olga, [key])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grading.cuts-gold", "5"),  # no longer 100 in all
        ("score.horizon_days-value", "-1"),
        ("company.zone-value", "Mars/Olympus"),
        ("money.rates-value", "USD"),
        ("money.rates-value", "USD 7\nUSD 8"),
        ("money.rates-value", "USD many"),
        ("relationship.budget_minor-value", "NaN"),
    ],
)
def test_what_does_not_fit_is_said_kept_as_typed_and_saves_nothing_of_the_rest(
    office: Client, name: str, value: str
) -> None:
    typed = as_shown() | {"company.name-value": "Other", name: value}
    response = office.post("/settings/company/", typed)
    assert response.status_code == 422
    assert "Other" in response.content.decode()
    assert get("company.name") == ""
