"""`liuke doctor`: looks whether everything is in order, and says what to do where it is not."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from liuke.cli.problems import Problem

LEAST_FREE = 1 << 30
BACKUP_DAYS = 7
NOT_MADE = "not made yet: the first `liuke serve` makes it"
WRITERS = 5
PATIENT_SECONDS = 2.0
OVERDUE = timedelta(minutes=15)


@dataclass(frozen=True)
class Finding:
    """`state` is ok, warn (works, but …) or fail."""

    check: str
    state: str
    told: str
    remedy: str = ""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("doctor", help="look whether everything is in order")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    findings = examine()
    failed = any(finding.state == "fail" for finding in findings)
    if args.json:
        print(json.dumps({"ok": not failed, "checks": [asdict(one) for one in findings]}, ensure_ascii=False))
        return int(failed)
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        sign = {"ok": "✓", "warn": "!", "fail": "✗"}[finding.state]
        print(f"{sign} {finding.check:<{width}}  {finding.told}")
        if finding.remedy:
            print(f"  {'':<{width}}  → {finding.remedy}")
    return int(failed)


def examine() -> list[Finding]:
    """What the first checks find missing makes the later ones pointless, so they end there."""
    findings = [python(), home()]
    if findings[-1].state == "fail":
        return findings
    findings.append(disk())
    from liuke.cli.main import start_django

    try:
        start_django()
    except Problem as problem:
        return [*findings, Finding("settings", "fail", str(problem))]
    for check in (database, writing, migrations, jobs, people, backup, served):
        try:
            findings.append(check())
        except Exception as error:
            # A check that breaks is a finding too: the others must still be told.
            remedy = "liuke restore FILE" if check is database else ""
            findings.append(
                Finding(check.__name__, "fail", f"{type(error).__name__}: {_line(error)}", remedy)
            )
        if check is database and (findings[-1].state == "fail" or findings[-1].told == NOT_MADE):
            break
    return findings


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def python() -> Finding:
    told = f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < (3, 35):
        return Finding(
            "python", "fail", told, "Liuke needs SQLite 3.35 or newer, or PostgreSQL by DATABASE_URL."
        )
    return Finding("python", "ok", told)


def home() -> Finding:
    from liuke.config import paths

    folder = paths.home()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(
            "home", "fail", f"{folder}: {error.strerror}", "Set LIUKE_HOME to a directory of your own."
        )
    if folder.stat().st_mode & 0o077:
        return Finding("home", "warn", f"{folder} can be read by others", f"chmod 700 {folder}")
    return Finding("home", "ok", str(folder))


def disk() -> Finding:
    from liuke.config import paths

    free = shutil.disk_usage(paths.home()).free
    told = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE:
        return Finding("disk", "warn", told, "Imports and backups need room; make some.")
    return Finding("disk", "ok", told)


def database() -> Finding:
    from django.db import OperationalError, connection

    where = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(where).exists():
        return Finding("database", "ok", NOT_MADE)
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return Finding("database", "fail", _line(error), "DATABASE_URL says where it is. Does it run?")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            path = Path(where)
            told = f"{path}, {path.stat().st_size / 1e6:.1f} MB"
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
                if (verdict := reader.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                    return Finding("database", "fail", f"{told}: damaged ({verdict})", "liuke restore FILE")
                if broken := reader.execute("PRAGMA foreign_key_check").fetchone():
                    refers = f"{told}: a row of {broken[0]} refers to nothing"
                    return Finding("database", "fail", refers, "liuke restore FILE")
            return Finding("database", "ok", told)
        cursor.execute("SELECT version(), pg_database_size(current_database())")
        version, size = cursor.fetchone()
        return Finding("database", "ok", f"{version.split(',')[0].split(' on ')[0]}, {size / 1e6:.1f} MB")


def writing() -> Finding:
    """How long a writer waits for its turn. SQLite has one at a time, and lets one wait half a minute."""
    from django.db import OperationalError, transaction

    waited = []
    for _ in range(WRITERS):
        began = time.monotonic()
        try:
            with transaction.atomic():
                waited.append(time.monotonic() - began)
        except OperationalError:
            return Finding(
                "writing", "fail", "somebody holds the database for himself", "What else has it open?"
            )
    told = f"a writer waits up to {max(waited):.2f} s"
    if max(waited) > PATIENT_SECONDS:
        return Finding(
            "writing", "warn", told, "If it stays so, PostgreSQL lets them write at once: DATABASE_URL"
        )
    return Finding("writing", "ok", told)


def migrations() -> Finding:
    from liuke.cli.database import missing_migrations

    try:
        missing = missing_migrations()
    except Problem as problem:
        return Finding("migrations", "fail", *str(problem).split("\n  ", 1))
    if missing:
        told = f"{len(missing)} steps are missing"
        return Finding("migrations", "warn", told, "The next `liuke serve` applies them, after a backup.")
    return Finding("migrations", "ok", "up to date")


def jobs() -> Finding:
    from django.utils import timezone

    from liuke.platform.models import Job

    now = timezone.now()
    late = Job.objects.filter(state="waiting", run_at__lt=now - OVERDUE).count()
    stuck = Job.objects.filter(state="running", lease_until__lt=now - OVERDUE).count()
    failed = Job.objects.filter(state="failed", finished_at__gt=now - timedelta(days=7)).count()
    if late or stuck:
        return Finding("jobs", "warn", f"{late} overdue, {stuck} left behind", "Is `liuke serve` running?")
    if failed:
        return Finding("jobs", "warn", f"{failed} failed this week", "Settings › Background jobs says why.")
    waiting = Job.objects.unfinished().count()
    return Finding("jobs", "ok", f"{waiting} waiting or running")


def people() -> Finding:
    from liuke.platform.models import User

    count = User.objects.active().count()
    if not count:
        return Finding("people", "warn", "nobody can sign in", "liuke createowner")
    return Finding("people", "ok", f"{count} can sign in")


def backup() -> Finding:
    from liuke.cli.archive import can_back_up
    from liuke.config import paths

    if hindrance := can_back_up():
        return Finding("backup", "warn", hindrance)
    try:
        noted = json.loads((paths.home() / "last-backup.json").read_text())
        age = datetime.now(UTC) - datetime.fromisoformat(noted["at"])
    except (OSError, ValueError, KeyError):
        return Finding("backup", "warn", "there is none yet", "liuke backup FILE, and keep it elsewhere")
    told = f"{age.days} days old: {noted['file']}"
    if age > timedelta(days=BACKUP_DAYS):
        return Finding("backup", "warn", told, "liuke backup FILE, and keep it elsewhere")
    return Finding("backup", "ok", told)


def served() -> Finding:
    from liuke.cli.processes import running_instance

    url = running_instance()
    return Finding("served", "ok", f"at {url}" if url else "not at the moment")
