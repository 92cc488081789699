"""The database is made, or brought to this release, before a command uses it. Before an upgrade it is backed up."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from liuke import __version__
from liuke.cli.problems import Problem
from liuke.cli.speech import gettext as _
from liuke.cli.speech import ngettext

if TYPE_CHECKING:
    from django.db.migrations.executor import MigrationExecutor

KEPT_BACKUPS = 5
LOCK_KEY = 0x11_0E_AD_18  # any number, the same in every process


def bring_up_to_date() -> int:
    """Applies the migrations that are missing and returns how many; several processes may call it at once."""
    from django.db import connection
    from django.db.utils import OperationalError

    from liuke.platform.bulk.actions import refresh_statistics

    try:
        if not _missing(_executor()):
            return 0
        with _one_at_a_time():
            executor = _executor()
            if not (missing := _missing(executor)):
                return 0
            if connection.introspection.table_names():
                _back_up_before_upgrade(len(missing))
            executor.migrate(executor.loader.graph.leaf_nodes())
            refresh_statistics()  # an index that is new is no better than none to a planner that knows nothing of it
            return len(missing)
    except OperationalError as error:
        raise unreachable(error) from None


def unreachable(error: Exception) -> Problem:
    from django.conf import settings

    told = str(error).strip().splitlines()
    where = settings.DATABASES["default"]
    name = (
        where["NAME"]
        if where["ENGINE"].endswith("sqlite3")
        else f"{where['HOST']}:{where['PORT']}/{where['NAME']}"
    )
    return Problem(
        _("The database %(name)s cannot be used: %(reason)s")
        % {"name": name, "reason": told[0] if told else type(error).__name__},
        _("`liuke doctor` says more. DATABASE_URL names another one."),
    )


def missing_migrations() -> list[str]:
    """The steps between the database and this release; Problem when it is ahead of it."""
    return _missing(_executor())


def _executor() -> MigrationExecutor:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    return MigrationExecutor(connection)


def _missing(executor: MigrationExecutor) -> list[str]:
    """What this release has and the database has not. One that is ahead of us is left alone."""
    loader = executor.loader
    ours = {app for app, _ in loader.disk_migrations}
    if ahead := [
        key for key in loader.applied_migrations if key[0] in ours and key not in loader.disk_migrations
    ]:
        raise Problem(
            _(
                "The database belongs to a newer release of Liuke than this one (%(version)s): it has had %(step)s."
            )
            % {"version": __version__, "step": ".".join(sorted(ahead)[-1])},
            _("Install that release, or bring back a backup made before it: liuke restore FILE"),
        )
    return [str(migration) for migration, _ in executor.migration_plan(loader.graph.leaf_nodes())]


def _back_up_before_upgrade(missing: int) -> None:
    from liuke.cli.archive import can_back_up, write

    if hindrance := can_back_up():
        print("! " + _("No backup before the upgrade: %(reason)s") % {"reason": hindrance}, file=sys.stderr)
        return
    folder = backups()
    target = folder / f"before-upgrade-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.zst"
    told = ngettext(
        "Upgrading the database (%(n)d step); the way back: liuke restore %(file)s",
        "Upgrading the database (%(n)d steps); the way back: liuke restore %(file)s",
        missing,
    )
    print(f"· {told % {'n': missing, 'file': target}}", file=sys.stderr)
    # The files don't change with the tables, and a restore without them leaves them as they are.
    write(target, with_files=False)
    for old in sorted(folder.glob("before-upgrade-*"))[:-KEPT_BACKUPS]:
        old.unlink()


def backups() -> Path:
    """Where Liuke puts the backups that it makes by itself."""
    from django.conf import settings

    folder = Path(settings.HOME) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Only one process migrates: on this machine by a locked file, on PostgreSQL across machines too."""
    from django.conf import settings
    from django.db import connection

    with (Path(settings.HOME) / "upgrade.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
