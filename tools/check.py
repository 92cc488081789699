"""`make check`: each step with its time; all are run, the failed ones are named at the end.

As many steps at once as there are processors: what one says is shown when it has ended, the suite as it goes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
SUITE = "suite"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # see run_tests.py

# name -> commands; the longest first, and the suite, which keeps every processor busy, last
STEPS: dict[str, list[list[str]]] = {
    "types": [[str(BIN / "mypy")]],
    "style": [[str(BIN / "ruff"), "check", "."], [str(BIN / "ruff"), "format", "--check", "."]],
    "contracts": [[str(BIN / "lint-imports")]],
    "migrations": [[PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"]],
    "deployment": [[PYTHON, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]],
    "languages": [[PYTHON, "tools/messages.py", "check"]],
    SUITE: [[PYTHON, "tools/run_tests.py"]],
}
TELLING = Lock()


def run(command: list[str], env: dict[str, str], shown: bool) -> tuple[int, str]:
    """How it ended, and what it said if that has not been shown."""
    caught = {} if shown else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=ROOT, env=env, text=True, check=False, **caught)  # type: ignore[call-overload]
    return done.returncode, done.stdout or ""


def step(name: str, home: Path, rest: list[str]) -> bool:
    started = time.monotonic()
    if name == SUITE:
        print(f"\n══ {name}", flush=True)
        ended = [run([*command, *rest], dict(os.environ), shown=True) for command in STEPS[name]]
    else:
        (home / name).mkdir()
        settings = {"DJANGO_SETTINGS_MODULE": "liuke.config.settings", "LIUKE_HTTPS": "1"}
        env = {**os.environ, **settings, "LIUKE_HOME": str(home / name)}
        ended = [run(command, env, shown=False) for command in STEPS[name]]
    passed = not any(code for code, _ in ended)
    with TELLING:
        said = "" if name == SUITE else f"\n══ {name}\n" + "".join(text for _, text in ended)
        verdict = "passed" if passed else "failed"
        print(f"{said}══ {name}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="names of steps, separated by commas")
    options, rest = parser.parse_known_args()
    asked = options.only.split(",") if options.only else list(STEPS)
    if unknown := [name for name in asked if name not in STEPS]:
        parser.error(f"no step {', '.join(unknown)}; there are {', '.join(STEPS)}")
    chosen = [name for name in STEPS if name in asked]
    with (
        tempfile.TemporaryDirectory(prefix="liuke-check-") as home,
        ThreadPoolExecutor(os.cpu_count() or 1) as lanes,
    ):
        passed = list(lanes.map(lambda name: step(name, Path(home), rest), chosen))
    failed = [name for name, fine in zip(chosen, passed, strict=True) if not fine]
    print(f"\nmake check: {'FAILED: ' + ', '.join(failed) if failed else 'everything passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
