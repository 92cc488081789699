"""A Spark standalone cluster on loopback: a master and two workers, real processes on ports of their own choosing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pyspark

HOME = Path(pyspark.__file__).parent
LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 240  # a machine that is busy is slow
ENVIRONMENT = {
    "SPARK_HOME": str(HOME),
    "SPARK_LOCAL_IP": LOOPBACK,
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "PYSPARK_PYTHON": sys.executable,
}


class Cluster:
    """Started by the constructor; `close` ends it. Each process leads a group, so that its children end with it."""

    def __init__(self, folder: Path, *, memory_mb: int = 700) -> None:
        self.folder = folder
        self.memory_mb = memory_mb
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []
        try:
            self._start("master", "org.apache.spark.deploy.master.Master", "--port", "0")
            self.url = self._told("master", r"Starting Spark master at (spark://\S+)")
            for name in ("one", "two"):
                self._start_worker(name)
            for name in ("one", "two"):
                self._registered(name)
        except BaseException:
            self.close()
            raise

    def _start(self, name: str, kind: str, *arguments: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        self._logs.append(log)
        command = [
            str(HOME / "bin" / "spark-class"),
            kind,
            "--host",
            LOOPBACK,
            "--webui-port",
            "0",
            *arguments,
        ]
        self._processes.append(
            subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **ENVIRONMENT}, start_new_session=True
            )
        )

    def _start_worker(self, name: str) -> None:
        self._start(
            name, "org.apache.spark.deploy.worker.Worker",
            "--cores", "1", "--memory", f"{self.memory_mb}m", "--work-dir", str(self.folder / name), self.url,
        )  # fmt: skip

    def _registered(self, name: str) -> None:
        self._told(name, r"Successfully registered with master (\S+)")

    def _told(self, name: str, pattern: str) -> str:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            text = (self.folder / f"{name}.log").read_text(errors="replace")
            found = re.search(pattern, text)
            if found:
                return found[1]
            time.sleep(
                0.2
            )  # a process of its own says when it is ready; there is nothing to wait on but its log
        raise TimeoutError(f"{name} didn't start:\n{text[-2000:]}")

    def kill_a_worker(self) -> None:
        """As when its machine loses power: the worker and the executor it runs, at once."""
        os.killpg(self._processes[-1].pid, signal.SIGKILL)
        self._processes[-1].wait()

    def replace_the_killed(self) -> None:
        """Another worker in its place."""
        self._start_worker("three")
        self._registered("three")

    def close(self) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for log in self._logs:
            log.close()

    @property
    def groups(self) -> list[int]:
        return [process.pid for process in self._processes]


def alive(group: int) -> bool:
    """Whether any process of the group still runs; one that has ended and that nobody asked after doesn't."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            return True
    return False
