"""Runs the suite with what this machine has, and names at the end what it could not run and the command that brings it.

On PostgreSQL too, when its programs are installed: a server of its own on a temporary folder, gone afterwards.
With CI=true nothing may be left out that can be brought: a skipped test is a failure (see conftest.py).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import postgres

ROOT = Path(__file__).resolve().parent.parent
# Images set it so as to stay small. The suite starts some hundred processes: each would compile what it imports anew,
# which takes twice as long as all else that it does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What doesn't touch the database has had its run; the browser stories, the real log, the demo (which is on the
# embedded database) and the tree of processes run once, on SQLite.
ON_POSTGRES = [
    "-m",
    "not browser and not shared and not java",
    "--ignore=src/liuke/insight",
    "--ignore=src/liuke/tabular",
    "--ignore=src/liuke/demo",
    "--ignore=src/liuke/cli/tests/test_analyse.py",
    "--ignore=src/liuke/cli/tests/test_analyse_bad_input.py",
    "--ignore=src/liuke/cli/tests/test_demo.py",
    "--ignore=src/liuke/cli/tests/test_serve.py",
    "--ignore=tests/architecture",
    "--ignore=tests/budgets",
    "--ignore=tests/docs",
    "--ignore=tests/tools",
]


class NotRun(NamedTuple):
    count: int
    lacks: str  # the marker of what this machine lacks
    line: str


def run_suite(
    title: str, env: dict[str, str], arguments: list[str], workers: str
) -> tuple[int, list[NotRun]]:
    print(f"\n── {title}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-n", workers, *arguments]
    with tempfile.TemporaryDirectory(prefix="liuke-suite-") as folder:
        file = Path(folder) / "not-run.json"
        whole = {**os.environ, **env, "LIUKE_NOT_RUN": str(file)}
        code = subprocess.run(command, cwd=ROOT, env=whole, check=False).returncode
        told = json.loads(file.read_text()) if file.exists() else []
    print(f"── {title}: {time.monotonic() - started:.0f} s", flush=True)
    return code, [NotRun(*row) for row in told]


def tell(not_run: list[NotRun], *, through: bool) -> None:
    """The last words: what this machine could not run, and what brings it. Who broke off can't say that nothing is missing."""
    if not_run or through:
        print("\n── not run here" if not_run else "\n── nothing was left out", flush=True)
    for one in not_run:
        print(f"{one.count:5d}  {one.line}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--workers", default=str(os.cpu_count() or 2))
    options, arguments = parser.parse_known_args()
    codes: list[int] = []
    not_run: list[NotRun] = []
    if options.database != "postgres":
        code, not_run = run_suite("the suite on SQLite", {"DATABASE_URL": ""}, arguments, options.workers)
        codes.append(code)
    if options.database != "sqlite":
        if postgres.programs() is None:
            not_run.append(
                NotRun(1, "postgres", "the suite on PostgreSQL - bring its programs with: make postgres")
            )
            codes.append(1 if os.environ.get("CI") else 0)
        else:
            with postgres.server() as url:
                chosen = arguments or ON_POSTGRES
                code, further = run_suite(
                    "the suite on PostgreSQL", {"DATABASE_URL": url}, chosen, options.workers
                )
            codes.append(code)
            not_run = [one for one in not_run if one.lacks != "postgres"] + further
    tell(not_run, through=not any(codes))
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main())
