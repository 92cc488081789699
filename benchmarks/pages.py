"""How quickly every page answers in a large company, as `liuke serve` ships it: first byte, SQL statements, bytes.

    python benchmarks/pages.py [--customers N] [--home FOLDER] [--requests N] [--users N …] [--only WORDS] [--json] [--check]

The company is the demo's, at any size (src/liuke/demo/books.py); it is made on the first run, in a folder of its own,
and --home keeps it for the next. Then the server is started as a company would, and a salesperson, a supervisor and the
owner sign in and ask for every page: alone, one page after the other, and as eight people at once who read each page for
about a second (--think). A page is asked for sixteen times, of which the 95th percentile is the slowest; one that misses its
bar so is asked forty times more, so that a hiccup of the machine is not taken for the page. Measuring takes a quarter of an
hour; --only and --users ask for a part.
SQL statements are counted on the same data by asking the same pages within this process. Bytes are those of the answer
with its headers, compressed, and of any file of the page that a browser would not have kept.

Told beside the pages, as what can't be beaten here: an answer of the same server that does nothing (/healthz), a shipped
file, and the page of an empty list. --check fails when a page misses a bar.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page_list import Page, pages_of

BAR_MS, BAR_SQL, BAR_BYTES = 100.0, 10, 150_000
PASSWORD = "for this benchmark 1"
PEOPLE = ("salesperson", "supervisor", "owner")
MARK = "benchmark.json"
FILE = re.compile(rb'(?:src|href)="(/static/[^"]+)"')
LONG = 30 * 24 * 3600
FOUND = {200, 302}  # one hit of a search leads straight to the card
AGAIN = 40  # times that a page is asked for which missed its bar in the first round


# --- the company ---


def build(home: Path, customers: int) -> dict[str, Any]:
    """Makes the company in `home`, once."""
    mark = home / MARK
    if mark.exists():
        return json.loads(mark.read_text())
    from django.utils import timezone

    from liuke.demo.books import Books

    began = time.perf_counter()
    now = timezone.now().replace(microsecond=0)
    Books(customers=customers, until=now, tell=told).write()
    print(file=sys.stderr)
    made = {"customers": customers, "seconds": round(time.perf_counter() - began)} | furnish(now)
    mark.write_text(json.dumps(made))
    return made


def without_brakes() -> None:
    """Nobody works as quickly as this asks: somebody who did would be slowed down and asked for a reason."""
    from django.utils import timezone

    from liuke.platform.preferences.actions import change

    for key in ("reading.slow_at", "reading.ask_at"):
        change(key, 0, by=None, now=timezone.now())


def told(what: str, done: int, total: int) -> None:
    print(f"\r  {what} {done:,} of {total:,}", end="", file=sys.stderr, flush=True)


def furnish(now: Any) -> dict[str, Any]:
    """What the pages beside the customers need to have something to show; and passwords for the three who sign in."""
    from django.core.files.base import ContentFile
    from django.db import connection

    from liuke.customers.imports.actions import run, upload
    from liuke.customers.models import Purchase, PurchaseLine
    from liuke.platform.jobs.actions import enqueue
    from liuke.platform.models import User
    from liuke.workspace.intake.rules import SAMPLES

    people = {
        "salesperson": User.objects.active().filter(role__code="salesperson").order_by("-pk").first(),
        "supervisor": User.objects.get(username="chen"),
        "owner": User.objects.get(username="shen"),
    }
    for user in people.values():
        assert user
        user.set_password(PASSWORD)
        user.language = "zh-hans"
        user.save()
    for target, text in SAMPLES.items():
        file = ContentFile(text.encode("utf-8-sig"))
        run(upload(file, name=f"{target}.csv", target=target, by=people["owner"], now=now), by=None, now=now)
    upload(
        ContentFile(SAMPLES["customers"].encode()),
        name="c.csv",
        target="customers",
        by=people["owner"],
        now=now,
    )
    for place in range(300):
        enqueue("platform.tidy", {}, by=None, now=now, key=f"benchmark{place}")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE platform_job SET state = 'done', started_at = %s, finished_at = %s", [now, now]
        )
        cursor.execute("PRAGMA optimize")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {
        "people": {name: user.username for name, user in people.items() if user},
        "purchases": Purchase.objects.count(),
        "lines": PurchaseLine.objects.count(),
    }


# --- the server ---


@dataclass
class Server:
    """`liuke serve` on a free port."""

    home: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "LIUKE_HOME": str(self.home)}
        command = [sys.executable, "-m", "liuke", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                if Visitor(self.port).get("/healthz").status == 200:
                    return self
            except OSError:
                time.sleep(0.2)
        raise SystemExit("✗ the server does not answer")

    def __exit__(self, *_: object) -> None:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@dataclass
class Answer:
    status: int
    seconds: float  # to the first byte
    bytes: int
    body: bytes
    headers: dict[str, str]


class Visitor:
    """A browser's connection: kept alive, with cookies, compressed answers taken as they are."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str | None = None, **more: str) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Accept-Encoding": "gzip", "Cookie": cookies, "Accept-Language": "zh-CN", **more}
        began = time.perf_counter()
        self.connection.request(method, quote(path, safe="/?&=+%"), body, headers)  # as a browser writes 礼品
        response = self.connection.getresponse()  # returns when the status line and the headers are there
        seconds = time.perf_counter() - began
        content = response.read()
        told = dict(response.getheaders())
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        size = len(content) + sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        return Answer(response.status, seconds, size, content, {k.lower(): v for k, v in told.items()})

    def get(self, path: str, **more: str) -> Answer:
        return self.ask("GET", path, **more)

    def sign_in(self, username: str) -> Visitor:
        self.get("/sign-in/")
        form = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        type_ = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.ask("POST", "/sign-in/", urlencode(form), **type_).status != 302:
            raise SystemExit(f"✗ {username} can't sign in")
        return self


