from __future__ import annotations

import json

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory

from liuke.platform.kit import views
from liuke.platform.models import User

pytestmark = pytest.mark.django_db


def test_sc11_the_language_is_switched_and_kept_with_the_person(client: Client, alice: User) -> None:
    client.force_login(alice)
    answer = client.post("/language/", {"language": "zh-hant", "next": "/language/?x=1"})
    alice.refresh_from_db()
    assert answer.status_code == 302
    assert answer["Location"] == "/language/?x=1"
    assert alice.language == "zh-hant"


def test_the_language_of_the_sign_in_page_is_switched_by_a_cookie(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/"})
    assert answer.cookies["django_language"].value == "en"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_a_switch_is_no_open_redirect(client: Client, elsewhere: str) -> None:
    assert client.post("/language/", {"language": "en", "next": elsewhere})["Location"] == "/"
    assert client.post("/appearance/", {"theme": "dark", "next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize(("path", "field"), [("/language/", "language"), ("/appearance/", "theme")])
def test_what_we_do_not_offer_is_not_kept(client: Client, alice: User, path: str, field: str) -> None:
    client.force_login(alice)
    before = (alice.language, alice.theme)
    answer = client.post(path, {field: "<script>"})
    alice.refresh_from_db()
    assert not {"django_language", "theme"} & set(answer.cookies)
    assert (alice.language, alice.theme) == before


def test_the_appearance_is_kept_with_the_person(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/appearance/", {"theme": "dark"})
    alice.refresh_from_db()
    assert alice.theme == "dark"


def test_a_switch_is_thrown_by_post_only(client: Client) -> None:
    assert client.get("/language/").status_code == 405
    assert client.get("/appearance/").status_code == 405


# What htmx is answered


def request_of(*, htmx: bool, method: str = "GET", **data: str) -> HttpRequest:
    headers = {"HX-Request": "true"} if htmx else {}
    request = RequestFactory().generic(method, "/x/", headers=headers)
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def answered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    answer = views.answer_htmx(lambda _: response)(request)
    assert isinstance(answer, HttpResponse)
    return answer


def test_htmx_follows_a_redirect_as_a_page() -> None:
    answer = answered(request_of(htmx=True), HttpResponseRedirect("/customers/7/"))
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/customers/7/")
    plain = answered(request_of(htmx=False), HttpResponseRedirect("/customers/7/"))
    assert plain.status_code == 302


def test_messages_come_as_toasts() -> None:
    request = request_of(htmx=True)
    messages.success(request, "记下了")
    answer = answered(request, HttpResponse("<p>"))
    assert json.loads(answer["HX-Trigger"])["kit:toasts"]["toasts"] == [{"text": "记下了", "tone": "ok"}]


def test_messages_wait_for_the_page_that_a_redirect_leads_to() -> None:
    request = request_of(htmx=True)
    messages.success(request, "记下了")
    assert not answered(request, HttpResponseRedirect("/")).has_header("HX-Trigger")
    assert len(messages.get_messages(request)) == 1


def test_done_closes_the_dialog_and_says_what_changed() -> None:
    answer = views.done(request_of(htmx=True), to="/", changed=("followups",))
    assert answer.status_code == 204
    assert json.loads(answer["HX-Trigger"]).keys() == {"kit:close", "changed:followups"}
    assert views.done(request_of(htmx=False), to="/today/")["Location"] == "/today/"
