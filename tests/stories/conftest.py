"""One real instance for all stories: `liuke serve` with its jobs and clock in a data directory of its own, and a browser."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from liuke.cli.tests.conftest import without_ours
from liuke.cli.tests.test_serve import Instance, descendants, free_port, until
from liuke.platform.showcase.tests.conftest import CHROMIUM
from liuke.platform.showcase.tests.conftest import chromium as browser

from .cast import PASSWORD

__all__ = ["browser"]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 120_000  # a busy machine is slow; nothing here measures time
EXPECTED = ("Failed to load resource",)  # a form that is refused answers 422, and the browser notes that

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment_of(home: Path) -> dict[str, str]:
    """Of a new instance on SQLite, whatever database the rest of the suite uses."""
    return without_ours(LIUKE_HOME=str(home), DATABASE_URL="", PYTHONPATH=str(ROOT))


class Served(Instance):
    """`liuke serve` or `liuke demo …` at a free port."""

    def __init__(self, environment: dict[str, str], log: Path, *words: str) -> None:
        self.port, self.log = free_port(), log
        command = [sys.executable, "-m", "liuke", *words, "--port", str(self.port)]
        with log.open("w") as err:
            self.process = subprocess.Popen(command, env=environment, stderr=err)


def end(instance: Instance) -> None:
    tree = descendants(instance.process.pid)
    instance.process.terminate()
    try:
        instance.process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        for pid in tree:
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, signal.SIGKILL)
        instance.process.wait()


@dataclass
class Company:
    """What is served, and how one gets at it."""

    home: Path
    instance: Instance

    @property
    def url(self) -> str:
        return f"http://localhost:{self.instance.port}"


def once(what: str, factory: pytest.TempPathFactory) -> Path:
    """A folder for what one worker of a run builds for all who need it; that a second one builds it too is a failure."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        (factory.getbasetemp().parent / f"{what} was built").mkdir()
    return factory.mktemp(what)


@contextmanager
def serving(factory: pytest.TempPathFactory, what: str, *programs: str) -> Iterator[Company]:
    """An instance of its own, begun by these programs and then served."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: make browser brings it")
    home = once(what, factory)
    environment = environment_of(home)
    for program in programs:
        subprocess.run([sys.executable, "-m", program], env=environment, cwd=ROOT, check=True)
    instance = Served(environment, home / "serve.log", "serve")
    try:
        instance.wait_until_ready()
        yield Company(home, instance)
    finally:
        end(instance)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Two teams and not a single customer: the stories bring theirs."""
    with serving(tmp_path_factory, "company", "tests.stories.hire") as served:
        yield served


DEMO = ("demo", "--customers", "70", "--no-browser")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The invented company, a small one, as `liuke demo` plays and serves it."""
    home = once("demo", tmp_path_factory)
    instance = Served(environment_of(home), home / "demo.log", *DEMO)
    try:
        until(lambda: "✓ Liuke is at" in instance.told() or instance.process.poll() is not None, 900)
        assert instance.process.poll() is None, instance.told()
        yield Company(home, instance)
    finally:
        end(instance)


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser) -> Iterator[Enter]:
    """`enter(url, "li", language="zh")`: somebody at a desk of his own, signed in. No script may fail, nothing be refused."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def signed_in(
        url: str, username: str, *, language: str = "zh", width: int = 1440, theme: Any = "light"
    ) -> Page:
        context = browser.new_context(
            base_url=url,
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            reduced_motion="reduce",
            has_touch=width < 720,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto("/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        expect(page.locator(".rail")).to_be_visible()
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(words in text for words in EXPECTED)] == []
