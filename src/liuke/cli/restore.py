"""`liuke restore FILE`: what a backup holds, in place of what is there."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liuke.cli.problems import Problem
from liuke.cli.speech import gettext as _

if TYPE_CHECKING:
    from liuke.cli.archive import Manifest


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "restore",
        help=_("bring back what a backup holds"),
        description=_(
            "Unpacks and checks the backup first. What is there now is backed up before it is replaced. "
            "Everybody has to sign in again afterwards."
        ),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help=_("a file that `liuke backup` has written"))
    parser.add_argument("--yes", action="store_true", help=_("replace the data that is there now"))
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from liuke.cli.main import start_django
    from liuke.cli.processes import instance_lock

    start_django()
    with instance_lock(doing="restore"):
        return _restore(args)


def _restore(args: argparse.Namespace) -> int:
    from django.conf import settings
    from django.utils import timezone

    from liuke.cli.archive import inspect, unpack
    from liuke.cli.database import bring_up_to_date

    source: Path = args.file.expanduser()
    # On the disk of the data, so that what is unpacked can be moved into its place in one step.
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.HOME) as scratch:
        manifest = unpack(source, Path(scratch))
        _refuse_foreign(manifest)
        inspect(manifest, Path(scratch))
        if not args.yes and _is_anything_there():
            raise Problem(
                _("There is data here already. Nothing was changed."), _("To replace it, say --yes.")
            )
        kept = _keep_what_is_there()
        # Files first: their names are unique, so they are in nobody's way, and a crash in between loses nothing.
        # Those that the restored database doesn't know are swept away a day later.
        _add_files(Path(scratch))
        _replace_database(manifest, Path(scratch))
    bring_up_to_date()
    _close_old_doors(source, now=timezone.now())
    result = {
        "file": str(source.absolute()),
        "made_at": manifest.made_at,
        "rows": sum(manifest.rows.values()),
        "files": len(manifest.members) - 1,
        "before": str(kept) if kept else None,
    }
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        told = _("Restored what was backed up at %(made_at)s: %(files)d files.")
        made = timezone.localtime(datetime.fromisoformat(manifest.made_at)).strftime("%Y-%m-%d %H:%M")
        print(f"✓ {told % {**result, 'made_at': made}}")
    if kept:
        print("  " + _("What was there before is in %(file)s") % {"file": kept}, file=sys.stderr)
    return 0


def _refuse_foreign(manifest: Manifest) -> None:
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    if manifest.database != connection.vendor:
        raise Problem(
            _("The backup is of a %(kind)s database, and this instance uses %(ours)s.")
            % {"kind": manifest.database, "ours": connection.vendor},
            _("Set DATABASE_URL, or unset it."),
        )
    known = MigrationLoader(None).disk_migrations
    ours = {app for app, _ in known}
    if any(app in ours and (app, name) not in known for app, name in manifest.migrations):
        raise Problem(
            _("The backup is of a newer release (%(version)s).") % {"version": manifest.liuke},
            _("Install that release first."),
        )


def _sqlite_file() -> Path | None:
    """The live database's file, where it is one and it is there."""
    from django.db import connection

    path = Path(connection.settings_dict["NAME"])
    return path if connection.vendor == "sqlite" and path.is_file() and path.stat().st_size else None


def _is_anything_there() -> bool:
    from django.db import DatabaseError, connection

    try:
        return "platform_user" in connection.introspection.table_names()
    except DatabaseError:
        if connection.vendor != "sqlite":
            raise
        return _sqlite_file() is not None  # damaged, but somebody's
    finally:
        connection.close()


def _keep_what_is_there() -> Path | None:
    """A damaged database can't be backed up; its file is kept then, as it is."""
    from django.db import DatabaseError, connection

    from liuke.cli.archive import write
    from liuke.cli.database import backups

    if not _is_anything_there():
        return None
    name = f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    target = backups() / f"{name}.tar.zst"
    try:
        write(target)
    except (Problem, DatabaseError, sqlite3.DatabaseError) as error:
        if (file := _sqlite_file()) is None:
            raise
        damaged = _("What is there now is damaged (%(reason)s); its file is kept as it is.")
        print(f"! {damaged % {'reason': error}}", file=sys.stderr)
        target = backups() / f"{name}.sqlite3"
        connection.close()
        shutil.copy2(file, target)
    return target


def _replace_database(manifest: Manifest, unpacked: Path) -> None:
    from django.db import connection

    from liuke.cli.archive import POSTGRES, SQLITE, load_dump

    if manifest.database == "postgresql":
        load_dump(unpacked / POSTGRES, clean=True)
        connection.close()
        return
    connection.close()
    live = Path(connection.settings_dict["NAME"])
    # A write-ahead log left over would be played into the restored database and ruin it.
    for ending in ("-wal", "-shm"):
        live.with_name(live.name + ending).unlink(missing_ok=True)
    os.replace(unpacked / SQLITE, live)


def _add_files(unpacked: Path) -> None:
    from django.conf import settings

    for file in sorted((unpacked / "files").glob("*/*/*")):
        target = Path(settings.HOME) / file.relative_to(unpacked)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(file, target)


def _close_old_doors(source: Path, *, now: datetime) -> None:
    """A session of then may be of somebody who has left since; jobs of then are over; what is to be sent may have been."""
    from django.contrib.sessions.models import Session
    from django.db import transaction

    from liuke.platform.audit.actions import record
    from liuke.platform.models import Job, Webhook

    with transaction.atomic():
        Session.objects.all().delete()
        Job.objects.filter(state="running").update(state="waiting", lease_until=None, worker="")
        Webhook.objects.update(is_active=False)
        record("system.restore", by=None, now=now, reason=source.name)
