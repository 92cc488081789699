"""`liuke serve`: web, background jobs and clock as one tree of processes."""

from __future__ import annotations

import argparse
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from liuke.cli.problems import Problem
from liuke.cli.processes import PARENT, instance_lock

HOST, PORT = "127.0.0.1", 8000
READY_SECONDS = 300.0  # on a machine that is busy with something else
GRACE_SECONDS = 15.0
CRASHES, CRASH_SECONDS = 5, 60.0  # so many ends within so long, and we give up instead of starting it again
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - asked for by whoever says --host 0.0.0.0


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("serve", help="serve Liuke: web, background jobs and clock")
    add_address(parser)
    parser.set_defaults(run=run)


def add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default=HOST, help=f"the address to listen at (default {HOST}: this machine only)"
    )
    parser.add_argument("--port", type=_port, default=PORT, help=f"default {PORT}")


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; choose one from 1 to 65535")
    return int(text)


def run(args: argparse.Namespace) -> int:
    return serve(host=args.host, port=args.port)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def serve(
    *,
    host: str = HOST,
    port: int = PORT,
    open_path: str | None = None,
    prepare: Callable[[], None] | None = None,
) -> int:
    """Serves until it is told to end. `prepare` runs once the database is up to date and before the web is;
    `open_path` opens a browser there."""
    began = time.monotonic()
    check_port(host, port)
    os.environ.setdefault("LIUKE_HOSTS", ",".join(own_names(host)))

    from liuke.cli.main import start_django

    start_django()
    with instance_lock(doing="serve", url=url_of(host, port)):
        _make_ready()
        if prepare:
            prepare()
        return _watch_over(host, port, began, open_path)


def _make_ready() -> None:
    from django.db import connections

    from liuke.cli.database import bring_up_to_date
    from liuke.cli.statics import collect

    if steps := bring_up_to_date():
        say(f"· The database is up to date ({steps} steps)")
    if written := collect():
        say(f"· Scripts and styles are laid out ({written} files)")
    connections.close_all()  # the children make their own


def _watch_over(host: str, port: int, began: float, open_path: str | None) -> int:
    tree = Tree(
        [
            Child("web", [sys.executable, "-m", "liuke.cli.web", host, str(port)]),
            Child("jobs", [sys.executable, "-m", "liuke.cli.worker"], name_variable="LIUKE_WORKER"),
        ]
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, tree.ask_to_end)
    tree.start()
    try:
        if not tree.wait_for(lambda: answers(host, port), READY_SECONDS):
            return tree.end(code=0 if tree.is_ending else 1)
        _greet(host, port, began, open_path)
        return tree.watch()
    finally:
        tree.end()


def _greet(host: str, port: int, began: float, open_path: str | None) -> None:
    from django.conf import settings
    from django.db import connections
    from django.urls import reverse
    from django.utils import timezone

    from liuke.platform.organisation.actions import offer_welcome_code

    url = url_of(host, port)
    say(f"✓ Liuke is at {url}  ({time.monotonic() - began:.1f} s; Ctrl-C ends it)")
    if settings.DEMO and host not in EVERYWHERE:
        say(f"  Come in without a password: {url.rstrip('/')}{reverse('demo')}")
    if code := offer_welcome_code(timezone.now()):
        say(f"  Nobody is here yet. Open {url.rstrip('/')}{reverse('welcome')} and enter this code: {code}")
    if host in EVERYWHERE:
        say(f"  It answers to {os.environ['LIUKE_HOSTS']}; for other names set LIUKE_HOSTS.")
    connections.close_all()
    if open_path is not None:
        webbrowser.open(url.rstrip("/") + open_path)


# The address


def url_of(host: str, port: int) -> str:
    shown = "localhost" if host in EVERYWHERE | {"127.0.0.1", "::1"} else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def own_names(host: str) -> list[str]:
    """The names that requests may carry. Listening to the network, also those of this machine, and no others:

    an address that anybody can point at us must not be taken for ours.
    """
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host in EVERYWHERE:
        name = socket.gethostname()
        names += [name, socket.getfqdn()]
        with suppress(OSError):
            names += [str(found[4][0]) for found in socket.getaddrinfo(name, None)]
    elif host not in names:
        names.append(f"[{host}]" if ":" in host else host)
    return list(dict.fromkeys(f"[{n}]" if n.count(":") > 1 and not n.startswith("[") else n for n in names))


