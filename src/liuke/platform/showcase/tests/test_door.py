from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/kit/", "/kit/dialog/"])
def test_the_style_page_is_not_there_in_production(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
