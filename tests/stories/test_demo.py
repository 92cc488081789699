"""PL09: `liuke demo` as a visitor meets it: said to be invented on every page, eight people's shoes, nothing empty, and what
was done stays until somebody begins again.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from .cast import today
from .conftest import DEMO, PATIENCE_MS, ROOT, Company, environment_of

pytestmark = [pytest.mark.browser, pytest.mark.long]
expect.set_options(timeout=PATIENCE_MS)

ROLES = {"owner", "supervisor", "salesperson", "service", "marketer", "analyst"}


def visitor(browser: Browser, url: str, width: int = 1440) -> Page:
    context = browser.new_context(
        base_url=url, locale="en-GB", viewport={"width": width, "height": 900}, has_touch=width < 720
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/demo/")
    return page


def test_pl09_eight_people_and_every_place_of_theirs_has_something_to_show(
    demo: Company, browser: Browser
) -> None:
    page = visitor(browser, demo.url)
    people = page.locator("#shoes option").all_inner_texts()
    assert len(people) == 8
    for place in range(len(people)):
        if page.locator("#shoes").input_value() != page.locator("#shoes option").nth(place).get_attribute(
            "value"
        ):
            with page.expect_navigation():
                page.select_option("#shoes", index=place)
        for href in page.evaluate(
            "[...document.querySelectorAll('.rail .place')].map((place) => place.getAttribute('href'))"
        ):
            answer = page.goto(href)
            assert answer is not None
            assert answer.status == 200, (people[place], href)
            assert "invented" in page.locator("footer").inner_text()
            if href == "/customers/":
                assert page.locator("tbody tr").count() > 0, people[place]
            if href == "/insight/":
                assert page.locator("table.list tbody tr").count() >= 4, people[place]
        page.goto("/")
    page.context.close()


def test_pl09_every_dashboard_shows_figures(demo: Company, browser: Browser) -> None:
    page = visitor(browser, demo.url)
    for path in ("", "risk/", "retention/", "concentration/", "track-record/", "runs/"):
        page.goto(f"/insight/{path}")
        assert page.locator("main .state.empty").count() == 0, path
        assert re.search(r"\d", page.locator("main").inner_text())
    page.context.close()


def test_the_dates_end_today(demo: Company) -> None:
    with sqlite3.connect(next(demo.home.rglob("liuke.sqlite3"))) as base:
        (last,) = base.execute("SELECT max(at) FROM customers_purchase").fetchone()
        (first,) = base.execute("SELECT min(at) FROM customers_purchase").fetchone()
        kinds = {kind for (kind,) in base.execute("SELECT DISTINCT kind FROM customers_fact")}
        roles = {
            code
            for (code,) in base.execute(
                "SELECT DISTINCT r.code FROM platform_user u JOIN platform_role r ON r.id = u.role_id"
            )
        }
    until_last = today() - datetime.fromisoformat(last).replace(tzinfo=UTC).date()
    assert timedelta(days=-1) <= until_last <= timedelta(days=10)
    assert (datetime.fromisoformat(last) - datetime.fromisoformat(first)).days > 2 * 365
    assert {
        "registered",
        "purchased",
        "refunded",
        "contacted",
        "complained",
        "resolved",
        "graded",
        "assigned",
    } <= kinds
    assert roles == ROLES


def test_one_demo_of_a_company_at_a_time(demo: Company) -> None:
    """A second one would clear away what the first is playing in."""
    again = subprocess.run(
        [sys.executable, "-m", "liuke", *DEMO, "--fresh", "--build-only"],
        env=environment_of(demo.home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    assert "running already" in again.stderr
    assert next(demo.home.rglob("liuke.sqlite3")).exists()
