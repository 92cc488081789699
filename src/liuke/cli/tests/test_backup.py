"""PL10: backup, change a record, restore: the record has its earlier value and the counts are equal."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from liuke.cli import archive
from liuke.cli.problems import Problem
from liuke.cli.tests.conftest import Liuke


@pytest.fixture
def company(liuke: Liuke) -> Liuke:
    """An instance with an owner, a setting and a stored file."""
    script = """
import io
from django.utils import timezone
from liuke.platform.files.actions import store
from liuke.platform.organisation.actions import create_owner
now = timezone.now()
create_owner(username="olga", name="Olga", password="quite a good one 9", company="Yiwu Gifts", now=now)
store(io.BytesIO(b"1,2,3"), name="orders.csv", purpose="import", by=None, now=now)
"""
    assert tell(liuke, script) == ""
    return liuke


def tell(liuke: Liuke, script: str, **more: str) -> str:
    """Runs `script` inside the instance and returns what it prints."""
    done = liuke(script, module="liuke.cli.tests.inside", **more)
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


LOOK = """
from django.contrib.sessions.models import Session
from liuke.platform.files.actions import open_file
from liuke.platform.models import AuditEntry, StoredFile, User
print(User.objects.get().name, StoredFile.objects.count(), [open_file(f).read() for f in StoredFile.objects.all()],
      AuditEntry.objects.exclude(action="system.restore").count(), Session.objects.count())
"""
CHANGE = """
import io
from django.contrib.sessions.models import Session
from django.utils import timezone
from liuke.platform.files.actions import remove, store
from liuke.platform.models import StoredFile, User
User.objects.update(name="Somebody else")
remove(StoredFile.objects.get())
store(io.BytesIO(b"new"), name="new.csv", purpose="import", by=None, now=timezone.now())
Session.objects.create(session_key="s", session_data="", expire_date=timezone.now())
"""


def test_pl10_what_was_backed_up_comes_back(company: Liuke, tmp_path: Path) -> None:
    before = tell(company, LOOK)
    file = str(tmp_path / "backup.tar.zst")
    told = json.loads(company("backup", file, "--json").stdout)
    assert (told["file"], told["files"], told["verified"]) == (file, 1, True)
    assert Path(file).stat().st_mode & 0o077 == 0
    tell(company, CHANGE)
    assert tell(company, LOOK) != before

    refused = company("restore", file)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--yes" in refused.stderr
    assert "Somebody else" in tell(company, LOOK)

    done = company("restore", file, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert tell(company, LOOK) == before == f"Olga 1 [b'1,2,3'] {before.split()[-2]} 0"

    way_back = json.loads(done.stdout)["before"]
    assert company("restore", way_back, "--yes").returncode == 0
    assert tell(company, LOOK).startswith("Somebody else 1 [b'new']")


def test_pl10_it_goes_onto_a_new_machine(company: Liuke, tmp_path: Path, environment: dict[str, str]) -> None:
    # On a server the same database plays the new one: its tables are there, so it takes a --yes.
    elsewhere = {} if environment["DATABASE_URL"] else {"LIUKE_HOME": str(tmp_path / "elsewhere")}
    file = str(tmp_path / "b.tar.zst")
    assert company("backup", file).returncode == 0
    done = company("restore", file, *(["--yes"] if not elsewhere else []), **elsewhere)
    assert done.returncode == 0, done.stderr
    assert tell(company, LOOK, **elsewhere).startswith("Olga 1 [b'1,2,3']")


def test_a_file_is_not_replaced_unless_told(company: Liuke, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    file.write_text("mine")
    done = company("backup", str(file))
    assert (done.returncode, file.read_text()) == (1, "mine")
    assert company("backup", str(file), "--force").returncode == 0
    assert [left.name for left in tmp_path.glob(".*")] == []


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """One with a file in it, made by hand: what is tried here happens before a database is looked at."""
    members = {FILE: b"1,2,3", archive.SQLITE: b"SQLite format 3"}
    manifest = archive.Manifest(
        liuke="0.1.0", made_at="2026-03-02T01:30:00+00:00", database="sqlite", migrations=[]
    )
    manifest.members = {name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in members.items()}
    path = tmp_path / "b.tar.gz"
    path.write_bytes(packed({**members, archive.MANIFEST: json.dumps(asdict(manifest)).encode()}))
    return path


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name.startswith("link:"):
                info.name, info.type, info.linkname, info.size = name[5:], tarfile.SYMTYPE, "/etc/passwd", 0
            tar.addfile(info, io.BytesIO(data[: info.size]))
    return gzip.compress(out.getvalue())


def members_of(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


FILE = "files/2026/03/" + "a" * 32
SPOILT: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "cut": lambda held: packed(held)[:200],
    "text": lambda held: b"id,name\n1,Olga\n",
    "empty": lambda held: b"",
    "altered": lambda held: packed({**held, FILE: b"9,9,9"}),
    "outside": lambda held: packed({**held, "../outside": held.pop(FILE)}),
    "elsewhere": lambda held: packed({**held, "files/../../../outside": held.pop(FILE)}),
    "link": lambda held: packed({**held, f"link:{FILE}": held.pop(FILE)}),
    "more": lambda held: packed({**held, FILE.replace("a", "b"): b"smuggled in"}),
    "less": lambda held: packed({name: data for name, data in held.items() if name != FILE}),
    "no manifest": lambda held: packed({n: data for n, data in held.items() if n != archive.MANIFEST}),
}


def test_a_sound_backup_is_unpacked(backup: Path, tmp_path: Path) -> None:
    archive.unpack(backup, tmp_path / "out")
    assert (tmp_path / "out" / "files" / "2026" / "03" / ("a" * 32)).read_bytes() == b"1,2,3"


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_one_is_refused_and_reaches_nothing_outside(backup: Path, tmp_path: Path, how: str) -> None:
    backup.write_bytes(SPOILT[how](members_of(backup.read_bytes())))
    with pytest.raises(Problem):
        archive.unpack(backup, tmp_path / "out")
    assert {entry.name for entry in tmp_path.iterdir()} <= {"out", backup.name}


def test_a_restored_instance_tells_no_webhook_before_somebody_lets_it(company: Liuke, tmp_path: Path) -> None:
    """What stood in the outbox then may have been sent since."""
    made = """
from django.utils import timezone
from liuke.platform.models import User, Webhook
now = timezone.now()
Webhook.objects.create(owner=User.objects.get(), url="https://hooks.example.com/", salt="x", created_at=now)
"""
    tell(company, made)
    file = str(tmp_path / "backup.tar.zst")
    company("backup", file)
    company("restore", file, "--yes")
    asked = "from liuke.platform.models import Webhook\nprint(Webhook.objects.get().is_active)"
    assert tell(company, asked) == "False"


def test_restoring_a_spoilt_one_changes_nothing(company: Liuke, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    assert company("backup", str(file)).returncode == 0
    file.write_bytes(file.read_bytes()[:-2000])
    before = tell(company, LOOK)
    done = company("restore", str(file), "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert "damaged or cut off" in done.stderr
    assert "Traceback" not in done.stderr
    assert tell(company, LOOK) == before
    assert list((tmp_path / "home").glob("restoring-*")) == []
