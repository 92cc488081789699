"""The frame shows the places that exist and that a person may enter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from liuke.customers.models import Customer, FollowUp
from liuke.platform.access.views import signed_in
from liuke.platform.models import User
from liuke.workspace.shell.views import shell

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@signed_in
def somewhere(request: HttpRequest) -> HttpResponse:
    return render(request, "platform/kit/page.html")


urlpatterns = [
    path("", include("liuke.platform.kit.urls")),
    path("", include("liuke.workspace.shell.urls")),
    path("today/", somewhere, name="today"),
    path("customers/", somewhere, name="customers"),
    path("customers/7/", somewhere, name="customer"),
    path("insight/", somewhere, name="insight"),
    path("settings/", somewhere, name="settings"),
    path("search/", somewhere, name="search"),
    path("new/", somewhere, name="quick-add"),
    path("sign-out/", somewhere, name="sign-out"),
    path("profile/", somewhere, name="profile"),
    path("sign-in/", somewhere, name="sign-in"),
    path("demo/shoes/", somewhere, name="shoes"),
]


def page(client: Client, user: User, where: str = "/today/", **headers: str) -> str:
    client.force_login(user)
    return client.get(where, headers=headers).content.decode()


def places(html: str) -> list[str]:
    return [name for name in ("today", "customers", "insight", "settings") if f'data-place="{name}"' in html]


def test_a_salesperson_sees_no_settings(client: Client, alice: User, olga: User) -> None:
    assert places(page(client, alice)) == ["today", "customers", "insight"]
    assert places(page(client, olga)) == ["today", "customers", "insight", "settings"]


def test_the_place_one_is_in_is_marked_on_its_inner_pages_too(client: Client, alice: User) -> None:
    html = page(client, alice, "/customers/7/")
    assert 'data-place="customers" href="/customers/" aria-current="page"' in html
    assert html.count('aria-current="page"') == 1


def test_counts_are_ones_own_and_the_teams_for_who_leads_it(
    client: Client, alice: User, charlie: User, sue: User
) -> None:
    now = timezone.now()
    for owner in (alice, alice, charlie):
        number = f"C{Customer.objects.count():06}"
        customer = Customer.objects.create(number=number, name=number, owner=owner, team=owner.team)
        for days in (-1, 0, 5):
            FollowUp.objects.create(
                customer=customer,
                assignee=owner,
                kind="task",
                source="person",
                due_at=now + timedelta(days=days),
                created_at=now,
            )
    html = page(client, alice)
    assert '<b id="count-customers"><span class="num">2</span></b>' in html
    assert (
        '<b id="count-today" hx-get="/counts/today/" hx-trigger="changed:followups from:body"><span class="num">4</span></b>'
        in html
    )
    assert client.get("/counts/today/").content == b"4"
    client.force_login(sue)
    assert client.get("/counts/today/").content == b"4"  # alice's: charlie is in another team


def test_the_rail_counts_as_far_as_somebody_would_read(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liuke.workspace.shell.views.DUE_COUNTED", 2)
    now = timezone.now()
    customer = Customer.objects.create(number="C1", name="C1", owner=alice, team=alice.team)

    def ask() -> None:
        FollowUp.objects.create(
            customer=customer, assignee=alice, kind="task", source="person", due_at=now, created_at=now
        )

    ask()
    ask()
    assert '<span class="num">2</span></b>' in page(client, alice)
    assert client.get("/counts/today/").content == b"2"
    ask()
    assert '<span class="num">2</span>+</b>' in page(client, alice)
    assert client.get("/counts/today/").content == b"2+"


def test_mb01_the_form_for_no_connection_comes_in_each_readers_language(
    client: Client, alice: User, anna: User
) -> None:
    for language, words in (("en", "What was said"), ("zh-hans", "谈了什么"), ("en", "What was said")):
        alice.language = language
        alice.save()
        html = page(client, alice)
        assert html.count("data-spare") == 1
        assert words in html.partition("data-spare")[2]
    assert "data-spare" not in page(client, anna)  # who logs no contacts has none


def test_quick_add_offers_what_one_may_do(client: Client, alice: User, anna: User) -> None:
    assert "/new/?what=contact" in page(client, alice)
    assert "quick-add" not in page(client, anna)


def test_nobody_signed_in_has_a_frame(client: Client) -> None:
    assert client.get("/today/").status_code == 302


def test_pl09_the_demo_says_that_it_is_invented_and_offers_shoes_on_this_machine_only(
    client: Client, alice: User, bob: User, settings: pytest.FixtureRequest
) -> None:
    assert "invented" not in page(client, alice)
    settings.DEMO = True  # type: ignore[attr-defined]
    html = page(client, alice)
    assert "An invented company" in html
    assert "Bob · Salesperson" in html
    client.force_login(alice)
    away = client.get("/today/", REMOTE_ADDR="203.0.113.9").content.decode()
    assert "An invented company" in away
    assert "Bob" not in away


def test_a_fragment_costs_no_counts(alice: User, django_assert_num_queries: object) -> None:
    request = HttpRequest()
    request.user = alice
    with django_assert_num_queries(0):  # type: ignore[operator]
        shell(request)
