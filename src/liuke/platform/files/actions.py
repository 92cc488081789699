from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import transaction

from liuke.platform.files.models import StoredFile
from liuke.platform.files.rules import LIMIT_BYTES, TooLarge, is_own_path, own_path, shown_name

if TYPE_CHECKING:
    from liuke.platform.models import User

CHUNK = 1 << 20
UNFINISHED = ".part"


def folder() -> Path:
    root: Path = settings.HOME / "files"
    return root


def store(
    stream: IO[bytes],
    *,
    name: str,
    purpose: str,
    by: User | None,
    now: datetime,
    limit_bytes: int = LIMIT_BYTES,
) -> StoredFile:
    """Keeps what `stream` gives, from where it stands. A crash leaves the whole file or none of it."""
    path = own_path(uuid.uuid4().hex, now)
    target = folder() / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        size, sha256 = _write(stream, unfinished, limit_bytes)
        unfinished.rename(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    # Only now the row: a crash in between leaves a file that nobody knows, which `sweep` takes away.
    return StoredFile.objects.create(
        name=shown_name(name),
        path=path,
        size=size,
        sha256=sha256,
        purpose=purpose,
        created_by=by,
        created_at=now,
    )


def _write(stream: IO[bytes], target: Path, limit_bytes: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit_bytes:
                raise TooLarge(limit_bytes)
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest()


def _sync_folder(path: Path) -> None:
    """A rename is on the disk only once the folder is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def path_of(stored: StoredFile) -> Path:
    """Where the bytes are. A path that we did not make (a doctored backup) is refused."""
    if not is_own_path(stored.path):
        raise ValueError(f"stored file {stored.pk} has a path that is not ours")
    return folder() / stored.path


def open_file(stored: StoredFile) -> BinaryIO:
    return path_of(stored).open("rb")


def remove(stored: StoredFile) -> None:
    """The row now, the bytes once the transaction holds."""
    path = path_of(stored)
    with transaction.atomic():
        stored.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def sweep(*, now: datetime, grace: timedelta = timedelta(days=1)) -> int:
    """Takes away what a crash or a rolled-back transaction left: files without a row, older than `grace`."""
    removed = 0
    for path in _kept_files():
        age = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
        known = str(path.relative_to(folder()))
        if age > grace and not StoredFile.objects.filter(path=known).exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _kept_files() -> Iterator[Path]:
    return (path for path in folder().glob("*/*/*") if path.is_file())
