from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone, translation

from liuke.config.urls import urlpatterns as real_patterns
from liuke.platform.access.rules import Denied, Right
from liuke.platform.access.views import StaffRequest, public, signed_in, staff
from liuke.platform.audit.models import AuditEntry
from liuke.platform.sessions.rules import IDLE, WHOLE, over
from liuke.platform.users.actions import change_password, close_sessions, deactivate, edit_user
from liuke.platform.users.models import User


@signed_in
def open_room(request: StaffRequest) -> HttpResponse:
    return HttpResponse(
        f"{request.user.name} {translation.get_language()} {timezone.get_current_timezone_name()}"
    )


@staff(Right.MANAGE_USERS, Right.VIEW_AUDIT)
def locked_room(request: StaffRequest) -> HttpResponse:
    return HttpResponse("in")


@signed_in
def trap(request: StaffRequest) -> HttpResponse:
    raise Denied(Right.RUN_SCORES)


@public
def street(request: HttpRequest) -> HttpResponse:
    return HttpResponse(translation.get_language())


def nobody_classed_me(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


urlpatterns = [
    *real_patterns,
    path("room/", open_room),
    path("locked/", locked_room),
    path("trap/", trap),
    path("street/", street),
    path("unclassed/", nobody_classed_me),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def at_work(client: Client, alice: User) -> Client:
    client.force_login(alice)
    assert client.get("/room/").status_code == 200
    return client


def refused(response: HttpResponse) -> bool:
    return response.status_code == 302 and urlsplit(response["Location"]).path == "/sign-in/"


def test_nobody_signed_in_goes_to_the_sign_in_page_and_comes_back(client: Client) -> None:
    response = client.get("/room/?page=2")
    assert refused(response)
    assert parse_qs(urlsplit(response["Location"]).query) == {"next": ["/room/?page=2"]}


def test_htmx_goes_there_with_the_whole_page_and_back_to_the_page_not_the_fragment(client: Client) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/customers/7/"}
    response = client.post("/room/", headers=asked)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/sign-in/?next=%2Fcustomers%2F7%2F"
    elsewhere = client.post("/room/", headers=asked | {"HX-Current-URL": "https://evil.example/"})
    assert elsewhere["HX-Redirect"] == "/sign-in/"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_pl01_a_deactivated_user_is_out_at_once(
    at_work: Client, alice: User, olga: User, now: datetime, headers: dict[str, str]
) -> None:
    deactivate(alice, by=olga, now=now)
    response = at_work.get("/room/", headers=headers)
    assert response.status_code == 401 if headers else refused(response)


def test_a_changed_role_closes_the_sessions(
    at_work: Client, alice: User, olga: User, anna: User, now: datetime
) -> None:
    edit_user(alice, name="Alice", email="", role=anna.role, team=alice.team, by=olga, now=now)
    assert refused(at_work.get("/room/"))


def test_a_changed_name_does_not(at_work: Client, alice: User, olga: User, now: datetime) -> None:
    edit_user(alice, name="Alicia", email="", role=alice.role, team=alice.team, by=olga, now=now)
    assert at_work.get("/room/").status_code == 200


def test_another_epoch_or_password_closes_every_session(at_work: Client, alice: User, now: datetime) -> None:
    close_sessions(alice)
    assert refused(at_work.get("/room/"))
    at_work.force_login(alice)
    change_password(alice, old="a password of some length", new="quite another one 9", now=now)
    assert refused(at_work.get("/room/"))


def shift(client: Client, **stamps: float) -> None:
    session = client.session
    session.update(stamps)
    session.save()


def test_an_idle_session_ends_and_says_so(at_work: Client) -> None:
    shift(at_work, seen_at=(timezone.now() - IDLE - timedelta(minutes=1)).timestamp())
    response = at_work.get("/room/")
    assert refused(response)
    assert "ended=idle" in response["Location"]
    assert refused(at_work.get("/room/"))


def test_a_session_ends_with_the_day_however_busy(at_work: Client) -> None:
    shift(at_work, began_at=(timezone.now() - WHOLE - timedelta(minutes=1)).timestamp())
    assert "ended=day" in at_work.get("/room/")["Location"]


def test_use_keeps_a_session_alive(at_work: Client) -> None:
    earlier = (timezone.now() - IDLE + timedelta(minutes=1)).timestamp()
    shift(at_work, seen_at=earlier)
    assert at_work.get("/room/").status_code == 200
    assert at_work.session["seen_at"] > earlier + 60


def test_limits_are_exact_and_a_clock_set_back_ends_nothing(now: datetime) -> None:
    assert over(began_at=now - WHOLE, seen_at=now - IDLE, now=now) == ""
    assert over(began_at=now - WHOLE, seen_at=now - IDLE - timedelta(seconds=1), now=now) == "idle"
    assert over(began_at=now + timedelta(hours=5), seen_at=now + timedelta(hours=5), now=now) == ""


def test_pl01_a_right_that_is_missing_gives_403_and_a_line_in_the_audit(at_work: Client, alice: User) -> None:
    response = at_work.get("/locked/?x=1", REMOTE_ADDR="192.0.2.9")
    assert response.status_code == 403
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.address) == ("access.denied", alice, "192.0.2.9")
    assert entry.reason == "users.manage: GET /locked/"


def test_every_right_of_the_list_is_needed(client: Client, olga: User, alice: User) -> None:
    client.force_login(olga)
    assert client.get("/locked/").status_code == 200
    alice.role.rights = [*alice.role.rights, Right.MANAGE_USERS.value]
    alice.role.save()
    client.force_login(alice)
    assert client.get("/locked/").status_code == 403


def test_a_refusal_from_deep_inside_an_action_is_403_too(at_work: Client) -> None:
    assert at_work.post("/trap/", headers={"HX-Request": "true"}).status_code == 403
    assert AuditEntry.objects.get().reason == "scores.run: POST /trap/"


def test_a_door_that_nobody_classed_stays_shut(at_work: Client) -> None:
    with pytest.raises(ImproperlyConfigured, match="nobody_classed_me is a door that nobody classed"):
        at_work.get("/unclassed/")


def test_staff_without_a_right_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="signed_in"):
        staff()