def check_port(host: str, port: int) -> None:
    """Says beforehand, and with a remedy, what the server would only log."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _unusable(host, port, error) from None


def _unusable(host: str, port: int, error: OSError) -> Problem:
    from liuke.cli.processes import running_instance

    match error.errno:
        case errno.EADDRINUSE if url := running_instance():
            return Problem(f"Port {port} is taken: Liuke is running already, at {url}")
        case errno.EADDRINUSE:
            return Problem(f"Port {port} is taken by another program.", f"Choose another: --port {port + 1}")
        case errno.EACCES:
            return Problem(f"Port {port} is not ours to use.", "Choose one above 1023: --port 8000")
        case errno.EADDRNOTAVAIL:
            return Problem(f"{host} is no address of this machine.", "Use --host 127.0.0.1 or --host 0.0.0.0")
        case _:
            return Problem(f"Nothing can listen at {host}:{port} ({error.strerror}).")


def answers(host: str, port: int) -> bool:
    """The web is up and can talk to us."""
    to = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound, translated
    name = os.environ["LIUKE_HOSTS"].split(",")[0].lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection(to, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


# The tree


@dataclass
class Child:
    """A process that is started again when it ends by itself."""

    name: str
    command: list[str]
    name_variable: str = ""  # the variable that gives it a name of its own, by which its successor cleans up
    process: subprocess.Popen[bytes] | None = None
    known_as: str = ""
    ends: list[float] = field(default_factory=list)

    def start(self) -> None:
        environment: Mapping[str, str] = {**os.environ, PARENT: str(os.getpid())}
        if self.name_variable:
            from liuke.cli.work import PREDECESSOR, new_worker_name

            before, self.known_as = self.known_as, new_worker_name()
            environment = {**environment, self.name_variable: self.known_as, PREDECESSOR: before}
        # A session of its own: Ctrl-C reaches us alone, and we end the others in order.
        self.process = subprocess.Popen(self.command, env=environment, start_new_session=True)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start_again(self) -> bool:
        """False when it keeps ending. One that asks for a fresh process has not failed."""
        from liuke.cli.work import RESTART

        now = time.monotonic()
        code = self.process.returncode if self.process else None
        if code != RESTART:
            say(f"! {self.name} ended ({code}); it is started again")
            self.ends = [at for at in self.ends if now - at < CRASH_SECONDS] + [now]
            if len(self.ends) >= CRASHES:
                return False
        self.start()
        return True


@dataclass
class Tree:
    children: list[Child]
    is_ending: bool = False

    def start(self) -> None:
        for child in self.children:
            child.start()

    def ask_to_end(self, *_: object) -> None:
        self.is_ending = True

    def wait_for(self, is_ready: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.is_ending:
            if not all(child.is_alive() for child in self.children):
                say("✗ Liuke could not start; the lines above say why.")
                return False
            if is_ready():
                return True
            time.sleep(0.1)
        if not self.is_ending:
            say(f"✗ Liuke does not answer after {seconds:.0f} s. Is the machine very busy?")
        return False

    def watch(self) -> int:
        while not self.is_ending:
            for child in self.children:
                if not child.is_alive() and not self.is_ending and not child.start_again():
                    say(f"✗ {child.name} keeps ending; Liuke stops. `liuke doctor` may say why.")
                    return self.end(code=1)
            time.sleep(0.25)
        say("· Ending …")
        return self.end()

    def end(self, *, code: int = 0) -> int:
        """Asks every child to end, and after a while doesn't ask."""
        self.is_ending = True
        alive = [child.process for child in self.children if child.process and child.is_alive()]
        for process in alive:
            process.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for process in alive:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return code
