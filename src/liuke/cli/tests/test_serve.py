"""The tree of processes as it really is: started, killed, ended."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liuke.cli import serve
from liuke.cli.problems import Problem
from liuke.cli.tests.conftest import Liuke

ANYWHERE = "0.0.0.0"  # noqa: S104 - only its name is asked about
PATIENCE = 180.0  # a busy machine is slow; nothing here measures time


def until(found: Callable[[], object], seconds: float = PATIENCE) -> object:
    end_by = time.monotonic() + seconds
    while time.monotonic() < end_by:
        if what := found():
            return what
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.name))
    return found


def descendants(pid: int) -> list[int]:
    return [pid, *(below for child in children(pid) for below in descendants(child))]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Instance:
    """`liuke serve` at a free port."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.log = log
        with log.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "liuke", "serve", "--port", str(self.port)],
                env=environment,
                stderr=err,
            )

    def told(self) -> str:
        return self.log.read_text()

    def wait_until_ready(self) -> None:
        until(lambda: "✓ Liuke is at" in self.told() or self.process.poll() is not None)
        assert self.process.poll() is None, self.told()

    def answers(self) -> bool:
        return self.get("/healthz") == 200

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": "localhost", "Accept-Encoding": "gzip"})
            self.last = connection.getresponse()
            self.body = self.last.read()
        except OSError:
            return 0
        else:
            return self.last.status
        finally:
            connection.close()

    def of(self, module: str) -> list[int]:
        """The processes that run `module`."""
        return [
            pid
            for pid in descendants(self.process.pid)
            if module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]


@pytest.fixture
def instance(environment: dict[str, str], tmp_path: Path) -> Iterator[Instance]:
    held = Instance(environment, tmp_path / "serve.log")
    yield held
    tree = descendants(held.process.pid)
    held.process.kill()
    held.process.wait()
    for pid in tree:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@pytest.mark.first_start
def test_it_serves_says_where_and_ends_in_order(instance: Instance, liuke: Liuke) -> None:
    instance.wait_until_ready()
    until(lambda: re.search(r"enter this code: \w{4}-\w{4}-\w{4}", instance.told()))
    assert f"http://localhost:{instance.port}/" in instance.told()
    assert instance.answers()

    # The page of the first run: compressed, and its styles under names that a browser may keep for good.
    assert instance.get("/welcome/") == 200
    assert instance.last.headers["content-encoding"] == "gzip"
    page = gzip.decompress(instance.body).decode()
    styles = re.findall(r'href="(/static/kit/\w+\.[0-9a-f]{12}\.css)"', page)
    assert styles
    assert instance.get(styles[0]) == 200
    assert "immutable" in instance.last.headers["cache-control"]
    assert instance.last.headers["content-encoding"] == "gzip"

    second = liuke("serve", "--port", str(instance.port))
    assert second.returncode == 1
    assert f"Liuke is running already, at http://localhost:{instance.port}/" in second.stderr
    third = liuke("serve", "--port", str(free_port()))
    assert third.returncode == 1
    assert "at work in this data directory already" in third.stderr

    tree = descendants(instance.process.pid)
    assert len(tree) >= 5  # itself, the web server with two workers, the jobs
    instance.process.send_signal(signal.SIGINT)
    until(lambda: instance.process.poll() is not None)
    assert instance.process.returncode == 0, instance.told()
    assert [pid for pid in tree if is_alive(pid)] == []


def test_kill_9_leaves_nothing_behind_and_the_port_free(
    instance: Instance, environment: dict[str, str], tmp_path: Path
) -> None:
    instance.wait_until_ready()
    tree = descendants(instance.process.pid)
    instance.process.kill()
    instance.process.wait()
    until(lambda: not any(is_alive(pid) for pid in tree))
    again = Instance(environment, tmp_path / "again.log")
    again.wait_until_ready()
    again.process.terminate()
    until(lambda: again.process.poll() is not None)
    assert again.process.returncode == 0


def test_what_dies_is_started_again(instance: Instance) -> None:
    instance.wait_until_ready()
    for module in ("liuke.cli.worker", "liuke.cli.web"):
        (first, *below) = instance.of(module)
        os.kill(first, signal.SIGKILL)
        until(lambda first=first, module=module: (now := instance.of(module)) and now[0] != first)
        until(lambda below=below: not any(is_alive(pid) for pid in below))
    until(instance.answers)
    assert "jobs ended (-9); it is started again" in instance.told()
    assert "web ended (-9); it is started again" in instance.told()


def test_a_port_that_is_taken_is_said_with_a_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            Problem, match=rf"Port {port} is taken[^\n]*\n  Choose another: --port {port + 1}"
        ):
            serve.check_port("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(Problem, match="no address of this machine"):
        serve.check_port("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8000/"),
        (ANYWHERE, "http://localhost:8000/"),
        ("::1", "http://localhost:8000/"),
        ("192.0.2.1", "http://192.0.2.1:8000/"),
        ("2001:db8::1", "http://[2001:db8::1]:8000/"),
    ],
)
def test_the_address_is_told_so_that_it_can_be_opened(host: str, url: str) -> None:
    assert serve.url_of(host, 8000) == url


def test_on_loopback_only_loopback_names_are_taken_for_ours() -> None:
    assert serve.own_names("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]
    assert serve.own_names("192.0.2.1")[-1] == "192.0.2.1"
    assert serve.own_names("2001:db8::1")[-1] == "[2001:db8::1]"
    everywhere = serve.own_names(ANYWHERE)
    assert socket.gethostname() in everywhere
    assert "*" not in everywhere


def test_one_that_keeps_ending_is_given_up(capfd: pytest.CaptureFixture[str]) -> None:
    tree = serve.Tree([serve.Child("broken", [sys.executable, "-c", "raise SystemExit(7)"])])
    tree.start()
    assert tree.watch() == 1
    told = capfd.readouterr().err
    assert told.count("broken ended (7)") == serve.CRASHES
    assert "keeps ending" in told
