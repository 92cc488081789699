"""What a large customer list costs a company at work: memory of the worker that brings it in, and how pages answer meanwhile.

    python benchmarks/import_served.py [--customers N] [--undo] [--json]

`liuke serve` is started as a company would, on an empty instance of its own. A list of N invented customers (default
1,000,000) is brought by the owner and runs in the background; meanwhile the owner asks for pages, one each half second.
Told are the rows a second, the largest memory of the worker (VmHWM; `anonymous` is its part that is no mapped file) and the
median and 95th percentile of the first byte at work, before it (empty) and after it, when nothing else is done. With
--undo the same of taking it all back.
On a busy machine the memory counts, the times do not. It takes about 3 GB of disk for a million.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import runpy
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages import PASSWORD, Server, Visitor, percentile, without_brakes

PAGES = ("/", "/customers/", "/customers/?q=杭州", "/imports/")
BAR_MB = 500
IDLE_ROUNDS = 5
SHARES = (("median", 0.5), ("p95", 0.95))


def worker_of(server: Server) -> int:
    """The process of the jobs, a child of the server's."""
    assert server.process
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = re.search(r"PPid:\t(\d+)", (folder / "status").read_text())
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent and int(parent[1]) == server.process.pid and b"liuke.cli.worker" in command:
            return int(folder.name)
    raise SystemExit("✗ the server has no worker")


def memory_kb(pid: int) -> dict[str, int]:
    status = Path(f"/proc/{pid}/status").read_text()
    return {name: int(kb) for name, kb in re.findall(r"(VmHWM|RssAnon):\s+(\d+) kB", status)}


class Watch:
    """Asks for pages and looks at the worker until it is told to stop."""

    def __init__(self, server: Server, visitor: Visitor) -> None:
        self.port, self.cookies, self.pid = server.port, visitor.cookies, worker_of(server)
        self.seconds: dict[str, list[float]] = {page: [] for page in PAGES}
        self.failed = self.peak = self.anonymous = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def ask(self, visitor: Visitor, path: str) -> None:
        answer = visitor.get(path)
        self.seconds[path].append(answer.seconds)
        self.failed += answer.status != 200

    def _look(self) -> None:
        visitor, place = Visitor(self.port), 0
        visitor.cookies = dict(self.cookies)
        while not self._over.wait(0.5):
            self.ask(visitor, PAGES[place % len(PAGES)])
            place += 1
            found = memory_kb(self.pid)
            self.peak = max(self.peak, found["VmHWM"])
            self.anonymous = max(self.anonymous, found["RssAnon"])

    def told(self, what: str) -> dict[str, Any]:
        return {
            f"{what}_peak_mb": self.peak // 1024,
            f"{what}_anonymous_mb": self.anonymous // 1024,
            **latency(what, self.seconds),
            f"{what}_pages_failed": self.failed,
        }


def latency(what: str, seconds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Over all pages, and the 95th percentile of each."""
    every = [one for times in seconds.values() for one in times]
    found = {f"{what}_page_{name}_ms": round(percentile(every, share)) for name, share in SHARES}
    return found | {
        f"{what}_p95_ms {page}": round(percentile(times, 0.95)) for page, times in seconds.items()
    }


def until_over(batch: Any, states: set[str]) -> float:
    began = time.perf_counter()
    while True:
        time.sleep(1)
        batch.refresh_from_db()
        if batch.state in {*states, "failed"} or batch.job.state == "failed":
            return time.perf_counter() - began


def idle(signed_in: Visitor, what: str) -> dict[str, float]:
    visitor = Visitor(signed_in.connection.port)  # the server has let go of a connection that was long unused
    visitor.cookies = dict(signed_in.cookies)
    for path in PAGES:
        visitor.get(path)  # warm: not counted
    return latency(what, {path: [visitor.get(path).seconds for _ in range(IDLE_ROUNDS)] for path in PAGES})


def measured(args: argparse.Namespace, home: Path, owner: Any) -> dict[str, Any]:
    from django.utils import timezone

    from liuke.customers.imports.actions import start, undo_in_background, upload

    made_customers = runpy.run_path(str(Path(__file__).with_name("import.py")))["made_customers"]
    with Server(home) as server:
        visitor = Visitor(server.port).sign_in(owner.username)
        result: dict[str, Any] = {"customers": args.customers, **idle(visitor, "empty")}
        file = made_customers(home / "customers.csv", args.customers)
        with file.open("rb") as stream:
            batch = upload(stream, name=file.name, target="customers", by=owner, now=timezone.now())
        file.unlink()
        with Watch(server, visitor) as watch:
            start(batch, by=owner, now=timezone.now())
            seconds = until_over(batch, {"done"})
        result |= {"state": batch.state, "created": batch.counts.get("created", 0), "seconds": round(seconds)}
        result |= {"rows_per_second": round(args.customers / seconds), **watch.told("import")}
        result |= idle(visitor, "after")
        if args.undo:
            with Watch(server, visitor) as watch:
                undo_in_background(batch, by=owner, now=timezone.now())
                seconds = until_over(batch, {"undone"})
            result |= {"undo_seconds": round(seconds), **watch.told("undo")}
    return result | {"fits": result["import_peak_mb"] < BAR_MB}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--undo", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liuke-benchmark-") as name:
        os.environ |= {"LIUKE_HOME": name, "DJANGO_SETTINGS_MODULE": "liuke.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command
        from django.utils import timezone

        from liuke.platform.organisation.actions import create_owner

        call_command("migrate", verbosity=0)
        owner = create_owner(username="owner", name="Owner", password=PASSWORD, now=timezone.now())
        without_brakes()
        result = measured(args, Path(name), owner)
    if args.json:
        print(json.dumps(result))
    else:
        for label, value in result.items():
            print(
                f"{label.replace('_', ' '):28}{value if isinstance(value, str) else format(value, ','):>12}"
            )
    return 0 if result["fits"] else 1


if __name__ == "__main__":
    sys.exit(main())
