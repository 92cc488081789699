"""axe-core on every component, light and dark, phone and desktop; nothing wider than the window; targets for a thumb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Links within a sentence, and boxes with a label around them, are measured by the line or the label (WCAG 2.5.8).
SMALL = """() => {
  const inLine = ".skip, p, li, dd small, td:not(.name, .acts, .pick)";
  return [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")]
    .filter((e) => e.checkVisibility() && e.getClientRects().length && !e.closest(inLine))
    .filter((e) => (e.closest("label") || e).getBoundingClientRect().height < 39.5)
    .map((e) => e.outerHTML.slice(0, 120));
}"""


def violations(page: Any) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found for node in v["nodes"]]


def open_showcase(page: Any, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto("/kit/")
    page.wait_for_selector(".chart canvas")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_every_component_is_accessible_and_fits(page: Any, width: int, theme: str) -> None:
    open_showcase(page, width, theme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_opens_is_accessible_too(page: Any) -> None:
    open_showcase(page, 1440, "light")
    page.click(".head-actions [data-dialog]")
    page.wait_for_selector("dialog[open] input:visible")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.click(".behind >> nth=0")
    page.click("details.menu >> nth=0")
    assert violations(page) == []


def test_a_thumb_finds_its_target(page: Any) -> None:
    open_showcase(page, 390, "light")
    assert page.evaluate(SMALL) == []


def test_a_strip_of_figures_is_one_line_on_a_phone(page: Any) -> None:
    open_showcase(page, 390, "light")
    tops = "[...new Set([...document.querySelectorAll('.strip > .stat')].map(one => one.offsetTop))].length"
    assert page.evaluate(tops) == 1
    assert page.evaluate("document.querySelector('.strip').offsetHeight") < 130


@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
def test_no_layout_breaks_on_the_other_languages(page: Any, language: str) -> None:
    page.set_extra_http_headers({"Accept-Language": language})
    for width in (390, 1024):
        open_showcase(page, width, "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
