"""One file with the database and the stored files: written while Liuke runs, checked by unpacking it again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal, cast

from liuke import __version__
from liuke.cli.problems import Problem, reason, unreadable
from liuke.cli.speech import gettext as _

MANIFEST = "manifest.json"
SQLITE = "database.sqlite3"
POSTGRES = "database.pgdump"
ZSTD_MAGIC, GZIP_MAGIC = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
CHUNK = 1 << 20
Codec = Literal["zstd", "gzip"]


@dataclass
class Manifest:
    """What the archive holds; `members` name -> [size, sha256], `rows` table -> number of rows."""

    liuke: str
    made_at: str
    database: str
    migrations: list[list[str]]
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # files that the database names and the disk has lost


def can_back_up() -> str:
    """What stands in the way, or nothing."""
    from django.db import connection

    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        return _("pg_dump is not installed (apt install postgresql-client)")
    return ""


def write(target: Path, *, with_files: bool = True) -> Manifest:
    """Writes the archive beside `target`, checks it, and only then gives it its name."""
    if hindrance := can_back_up():
        raise Problem(_("There is no backup: %(reason)s") % {"reason": hindrance})
    target = target.absolute()
    if not target.parent.is_dir():
        raise Problem(
            _("There is no directory %(folder)s.") % {"folder": target.parent},
            _("Make it, or choose another place."),
        )
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="liuke-backup-", dir=_room()) as scratch:
            manifest = _pack(unfinished, Path(scratch), compress=_packer(target), with_files=with_files)
        check(unfinished)
        unfinished.rename(target)
    except OSError as error:
        raise Problem(
            _("The backup was not written: %(reason)s.") % {"reason": reason(error)},
            _("Choose a place that can be written and has room."),
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _room() -> str:
    """The copy is made beside the database: there is room for another one, which /tmp may not have."""
    from django.conf import settings

    return str(settings.HOME)


def _packer(target: Path) -> Codec:
    return "gzip" if target.suffix in {".gz", ".tgz"} else "zstd"


@contextmanager
def _compressed(path: Path, codec: Codec) -> Iterator[IO[bytes]]:
    import pyarrow as pa

    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(os.dup(handle), "wb") as raw,
        pa.CompressedOutputStream(pa.PythonFile(raw, mode="w"), codec) as out,
    ):
        yield cast("IO[bytes]", out)
    os.fsync(handle)
    os.close(handle)


def _pack(target: Path, scratch: Path, *, compress: Codec, with_files: bool) -> Manifest:
    from django.conf import settings

    dump = _dump_database(scratch)
    manifest = _describe(dump)
    members: list[tuple[str, Path]] = [(dump.name, dump)]
    if with_files:
        for name in _stored_files(dump):
            path = Path(settings.HOME) / "files" / name
            # One that was removed since the copy was made is gone from the live database too.
            members.append((f"files/{name}", path)) if path.is_file() else manifest.missing.append(name)
    with _compressed(target, compress) as out, tarfile.open(fileobj=out, mode="w|") as tar:
        for name, path in members:
            manifest.members[name] = [path.stat().st_size, _sha256(path)]
            tar.add(path, arcname=name, recursive=False, filter=_plain)
        content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode, info.mtime = len(content), 0o600, int(datetime.now(UTC).timestamp())
        tar.addfile(info, io.BytesIO(content))
    return manifest


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# The database


def _dump_database(folder: Path) -> Path:
    """A consistent copy, while others read and write."""
    from django.db import connection

    if connection.vendor == "sqlite":
        copy = folder / SQLITE
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as target:
            cast("sqlite3.Connection", connection.connection).backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        return copy
    copy = folder / POSTGRES
    _run_postgres(
        "pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--file={copy}"
    )
    return copy


def _run_postgres(program: str, *words: str, database: str = "") -> str:
    environment, options = _postgres_door(database)
    done = subprocess.run(
        [program, *options, *words], env=environment, capture_output=True, text=True, check=False
    )
    _complain(program, done.returncode, done.stderr)
    return done.stdout


def _postgres_door(database: str = "") -> tuple[dict[str, str], list[str]]:
    from django.db import connection

    where = connection.settings_dict
    # The password goes by the environment: arguments can be seen by everybody on the machine.
    environment = {**os.environ, "PGPASSWORD": where["PASSWORD"] or ""}
    options = [f"--dbname={database or where['NAME']}"]
    for option, value in (("host", where["HOST"]), ("port", where["PORT"]), ("username", where["USER"])):
        options += [f"--{option}={value}"] if value else []
    return environment, options


def _complain(program: str, code: int, said: str) -> None:
    if code:
        told = (said.strip().splitlines() or [_("no reason given")])[-1]
        raise Problem(_("%(program)s failed: %(reason)s") % {"program": program, "reason": told})


def _describe(dump: Path) -> Manifest:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    manifest = Manifest(
        liuke=__version__,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database="sqlite" if dump.name == SQLITE else "postgresql",
        migrations=sorted([app, name] for app, name in applied),
    )
    if dump.name == SQLITE:
        with closing(sqlite3.connect(dump)) as copy:
            manifest.rows = count_rows(copy)
    return manifest


def count_rows(database: sqlite3.Connection) -> dict[str, int]:
    tables = database.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name"
    ).fetchall()
    return {
        name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - the catalogue's own names
        for (name,) in tables
    }


def _stored_files(dump: Path) -> list[str]:
    """As the copy names them, so that archive and database agree."""
    if dump.name == SQLITE:
        with closing(sqlite3.connect(dump)) as copy:
            return [path for (path,) in copy.execute("SELECT path FROM platform_storedfile ORDER BY path")]
    from liuke.platform.models import StoredFile

    return list(StoredFile.objects.order_by("path").values_list("path", flat=True))


# Reading it again


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    import pyarrow as pa

    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
            raw.seek(0)
            if magic != ZSTD_MAGIC and magic[:2] != GZIP_MAGIC:
                raise Problem(
                    _("%(file)s is no backup of Liuke.") % {"file": path},
                    _("Name a file that `liuke backup` has written."),
                )
            codec: Codec = "zstd" if magic == ZSTD_MAGIC else "gzip"
            with (
                pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), codec) as unpacked,
                tarfile.open(fileobj=unpacked, mode="r|") as tar,
            ):
                yield tar
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise unreadable(path, error) from None
    except (tarfile.TarError, EOFError, OSError, pa.ArrowException) as error:
        raise Problem(
            _("%(file)s is damaged or cut off (%(reason)s).") % {"file": path, "reason": error},
            _("Take another backup."),
        ) from None


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpacks into `folder` what a backup may hold, nothing else, and compares every byte with the manifest."""
    found: dict[str, list[Any]] = {}
    manifest = None
    with _opened(path) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or not _belongs(member.name):
                raise Problem(
                    _("%(file)s holds “%(name)s”, which no backup of Liuke has.")
                    % {"file": path, "name": member.name},
                    _("Take another backup."),
                )
            if member.name == MANIFEST:
                manifest = Manifest(**json.load(content))
                continue
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            found[member.name] = _copy(content, target)
    if manifest is None or found != manifest.members:
        raise Problem(
            _("%(file)s does not hold what it says it holds.") % {"file": path}, _("Take another backup.")
        )
    return manifest


