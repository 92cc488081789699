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

from liuke.cli.parsing import whole
from liuke.cli.problems import Problem, reason
from liuke.cli.processes import PARENT, instance_lock
from liuke.cli.speech import VARIABLE, ngettext, spoken
from liuke.cli.speech import gettext as _

HOST, PORT = "127.0.0.1", 8000
READY_SECONDS = 300.0  # on a machine that is busy with something else
GRACE_SECONDS = 15.0
CRASHES, CRASH_SECONDS = 5, 60.0  # so many ends within so long, and we give up instead of starting it again
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - asked for by whoever says --host 0.0.0.0


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("serve", help=_("serve Liuke: web, background jobs and clock"))
    add_address(parser)
    parser.set_defaults(run=run)


def add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default=HOST,
        help=_("the address to listen at (default %(host)s: this machine only)") % {"host": HOST},
    )
    parser.add_argument("--port", type=_port, default=PORT, help=_("default %(port)s") % {"port": PORT})


def _port(text: str) -> int:
    if (found := whole(text, low=1, high=65535)) is None:
        told = _("%(text)s is no port; choose one from 1 to 65535") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told)
    return found


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
        told = ngettext(
            "The database is up to date (%(n)d step)", "The database is up to date (%(n)d steps)", steps
        )
        say(f"· {told % {'n': steps}}")
    if written := collect():
        say("· " + _("Scripts and styles are laid out (%(n)d files)") % {"n": written})
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
    seconds = f"{time.monotonic() - began:.1f}"
    say("✓ " + _("Liuke is at %(url)s  (%(seconds)s s; Ctrl-C ends it)") % {"url": url, "seconds": seconds})
    if settings.DEMO and host not in EVERYWHERE:
        say("  " + _("Come in without a password: %(url)s") % {"url": url.rstrip("/") + reverse("demo")})
    if code := offer_welcome_code(timezone.now()):
        told = _("Nobody is here yet. Open %(url)s and enter this code: %(code)s")
        say("  " + told % {"url": url.rstrip("/") + reverse("welcome"), "code": code})
    if host in EVERYWHERE:
        told = _("It answers to %(names)s; for other names set LIUKE_HOSTS.")
        say("  " + told % {"names": os.environ["LIUKE_HOSTS"]})
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
            told = _("Port %(port)d is taken: Liuke is running already, at %(url)s")
            return Problem(told % {"port": port, "url": url})
        case errno.EADDRINUSE:
            told = _("Port %(port)d is taken by another program.") % {"port": port}
            another = port + 1 if port < 65535 else PORT
            return Problem(told, _("Choose another: --port %(port)d") % {"port": another})
        case errno.EACCES:
            told = _("Port %(port)d is not ours to use.") % {"port": port}
            return Problem(told, _("Choose one above 1023: --port 8000"))
    # A name that means nothing comes with a number of the resolver's own.
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        told = _("%(host)s is no address of this machine.") % {"host": host}
        return Problem(told, _("Use --host 127.0.0.1 or --host 0.0.0.0"))
    told = _("Nothing can listen at %(host)s:%(port)d (%(reason)s).")
    return Problem(
        told % {"host": host, "port": port, "reason": reason(error)},
        _("Use --host 127.0.0.1 or --host 0.0.0.0"),
    )


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
        environment: Mapping[str, str] = {**os.environ, PARENT: str(os.getpid()), VARIABLE: spoken()}
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
            told = _("%(name)s ended (%(code)s); it is started again")
            say("! " + told % {"name": self.name, "code": code})
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
                say("✗ " + _("Liuke could not start; the lines above say why."))
                return False
            if is_ready():
                return True
            time.sleep(0.1)
        if not self.is_ending:
            told = _("Liuke does not answer after %(seconds)d s. Is the machine very busy?")
            say("✗ " + told % {"seconds": seconds})
        return False

    def watch(self) -> int:
        while not self.is_ending:
            for child in self.children:
                if not child.is_alive() and not self.is_ending and not child.start_again():
                    told = _("%(name)s keeps ending; Liuke stops. `liuke doctor` may say why.")
                    say("✗ " + told % {"name": child.name})
                    return self.end(code=1)
            time.sleep(0.25)
        say("· " + _("Ending …"))
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
