"""The main job on real input: 541,909 invoice lines of a British gift wholesaler, by the command line and in the browser.

The file is not ours to ship; it is looked for beside the project.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from liuke.platform.showcase.tests.test_accessibility import violations

from .cast import PASSWORD
from .conftest import PATIENCE_MS, ROOT, Enter, Run, Served, end, environment_of

FILE = ROOT.parent / "shared" / "data" / "online-retail.parquet"
AS_OF = "2011-12-09"  # its last day
LINES = 541_909
BUYERS = 4_329  # 4,339 ordered; of ten all that they ordered was called off. The others named only sent back

pytestmark = [pytest.mark.browser, pytest.mark.shared, pytest.mark.long]
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not FILE.exists():
        pytest.skip(f"{FILE} is not here")
    return tmp_path_factory.mktemp("retail")


@pytest.fixture(scope="module")
def liuke(home: Path) -> Run:
    def call(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "liuke", *words],
            env=environment_of(home),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            **more,
        )
        assert done.returncode == 0, done.stderr
        return done

    return call


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout."""
    assert done.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def content(home: Path) -> dict[str, int]:
    """Rows of what an import writes."""
    tables = (
        "customer",
        "purchase",
        "purchaseline",
        "contactpoint",
        "fact",
        "stagechange",
        "followup",
        "customersearch",
    )
    with sqlite3.connect(next(home.glob("*.sqlite3"))) as base:
        counts = {
            f"customers_{name}": base.execute(f"SELECT count(*) FROM customers_{name}").fetchone()[0]
            for name in tables
        }
        counts["catalog_product"] = base.execute("SELECT count(*) FROM catalog_product").fetchone()[0]
    return counts


@pytest.fixture
def served(home: Path, liuke: Run) -> Iterator[Served]:
    liuke("createowner", "olga", "--name", "Olga", "--password-stdin", input=f"{PASSWORD}\n")
    instance = Served(environment_of(home), home / "serve.log", "serve")
    try:
        instance.wait_until_ready()
        yield instance
    finally:
        end(instance)


def test_online_retail(home: Path, liuke: Run, enter: Enter, request: pytest.FixtureRequest) -> None:
    first = told(liuke("import", "purchases", str(FILE), "--json"))
    assert first["rows"] == LINES
    assert first["created"] + first["rejected"] + first.get("aside", 0) >= LINES - first["unchanged"]
    brought = content(home)
    assert 4_300 < brought["customers_customer"] < 4_400
    assert brought["customers_purchase"] > 20_000

    again = told(liuke("import", "purchases", str(FILE), "--json"))
    assert (again["created"], again["updated"]) == (0, 0)
    assert content(home) == brought

    judged = told(liuke("score", "--as-of", AS_OF, "--json"))
    assert judged["customers"] == BUYERS
    assert set(judged["grades"]) == {"platinum", "gold", "iron", "lead"}

    served = request.getfixturevalue("served")
    screens(enter(f"http://localhost:{served.port}", "olga", language="en"))
    end(served)

    undone = told(liuke("undo", str(first["batch"]), "--json"))
    assert undone["kept"] == {"customers": 0, "products": 0}
    left = content(home)
    assert left == dict.fromkeys(left, 0)


def screens(page: Page) -> None:
    """Today, customers, card and every page of insight, with what the log says and nothing that axe objects to."""
    expect(page.locator("h1")).to_be_visible()
    page.goto("/customers/")
    expect(page.locator("tbody tr")).to_have_count(50)
    assert violations(page) == []
    page.click("td.name a >> nth=0")
    expect(page.locator("svg.rhythm")).to_be_visible()
    expect(page.locator("#card")).to_contain_text("¥")
    assert violations(page) == []
    for path in ("", "risk/", "retention/", "concentration/", "track-record/", "runs/"):
        page.goto(f"/insight/{path}")
        expect(page.locator("h1")).to_be_visible()
        assert page.locator("main table, main .chart").count() >= 1, path
        assert violations(page) == [], path
    page.goto("/insight/")
    assert re.search(r"4,\d\d\d", page.locator(".stats").inner_text())
