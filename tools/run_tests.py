"""Runs the suite with what this machine has, and names at the end what it could not run and the command that brings it.

On PostgreSQL too, when its programs are installed: a server of its own on a temporary folder, gone afterwards.
With CI=true nothing may be skipped: a skipped test is a failure.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import postgres

ROOT = Path(__file__).resolve().parent.parent


def run_suite(title: str, env: dict[str, str], arguments: list[str], workers: str) -> int:
    print(f"\n── {title}", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "loadgroup", *arguments]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, check=False).returncode
    print(f"── {title}: {time.monotonic() - started:.0f} s", flush=True)
    return code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--workers", default=str(os.cpu_count() or 2))
    options, arguments = parser.parse_known_args()
    codes = []
    if options.database != "postgres":
        codes.append(run_suite("the suite on SQLite", {"DATABASE_URL": ""}, arguments, options.workers))
    if options.database != "sqlite":
        if postgres.programs() is None:
            print(
                "\nNot run here: the suite on PostgreSQL (no server programs). Bring them with: make postgres"
            )
            codes.append(1 if os.environ.get("CI") else 0)
        else:
            # What doesn't touch the database has had its run; the browser stories, the real log, the demo (which is on the
            # embedded database) and the tree of processes run once, on SQLite.
            chosen = arguments or [
                "-m",
                "not browser and not shared and not java",
                "--ignore=src/liuke/insight",
                "--ignore=src/liuke/tabular",
                "--ignore=src/liuke/demo",
                "--ignore=src/liuke/cli/tests/test_analyse.py",
                "--ignore=src/liuke/cli/tests/test_demo.py",
                "--ignore=src/liuke/cli/tests/test_serve.py",
                "--ignore=tests/architecture",
                "--ignore=tests/budgets",
                "--ignore=tests/docs",
                "--ignore=tests/tools",
            ]
            with postgres.server() as url:
                codes.append(
                    run_suite("the suite on PostgreSQL", {"DATABASE_URL": url}, chosen, options.workers)
                )
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main())