# --- measuring ---


@dataclass
class Measured:
    page: Page
    who: str
    statements: int = 0
    bytes: int = 0
    failed: int = 0  # requests without a page as their answer
    seconds: dict[int, list[float]] = field(default_factory=dict)  # users at once -> times to the first byte

    def percentile(self, users: int, share: float) -> float:
        return percentile(self.seconds.get(users, []), share)


def percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds; none where nothing was answered."""
    times = sorted(seconds)
    return times[min(len(times) - 1, int(share * len(times)))] * 1000 if times else float("nan")


def count_statements(found: Sequence[Measured], usernames: dict[str, str]) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from liuke.platform.models import User

    _ = connection.features.supports_json_field  # asked of the database once in a process, not by a page
    clients = {}
    for who, username in usernames.items():
        clients[who] = Client(headers={"host": "localhost"})
        clients[who].force_login(
            User.objects.get(username=username), backend="liuke.platform.users.actions.Passwords"
        )
        clients[who].get("/profile/")
    for one in found:
        headers = {"HX-Request": "true"} if one.page.fragment else {}
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = clients[one.who].get(one.page.path, headers=headers)
        if response.status_code not in FOUND:
            raise SystemExit(f"✗ {one.page.path} answered {response.status_code} to the {one.who}")
        one.statements = len(captured)


def weigh(one: Measured, visitor: Visitor, kept: dict[str, bool]) -> None:
    """The answer's bytes, and those of files that a browser could not have kept from an earlier page."""
    import gzip

    answer = visitor.get(one.page.path, **_headers(one.page))
    one.bytes = answer.bytes
    body = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
    for name in {match.decode() for match in FILE.findall(body)}:
        if name not in kept:
            file = visitor.get(name)
            age = re.search(r"max-age=(\d+)", file.headers.get("cache-control", ""))
            kept[name] = bool(age and int(age[1]) >= LONG)
            if not kept[name]:
                one.bytes += file.bytes


def _headers(page: Page) -> dict[str, str]:
    return {"HX-Request": "true"} if page.fragment else {}


