from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from liuke.cli import speech

Liuke = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def english_to_begin_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has made the command line speak, within this process, is not the language of the next."""
    monkeypatch.setattr(speech, "_spoken", "en")
    monkeypatch.setenv("LANGUAGE", "en")


def without_ours(**more: str) -> dict[str, str]:
    """The environment of somebody who has not set Liuke up, and what a test adds to it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIUKE_", "DJANGO_"))}
    return {**kept, **more}


def on_server(statement: str) -> None:
    parts = urlsplit(os.environ["DATABASE_URL"])
    maintenance = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


@contextmanager
def new_database(template: str = "template1") -> Iterator[str]:
    """The name of a database on DATABASE_URL's server that is gone afterwards."""
    name = f"liuke_cli_{uuid.uuid4().hex[:12]}"
    on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield name
    on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def url_of(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


@dataclass
class Made:
    """An instance whose tables are made and that holds nothing: copied, for its migrations take longer than most tests."""

    home: Path
    database: str  # on PostgreSQL, its name


def on_postgres() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    home = tmp_path_factory.mktemp("made") / "home"
    with new_database() if on_postgres() else nullcontext("") as database:
        url = url_of(database) if database else ""
        command = [sys.executable, "-m", "liuke.cli.tests.inside", ""]
        subprocess.run(
            command, env=without_ours(LIUKE_HOME=str(home), DATABASE_URL=url), check=True, timeout=300
        )
        yield Made(home, database)


@pytest.fixture
def is_new(request: pytest.FixtureRequest) -> bool:
    """The test begins as somebody does who has just installed Liuke."""
    return request.node.get_closest_marker("first_start") is not None


@pytest.fixture
def database_url(request: pytest.FixtureRequest, is_new: bool) -> Iterator[str]:
    """A database that only this test uses: a file in its own LIUKE_HOME, or one on DATABASE_URL's server."""
    if not on_postgres():
        yield ""
        return
    with new_database("template1" if is_new else request.getfixturevalue("made").database) as name:
        yield url_of(name)


@pytest.fixture
def environment(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, is_new: bool
) -> dict[str, str]:
    """Of an instance of its own, which nobody has used yet."""
    home = tmp_path / "home"
    if not is_new:
        shutil.copytree(request.getfixturevalue("made").home, home)
    return without_ours(LIUKE_HOME=str(home), DATABASE_URL=database_url)


@pytest.fixture
def liuke(environment: dict[str, str]) -> Liuke:
    """`liuke("backup", "x.tar.zst")` in a process of its own."""

    def call(*words: str, module: str = "liuke", **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(
            command, env={**environment, **more}, capture_output=True, text=True, check=False, timeout=300
        )

    return call