def _belongs(name: str) -> bool:
    from liuke.platform.files.rules import is_own_path

    parts = PurePosixPath(name).parts
    return name in {MANIFEST, SQLITE, POSTGRES} or (
        parts[:1] == ("files",) and is_own_path("/".join(parts[1:]))
    )


def _copy(content: IO[bytes], target: Path) -> list[Any]:
    size, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := content.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return [size, digest.hexdigest()]


def check(path: Path) -> Manifest:
    """Restores into a place of its own and looks at the outcome: a backup nobody has restored is only a hope."""
    with tempfile.TemporaryDirectory(prefix="liuke-check-", dir=_room()) as scratch:
        manifest = unpack(path, Path(scratch))
        inspect(manifest, Path(scratch))
    return manifest


def inspect(manifest: Manifest, folder: Path) -> None:
    """The database that was unpacked is whole: by itself, and in the number of its rows."""
    if manifest.database == "postgresql":
        _inspect_dump(folder / POSTGRES)
        return
    with closing(sqlite3.connect(folder / SQLITE)) as database:
        if (told := database.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise Problem(
                _("The database in the backup is damaged: %(reason)s") % {"reason": told},
                _("Take another backup."),
            )
        if broken := database.execute("PRAGMA foreign_key_check").fetchone():
            raise Problem(
                _("The database in the backup has a row of %(table)s that refers to nothing.")
                % {"table": broken[0]},
                _("Take another backup."),
            )
        if count_rows(database) != manifest.rows:
            raise Problem(
                _("The database in the backup has other numbers of rows than were backed up."),
                _("Take another backup."),
            )


def _inspect_dump(dump: Path) -> None:
    """Restored into a database of its own where we may make one; else read from end to end."""
    from django.db import connection

    name = f"liuke_check_{os.getpid()}_{os.urandom(4).hex()}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            _run_postgres_file("pg_restore", "--file=/dev/null", str(dump))
            return
        quoted = connection.ops.quote_name(name)
        cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0")
        try:
            load_dump(dump, database=name)
        finally:
            cursor.execute(f"DROP DATABASE {quoted}")


def _run_postgres_file(program: str, *words: str) -> None:
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    _complain(program, done.returncode, done.stderr)


_EMPTY = """
SET client_min_messages = warning;
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP TABLE %s CASCADE', one.name); END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc p
        WHERE pronamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP EXECUTE format('DROP ROUTINE %s CASCADE', one.name); END LOOP;
END $$;
"""


def load_dump(dump: Path, *, database: str = "", clean: bool = False) -> None:
    """Into an empty database, or with `clean` in place of all that is there; in one transaction either way.

    `pg_restore --clean` doesn't do: tables that a later release has added hold on to what it wants to drop.
    """
    environment, options = _postgres_door(database)
    read = ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump)]
    write = ["psql", *options, "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as answered:
        reading = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=said)
        writing = subprocess.Popen(write, env=environment, stdin=subprocess.PIPE, stderr=answered)
        source, target = cast(IO[bytes], reading.stdout), cast(IO[bytes], writing.stdin)
        with suppress(BrokenPipeError):  # what psql stumbled over is told below
            target.write(b"BEGIN;\n" + (_EMPTY.encode() if clean else b""))
            shutil.copyfileobj(source, target)
            if reading.wait() == 0:  # without this last word nothing of it stays, whoever dies in between
                target.write(b"COMMIT;\n")
        with suppress(BrokenPipeError):
            target.close()
        source.close()
        for program, process, file in (("psql", writing, answered), ("pg_restore", reading, said)):
            code = process.wait()
            file.seek(0)
            _complain(program, code, file.read().decode())
