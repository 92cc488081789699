"""A program that calls the API, for the tests of every slice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from liuke.platform.models import ApiToken, User
from liuke.platform.tokens.rules import SCOPES, SHOWN, hashed, new_secret

ROOT = "/api/v1/"


@dataclass
class Form:
    """A body with files, as a browser's form sends it."""

    fields: Mapping[str, Any]


class Program:
    """`Program(alice, "customers:read").get("customers")`; without scopes it has all of them."""

    def __init__(self, user: User | None, *scopes: str, language: str = "en", **held: Any) -> None:
        self.client = Client()
        self.headers = {"Accept-Language": language} if language else {}
        self.token: ApiToken | None = None
        if user is not None:
            now, self.secret = datetime.now(UTC), new_secret()
            given = {
                "user": user,
                "name": "a program",
                "start": self.secret[:SHOWN],
                "digest": hashed(self.secret),
                "scopes": list(scopes or SCOPES),
                "epoch": user.epoch,
                "created_at": now,
                "expires_at": now + timedelta(days=30),
            }
            self.token = ApiToken.objects.create(**given | held)
            self.headers["Authorization"] = f"Bearer {self.secret}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        url = path if path.startswith("/") else ROOT + path
        kind = "application/json"
        if isinstance(body, Form):
            data, kind = encode_multipart(BOUNDARY, body.fields), MULTIPART_CONTENT
        else:
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response: HttpResponse = self.client.generic(
            method, url, data, content_type=kind, headers={**self.headers, **named}
        )
        return response

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, **headers)


def problem_of(response: HttpResponse, name: str) -> dict[str, Any]:
    """The problem document, if it is of that name and whole."""
    assert response["Content-Type"] == "application/problem+json", response.content
    told: dict[str, Any] = json.loads(response.content)
    assert told["type"] == f"/api/v1/#{name}", told
    assert told["status"] == response.status_code
    assert told["title"]
    assert told["detail"]
    return told
