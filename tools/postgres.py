"""A PostgreSQL server of our own for a test run: a temporary folder, a free port, gone at the end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest Debian has, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Yields the DATABASE_URL. As root the server runs under the account `postgres`: it refuses to run as root."""
    where = programs()
    if where is None:
        raise RuntimeError("no PostgreSQL programs on this machine; bring them with: make postgres")
    folder = Path(tempfile.mkdtemp(prefix="liuke-postgres-"))
    as_other: dict[str, object] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_other = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    port = free_port()

    def call(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_other)  # type: ignore[call-overload]

    data = folder / "data"
    # Nothing waits for the disk: the tests kill our own processes, not the machine; what a power cut does is PostgreSQL's
    # own affair. Nor does the log serve anybody else.
    quick = (
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "wal_level=minimal",
        "max_wal_senders=0",
    )
    settings = (
        "listen_addresses=127.0.0.1",
        f"unix_socket_directories={folder}",
        "max_connections=60",
        *quick,
    )
    options = " ".join([f"-p {port}", *(f"-c {setting}" for setting in settings)])
    try:
        call(
            str(where / "initdb"),
            "-D",
            str(data),
            "-U",
            "liuke",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        call(str(where / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield f"postgresql://liuke@127.0.0.1:{port}/postgres"
        finally:
            call(str(where / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
