from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

Liuke = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty database that only this test uses: a file in its own LIUKE_HOME, or one on DATABASE_URL's server."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield ""
        return

    name = f"liuke_cli_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(url)
    maintenance = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    yield urlunsplit(parts._replace(path=f"/{name}"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    """Of a new instance, as somebody has it who has just installed Liuke."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LIUKE_", "DJANGO_"))}
    return {**env, "LIUKE_HOME": str(tmp_path / "home"), "DATABASE_URL": database_url}


@pytest.fixture
def liuke(environment: dict[str, str]) -> Liuke:
    """`liuke("backup", "x.tar.zst")` in a process of its own."""

    def call(*words: str, module: str = "liuke", **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(
            command, env={**environment, **more}, capture_output=True, text=True, check=False, timeout=300
        )

    return call
