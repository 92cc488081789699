"""An upgrade backs up first, has a way back, and never touches a database of a newer release."""

from __future__ import annotations

from pathlib import Path

from liuke.cli.tests.conftest import Liuke

GO_BACK = """
from django.core.management import call_command
call_command("migrate", "workspace", "zero", verbosity=0)
call_command("migrate", "scores", "zero", verbosity=0)
"""
FROM_THE_FUTURE = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("platform", "9999_of_next_year")
"""


def inside(liuke: Liuke, script: str) -> None:
    done = liuke(script, module="liuke.cli.tests.inside")
    assert done.returncode == 0, done.stderr


def test_an_older_database_is_backed_up_and_brought_up_to_date(liuke: Liuke, tmp_path: Path) -> None:
    inside(liuke, GO_BACK)
    done = liuke("work", "--once")
    assert done.returncode == 0, done.stderr
    (backup,) = (tmp_path / "home" / "backups").glob("before-upgrade-*.tar.zst")
    assert f"the way back: liuke restore {backup}" in done.stderr
    assert liuke("restore", str(backup), "--yes").returncode == 0
    again = liuke("work", "--once")
    assert (again.returncode, "Upgrading" in again.stderr) == (0, False)


def test_a_newer_database_is_left_alone(liuke: Liuke) -> None:
    inside(liuke, FROM_THE_FUTURE)
    done = liuke("work", "--once")
    assert done.returncode == 1
    assert "belongs to a newer release" in done.stderr
    assert "platform.9999_of_next_year" in done.stderr
