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

from liuke.cli.parsing import columns
from liuke.cli.problems import Problem, reason
from liuke.cli.speech import gettext as _
from liuke.cli.speech import gettext_noop, ngettext, size_text

LEAST_FREE = 1 << 30
BACKUP_DAYS = 7
NOT_MADE = gettext_noop("not made yet: the first `liuke serve` makes it")
WRITERS = 5
PATIENT_SECONDS = 2.0
OVERDUE = timedelta(minutes=15)
# What the checks are called on the terminal; in JSON they keep their names.
NAMES = {
    "python": gettext_noop("Python"),
    "home": gettext_noop("data directory"),
    "disk": gettext_noop("disk"),
    "settings": gettext_noop("settings"),
    "database": gettext_noop("database"),
    "writing": gettext_noop("waiting to write"),
    "migrations": gettext_noop("database steps"),
    "jobs": gettext_noop("background jobs"),
    "people": gettext_noop("people"),
    "backup": gettext_noop("backup"),
    "served": gettext_noop("served"),
}


@dataclass(frozen=True)
class Finding:
    """`state` is ok, warn (works, but …) or fail."""

    check: str
    state: str
    told: str
    remedy: str = ""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("doctor", help=_("look whether everything is in order"))
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    findings = examine()
    failed = any(finding.state == "fail" for finding in findings)
    if args.json:
        print(json.dumps({"ok": not failed, "checks": [asdict(one) for one in findings]}, ensure_ascii=False))
        return int(failed)
    names = [_(NAMES[finding.check]) for finding in findings]
    width = max(map(columns, names))
    for name, finding in zip(names, findings, strict=True):
        sign = {"ok": "✓", "warn": "!", "fail": "✗"}[finding.state]
        print(f"{sign} {name}{' ' * (width - columns(name))}  {finding.told}")
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
        if check is database and (findings[-1].state == "fail" or findings[-1].told == _(NOT_MADE)):
            break
    return findings


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def python() -> Finding:
    told = f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < (3, 35):
        return Finding(
            "python", "fail", told, _("Liuke needs SQLite 3.35 or newer, or PostgreSQL by DATABASE_URL.")
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
            "home", "fail", f"{folder}: {reason(error)}", _("Set LIUKE_HOME to a directory of your own.")
        )
    if folder.stat().st_mode & 0o077:
        told = _("%(folder)s can be read by others") % {"folder": folder}
        return Finding("home", "warn", told, f"chmod 700 {folder}")
    return Finding("home", "ok", str(folder))


def disk() -> Finding:
    from liuke.config import paths

    free = shutil.disk_usage(paths.home()).free
    told = _("%(size)s GB free") % {"size": f"{free / 1e9:.1f}"}
    if free < LEAST_FREE:
        return Finding("disk", "warn", told, _("Imports and backups need room; make some."))
    return Finding("disk", "ok", told)


def database() -> Finding:
    from django.db import OperationalError, connection

    where = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(where).exists():
        return Finding("database", "ok", _(NOT_MADE))
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return Finding("database", "fail", _line(error), _("DATABASE_URL says where it is. Does it run?"))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            path = Path(where)
            told = f"{path}, {size_text(path.stat().st_size)}"
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
                if (verdict := reader.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                    damaged = _("%(file)s is damaged: %(reason)s") % {"file": told, "reason": verdict}
                    return Finding("database", "fail", damaged, "liuke restore FILE")
                if broken := reader.execute("PRAGMA foreign_key_check").fetchone():
                    refers = _("%(file)s: a row of %(table)s refers to nothing")
                    refers %= {"file": told, "table": broken[0]}
                    return Finding("database", "fail", refers, "liuke restore FILE")
            return Finding("database", "ok", told)
        cursor.execute("SELECT version(), pg_database_size(current_database())")
        version, size = cursor.fetchone()
        return Finding("database", "ok", f"{version.split(',')[0].split(' on ')[0]}, {size_text(size)}")


def writing() -> Finding:
    """How long a writer waits for its turn. SQLite has one at a time, and lets one wait half a minute."""
    from django.db import OperationalError, transaction

    waited = []
    for _turn in range(WRITERS):
        began = time.monotonic()
        try:
            with transaction.atomic():
                waited.append(time.monotonic() - began)
        except OperationalError:
            return Finding(
                "writing",
                "fail",
                _("somebody holds the database for himself"),
                _("What else has it open?"),
            )
    told = _("a writer waits up to %(seconds)s s") % {"seconds": f"{max(waited):.2f}"}
    if max(waited) > PATIENT_SECONDS:
        return Finding(
            "writing", "warn", told, _("If it stays so, PostgreSQL lets them write at once: DATABASE_URL")
        )
    return Finding("writing", "ok", told)


def migrations() -> Finding:
    from liuke.cli.database import missing_migrations

    try:
        missing = missing_migrations()
    except Problem as problem:
        return Finding("migrations", "fail", *str(problem).split("\n  ", 1))
    if missing:
        told = ngettext("%(n)d step is missing", "%(n)d steps are missing", len(missing)) % {
            "n": len(missing)
        }
        return Finding("migrations", "warn", told, _("The next `liuke serve` applies them, after a backup."))
    return Finding("migrations", "ok", _("up to date"))


def jobs() -> Finding:
    from django.utils import timezone

    from liuke.platform.models import Job

    now = timezone.now()
    late = Job.objects.filter(state="waiting", run_at__lt=now - OVERDUE).count()
    stuck = Job.objects.filter(state="running", lease_until__lt=now - OVERDUE).count()
    failed = Job.objects.filter(state="failed", finished_at__gt=now - timedelta(days=7)).count()
    if late or stuck:
        told = _("%(late)d overdue, %(stuck)d left behind") % {"late": late, "stuck": stuck}
        return Finding("jobs", "warn", told, _("Is `liuke serve` running?"))
    if failed:
        told = _("%(n)d failed this week") % {"n": failed}
        return Finding("jobs", "warn", told, _("Settings › Background jobs says why."))
    waiting = Job.objects.unfinished().count()
    return Finding("jobs", "ok", _("%(n)d waiting or running") % {"n": waiting})


def people() -> Finding:
    from liuke.platform.models import User

    count = User.objects.active().count()
    if not count:
        return Finding("people", "warn", _("nobody can sign in"), "liuke createowner")
    return Finding("people", "ok", _("%(n)d can sign in") % {"n": count})


def backup() -> Finding:
    from liuke.cli.archive import can_back_up
    from liuke.config import paths

    if hindrance := can_back_up():
        return Finding("backup", "warn", hindrance)
    try:
        noted = json.loads((paths.home() / "last-backup.json").read_text())
        age = datetime.now(UTC) - datetime.fromisoformat(noted["at"])
    except (OSError, ValueError, KeyError):
        return Finding(
            "backup", "warn", _("there is none yet"), _("liuke backup FILE, and keep it elsewhere")
        )
    told = ngettext("%(n)d day old: %(file)s", "%(n)d days old: %(file)s", age.days)
    told %= {"n": age.days, "file": noted["file"]}
    if age > timedelta(days=BACKUP_DAYS):
        return Finding("backup", "warn", told, _("liuke backup FILE, and keep it elsewhere"))
    return Finding("backup", "ok", told)


def served() -> Finding:
    from liuke.cli.processes import running_instance

    url = running_instance()
    return Finding("served", "ok", _("at %(url)s") % {"url": url} if url else _("not at the moment"))