@pytest.mark.parametrize(
    "url", ["/street/", "/sign-in/", "/no-such-page/", "/static/kit/tokens.css", "/room/"]
)
def test_every_answer_carries_the_headers(client: Client, url: str) -> None:
    headers = client.get(url).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_no_browser_keeps_what_a_colleague_saw(at_work: Client) -> None:
    assert at_work.get("/room/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN", "zh-hans"),
        ("zh-TW,zh;q=0.8", "zh-hant"),
        ("fr", "zh-hans"),
        ("", "zh-hans"),
    ],
)
def test_a_stranger_gets_the_browsers_language_else_simplified_chinese(
    client: Client, asked: str, given: str
) -> None:
    response = client.get("/street/", headers={"Accept-Language": asked})
    assert response.content.decode() == given
    assert response["Content-Language"] == given
    assert "Accept-Language" in response["Vary"]


def test_a_colleagues_own_language_and_zone_win_and_do_not_leak(at_work: Client, alice: User) -> None:
    before = (translation.get_language(), timezone.get_current_timezone_name())
    User.objects.filter(pk=alice.pk).update(language="zh-hant", zone="Europe/Paris")
    response = at_work.get("/room/", headers={"Accept-Language": "en"})
    assert response.content.decode() == "Alice zh-hant Europe/Paris"
    assert (translation.get_language(), timezone.get_current_timezone_name()) == before


def test_without_a_choice_the_company_zone_and_the_browsers_language_hold(
    at_work: Client, alice: User
) -> None:
    User.objects.filter(pk=alice.pk).update(language="", zone="")
    assert (
        at_work.get("/room/", headers={"Accept-Language": "en"}).content.decode() == "Alice en Asia/Shanghai"
    )


def test_a_zone_that_is_gone_stops_nobody(at_work: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(zone="Mars/Olympus")
    assert at_work.get("/room/").status_code == 200


def test_a_stale_form_keeps_what_was_typed(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    response = strict.post("/room/", {"note": "a long note that took a while"})
    assert response.status_code == 403
    assert "a long note that took a while" in response.content.decode()


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.5", "192.0.2.1"),  # nobody's header is believed
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),  # the first is what the visitor wrote himself
        (2, "203.0.113.5", "192.0.2.1"),
    ],
)
def test_the_address_is_what_our_own_proxy_saw(
    at_work: Client, proxies: int, header: str, address: str
) -> None:
    with override_settings(PROXIES=proxies):
        at_work.get("/locked/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": header})
    assert AuditEntry.objects.get().address == address


def test_a_page_costs_two_queries_for_who_is_there(
    at_work: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(3):  # type: ignore[operator]  # session, person with role and team, company zone
        at_work.get("/room/")