def visit(
    port: int,
    cookies: dict[str, dict[str, str]],
    found: Sequence[Measured],
    users: int,
    times: int,
    think: float = 0.0,
) -> None:
    """Every page `times` over, by `users` at once, each in an order of his own, reading half to one and a half `think`.

    An answer that is no page, or none at all, is counted and told; the round goes on.
    """
    lock = threading.Lock()
    rounds = max(1, times // users)
    total, done = len(found) * rounds * users, 0

    def walk(number: int) -> None:
        nonlocal done
        visitors = {}
        for who, held in cookies.items():
            visitors[who] = Visitor(port)
            visitors[who].cookies = dict(held)
        round_ = list(found) * rounds
        chance = random.Random(number)
        chance.shuffle(round_)
        for one in round_:
            time.sleep(think * (0.5 + chance.random()))
            try:
                answer = visitors[one.who].get(one.page.path, **_headers(one.page))
            except (OSError, http.client.HTTPException):
                visitors[one.who].connection.close()  # the next request opens it anew
                answer = None
            with lock:
                done += 1
                if answer is None or answer.status not in FOUND:
                    one.failed += 1
                else:
                    one.seconds.setdefault(users, []).append(answer.seconds)
                if done % 50 == 0 or done == total:
                    told(f"{users} at once: request", done, total)

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(file=sys.stderr)


PEERS = (
    Page("nothing at all", "/healthz"),
    Page("a shipped file", "/static/platform/kit/css/kit.css"),
)


def measured(home: Path, made: dict[str, Any], args: argparse.Namespace) -> list[Measured]:
    found = [
        Measured(page, who)
        for who in PEOPLE
        for page in pages_of(made["people"][who])
        if not args.only or all(word in f"{who} {page.name}" for word in args.only)
    ]
    count_statements(found, made["people"])
    with Server(home) as server:
        cookies = {who: Visitor(server.port).sign_in(name).cookies for who, name in made["people"].items()}
        kept: dict[str, bool] = {}
        visitors = {}
        for who in PEOPLE:
            visitors[who] = Visitor(server.port)
            visitors[who].cookies = dict(cookies[who])
        for one in found:
            weigh(one, visitors[one.who], kept)
        static = next((name for name in sorted(kept) if name.endswith(".css")), "/healthz")
        peers = [Measured(PEERS[0], "-"), Measured(Page("a shipped file", static), "-")]
        for one in peers:
            one.bytes = visitors["owner"].get(one.page.path).bytes
        visit(server.port, cookies, found, 1, 2)  # warm: not counted
        for one in found:
            one.seconds.clear()
        for users in args.users:
            think = args.think if users > 1 else 0.0
            visit(server.port, cookies, found, users, args.requests, think)
            slow = [one for one in found if one.percentile(users, 0.95) > BAR_MS]
            if slow and args.again:
                visit(server.port, cookies, slow, users, args.again, think)
            visit(server.port, {"-": {}}, peers, users, args.requests, think)
    return [*peers, *found]


def lines(found: Sequence[Measured], users: Sequence[int]) -> Iterator[str]:
    heads = "".join(f"{f'{n} at once: p50':>16}{'p95':>7}{'p99':>7}{'bar':>6}" for n in users)
    yield f"{'page':44}{'who':12}{heads}{'SQL':>6}{'bar':>6}{'KB':>7}{'bar':>6}"
    for one in found:
        times = "".join(
            f"{one.percentile(n, 0.5):16.1f}{one.percentile(n, 0.95):7.1f}{one.percentile(n, 0.99):7.1f}"
            f"{one.percentile(n, 0.95) / BAR_MS:6.2f}"
            for n in users
        )
        yield (
            f"{one.page.name[:43]:44}{one.who:12}{times}{one.statements:6}{one.statements / BAR_SQL:6.2f}"
            f"{one.bytes / 1000:7.1f}{one.bytes / BAR_BYTES:6.2f}{'' if fits(one, users) else '  ✗'}"
            f"{f'  {one.failed} failed' if one.failed else ''}"
        )
    for n in users:
        every = [seconds for one in found if one.who != "-" for seconds in one.seconds.get(n, [])]
        spread = ", ".join(
            f"p{share * 100:.0f} {percentile(every, share):.1f} ms" for share in (0.5, 0.95, 0.99)
        )
        yield f"all pages, {n} at once: {len(every):,} requests, {spread}"


def fits(one: Measured, users: Sequence[int]) -> bool:
    quick = all(one.percentile(n, 0.95) <= BAR_MS for n in users)
    return not one.failed and quick and one.statements <= BAR_SQL and one.bytes <= BAR_BYTES


def as_json(found: Sequence[Measured], users: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"page": one.page.name, "who": one.who, "statements": one.statements, "bytes": one.bytes}
        | {"failed": one.failed}
        | {
            f"p{round(share * 100)}_ms_{n}": round(one.percentile(n, share), 1)
            for n in users
            for share in (0.5, 0.95, 0.99)
        }
        for one in found
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument(
        "--home", type=Path, help="where the company is kept (default: a folder that goes again)"
    )
    parser.add_argument("--requests", type=int, default=16, help="for each page (default 16)")
    parser.add_argument(
        "--again", type=int, default=AGAIN, help=f"for each page that missed its bar so (default {AGAIN})"
    )
    parser.add_argument(
        "--think",
        type=float,
        default=1.0,
        help="seconds that each of several users reads a page (default 1.0)",
    )
    parser.add_argument("--users", type=int, nargs="+", default=[1, 8], help="at once (default 1 8)")
    parser.add_argument("--only", nargs="*", default=[], help="pages with all of these words in their name")
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true", help="fail when a page misses a bar")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liuke-pages-") as name:
        home = (args.home or Path(name)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        os.environ |= {"LIUKE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "liuke.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from liuke.cli.database import bring_up_to_date
        from liuke.cli.statics import collect

        bring_up_to_date()
        collect()
        made = build(home, args.customers)
        without_brakes()
        if args.build_only:
            return 0
        found = measured(home, made, args)
    missed = [one for one in found if not fits(one, args.users)]
    if args.json:
        print(json.dumps({"company": made, "pages": as_json(found, args.users)}, ensure_ascii=False))
    else:
        size = ", ".join(f"{made[name]:,} {name}" for name in ("customers", "purchases", "lines"))
        print(f"{size}; made in {made['seconds']} s")
        print(
            f"bars: {BAR_MS:.0f} ms to the first byte (p95), {BAR_SQL} statements, {BAR_BYTES // 1000} KB;"
            " beyond 1.00 is missed"
        )
        print("\n".join(lines(found, args.users)))
        medians = [statistics.median(one.seconds[args.users[0]]) * 1000 for one in found if one.who != "-"]
        print(
            f"{len(found) - len(missed)} of {len(found)} within the bars; median page {statistics.median(medians):.1f} ms"
        )
    return 1 if args.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
