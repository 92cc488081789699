from __future__ import annotations

import hashlib
import io
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.http import Http404
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from liuke.platform.files import actions, rules
from liuke.platform.files.views import respond
from liuke.platform.models import StoredFile, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def keep(content: bytes, now: datetime, name: str = "订单.csv", **more: int) -> StoredFile:
    return actions.store(io.BytesIO(content), name=name, purpose="import", by=None, now=now, **more)


def on_disk() -> list[Path]:
    return [path for path in actions.folder().rglob("*") if path.is_file()]


def test_what_is_stored_comes_back(alice: User, now: datetime) -> None:
    content = os.urandom(3 << 20)
    stored = actions.store(io.BytesIO(content), name="订单.csv", purpose="import", by=alice, now=now)
    with actions.open_file(stored) as file:
        assert file.read() == content
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (stored.name, stored.created_by, stored.created_at) == ("订单.csv", alice, now)


def test_the_name_on_the_disk_is_ours_and_nobody_else_can_read_it(now: datetime) -> None:
    path = actions.path_of(keep(b"x", now, name="../../../etc/passwd"))
    assert path.is_relative_to(actions.folder())
    assert "passwd" not in str(path)
    assert path.stat().st_mode & 0o077 == 0


def test_more_than_the_cap_is_refused_and_leaves_nothing(now: datetime) -> None:
    assert keep(b"12345", now, limit_bytes=5).size == 5
    with pytest.raises(rules.TooLarge):
        keep(b"123456", now, limit_bytes=5)
    assert len(on_disk()) == 1


def test_a_stream_that_breaks_leaves_nothing(now: datetime) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("the line went dead")
            return super().read(5)

    with pytest.raises(OSError, match="the line went dead"):
        actions.store(Broken(b"0123456789"), name="a", purpose="import", by=None, now=now)
    assert on_disk() == []
    assert not StoredFile.objects.exists()


def test_removal_waits_for_the_commit(
    now: datetime, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    stored = keep(b"x", now)
    with transaction.atomic():
        actions.remove(stored)
        transaction.set_rollback(True)
    assert actions.path_of(StoredFile.objects.get()).is_file()
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(StoredFile.objects.get())
    assert on_disk() == []


def test_a_sweep_takes_only_what_nobody_knows_and_is_not_being_written(now: datetime) -> None:
    kept = actions.path_of(keep(b"kept", now))
    lost, fresh, part = (kept.with_name(c * 32) for c in "abc")
    part = part.with_name(part.name + actions.UNFINISHED)
    for path, age in ((lost, 2), (part, 2), (fresh, 0), (kept, 2)):
        path.write_bytes(b"y")
        then = (now - timedelta(days=age)).timestamp()
        os.utime(path, (then, then))
    assert actions.sweep(now=now) == 2
    assert sorted(on_disk()) == sorted([kept, fresh])


def test_a_path_that_is_not_ours_is_refused(now: datetime) -> None:
    stored = keep(b"x", now)
    for path in ("../../etc/passwd", "/etc/passwd", "2026/03/../../../secret.key"):
        stored.path = path
        with pytest.raises(ValueError, match="not ours"):
            actions.open_file(stored)


def test_a_file_leaves_as_a_download_only(now: datetime) -> None:
    response = respond(keep(b"<script>alert(1)</script>", now, name="订单.html"))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response) == b"<script>alert(1)</script>"  # type: ignore[arg-type]
    response.close()


def test_a_file_whose_bytes_are_gone_is_not_found(now: datetime) -> None:
    stored = keep(b"x", now)
    actions.path_of(stored).unlink()
    with pytest.raises(Http404):
        respond(stored)
