"""Every page that a link leads to, in the invented company: it opens, axe finds nothing in it, it fits a phone, and a thumb
finds its targets. Light and dark, desk and phone, in Chinese and in English.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from liuke.platform.showcase.tests.test_accessibility import SMALL, violations

from .conftest import PATIENCE_MS, Company

pytestmark = [pytest.mark.browser, pytest.mark.long]

FILES = re.compile(r"/export/|/vcard/|/samples/|/rejects/|^/static/|^/demo/|\.json$")
LEAST = 41  # kinds of pages: fewer, and the walk has lost its way
LINKS = "[...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))"


def kind(path: str) -> str:
    """/customers/7/ and /customers/8/ are one kind of page."""
    return re.sub(r"\d+", "N", urlsplit(path).path)


def walk(page: Page, start: str) -> Iterator[str]:
    """Opens one page of each kind, breadth first; yields it while it is open."""
    seen, waiting = {kind(start)}, deque([start])
    while waiting:
        path = waiting.popleft()
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"a link leads to {path}, which answers {answer.status}"
        yield path
        for href in page.evaluate(LINKS):
            target = urlsplit(urljoin(page.url, href))
            further = target.path + (f"?{target.query}" if target.query else "")
            if (
                target.netloc == urlsplit(page.url).netloc
                and not FILES.search(target.path)
                and kind(further) not in seen
            ):
                seen.add(kind(further))
                waiting.append(further)


def faults(page: Page, path: str, width: int, theme: Any) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    found = violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        found.append(f"is {wide} px wide")
    if width < 720:
        found += [f"too small for a thumb: {element}" for element in page.evaluate(SMALL)]
    return [f"{path} at {width} px, {theme}: {fault}" for fault in found]


@pytest.mark.parametrize(
    ("language", "looks"),
    [
        ("zh-CN", [(1440, "light"), (390, "dark")]),
        ("en-GB", [(1440, "dark"), (390, "light")]),
    ],
)
def test_every_page(demo: Company, browser: Browser, language: str, looks: list[tuple[int, str]]) -> None:
    context = browser.new_context(base_url=demo.url, locale=language, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None,
    )
    page.goto("/demo/")
    with page.expect_navigation():
        page.select_option("#shoes", index=0)  # the owner, who sees every page
    found, opened = [], []
    for path in walk(page, "/"):
        opened.append(kind(path))
        for width, theme in looks:
            found += faults(page, path, width, theme)
    context.close()
    assert found + complaints == []
    assert len(opened) >= LEAST, sorted(opened)
