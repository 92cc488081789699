"""A real browser on the style page. Skipped with a notice where no Chromium is."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = (
    os.environ.get("LIUKE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: make browser brings it")
    # Playwright's loop runs in this thread, and Django would take it for an async context.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def answered(within: float = 60) -> None:
    """Waits until the test's server has answered all it was asked. The embedded database of a test is one connection for
    all threads: what is still being read would lock the tables that the test's end empties.
    """
    until = time.monotonic() + within
    while any("process_request_thread" in thread.name for thread in threading.enumerate()):
        assert time.monotonic() < until, "a request of the test's browser is still being answered"
        time.sleep(0.01)


@pytest.fixture
def page(chromium: Any, live_server: Any, settings: Any) -> Iterator[Any]:
    """A page in Chinese; a script error or a breach of the content policy fails the test."""
    settings.DEBUG = True
    context = chromium.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.complaints = complaints
    yield page
    context.close()
    answered()
    # A refused request is logged by the browser and by htmx; the tests of refusals expect it.
    expected = ("Failed to load resource", "Response Status Error", "htmx:sendError", "htmx:afterRequest")
    assert [text for text in complaints if not any(words in text for words in expected)] == []
