from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liuke.cli import doctor
from liuke.cli.tests.conftest import Liuke
from liuke.platform.models import Job, User


def told(liuke: Liuke, **more: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = liuke("doctor", "--json", **more)
    return done.returncode, {check["check"]: check for check in json.loads(done.stdout)["checks"]}


@pytest.mark.first_start
def test_before_the_first_start_nothing_is_wrong(liuke: Liuke, environment: dict[str, str]) -> None:
    code, checks = told(liuke, DATABASE_URL="")
    assert code == 0
    assert checks["database"]["told"] == doctor.NOT_MADE
    assert not (Path(environment["LIUKE_HOME"]) / "liuke.sqlite3").exists()


@pytest.mark.first_start
def test_a_damaged_database_fails_and_the_remedy_is_a_backup(
    liuke: Liuke, environment: dict[str, str]
) -> None:
    home = Path(environment["LIUKE_HOME"])
    home.mkdir(mode=0o700)
    with closing(sqlite3.connect(home / "liuke.sqlite3")) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("y" * 3000,) for _ in range(50)])
        database.commit()
    with (home / "liuke.sqlite3").open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 20_000)
    code, checks = told(liuke, DATABASE_URL="")
    assert code == 1
    assert checks["database"]["state"] == "fail"
    assert "restore" in checks["database"]["remedy"]


def test_a_database_that_is_away_fails(liuke: Liuke) -> None:
    code, checks = told(liuke, DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing")
    assert (code, checks["database"]["state"]) == (1, "fail")


def test_settings_that_cannot_be_read_fail(liuke: Liuke) -> None:
    code, checks = told(liuke, DATABASE_URL="mysql://x")
    assert (code, checks["settings"]["state"]) == (1, "fail")


def test_a_home_that_cannot_be_written_fails(liuke: Liuke, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, checks = told(liuke, LIUKE_HOME=str(tmp_path / "file" / "home"))
    assert (code, checks["home"]["state"]) == (1, "fail")


@pytest.mark.django_db
def test_jobs_that_nobody_takes_are_noticed() -> None:
    now = datetime.now(UTC)
    assert doctor.jobs().state == "ok"
    Job.objects.create(name="x", run_at=now - timedelta(hours=1), created_at=now)
    assert doctor.jobs().state == "warn"
    Job.objects.update(state="failed", finished_at=now)
    assert "1 failed" in doctor.jobs().told


@pytest.mark.django_db
def test_nobody_who_can_sign_in_is_noticed(request: pytest.FixtureRequest) -> None:
    assert doctor.people().state == "warn"
    alice: User = request.getfixturevalue("alice")
    assert doctor.people().state == "ok"
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert doctor.people().state == "warn"


def test_an_old_backup_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIUKE_HOME", str(tmp_path))
    assert doctor.backup().state == "warn"
    for days, state in ((8, "warn"), (1, "ok")):
        at = datetime.now(UTC) - timedelta(days=days)
        (tmp_path / "last-backup.json").write_text(json.dumps({"at": at.isoformat(), "file": "/b.tar.zst"}))
        assert doctor.backup().state == state


def test_a_home_that_others_can_read_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIUKE_HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    assert doctor.home().state == "warn"
    tmp_path.chmod(0o700)
    assert doctor.home().state == "ok"
