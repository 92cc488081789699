"""Errors as pages: they say what to do and keep what was typed."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from liuke.platform.kit import views


def failed(view: object, data: dict[str, str], *, htmx: bool = False) -> HttpResponse:
    request: HttpRequest = RequestFactory().post("/x/", data, headers={"HX-Request": "true"} if htmx else {})
    request.user = AnonymousUser()
    with translation.override("en"):
        return view(request)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("view", "status"),
    [(views.bad_request, 400), (views.forbidden, 403), (views.not_found, 404), (views.server_error, 500)],
)
def test_an_error_page_keeps_what_was_typed(view: object, status: int) -> None:
    answer = failed(
        view,
        {
            "note": "She wants 12 pieces <b>replaced</b>",
            "password": "hidden word",
            "csrfmiddlewaretoken": "abc",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == status
    assert "She wants 12 pieces &lt;b&gt;replaced&lt;/b&gt;" in page
    assert "hidden word" not in page
    assert "abc" not in page


def test_htmx_is_told_the_status_only() -> None:
    answer = failed(views.not_found, {"note": "typed"}, htmx=True)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "title"), [("zh-hans", "这里没有内容"), ("zh-hant", "這裡沒有內容"), ("en", "Nothing here")]
)
def test_sc11_a_lost_page_speaks_the_readers_language(client: Client, language: str, title: str) -> None:
    answer = client.get("/no/such/page/", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert title in answer.content.decode()
