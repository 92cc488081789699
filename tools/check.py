"""`make check`: each step with its time; all are run, the failed ones are named at the end."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")

# name -> commands
STEPS: dict[str, list[list[str]]] = {
    "style": [[str(BIN / "ruff"), "check", "."], [str(BIN / "ruff"), "format", "--check", "."]],
    "contracts": [[str(BIN / "lint-imports")]],
    "types": [[str(BIN / "mypy")]],
    "migrations": [[PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"]],
    "deployment": [[PYTHON, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]],
    "languages": [[PYTHON, "tools/messages.py", "check"]],
    "suite": [[PYTHON, "tools/run_tests.py"]],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="names of steps, separated by commas")
    options, rest = parser.parse_known_args()
    chosen = options.only.split(",") if options.only else list(STEPS)
    failed = []
    with tempfile.TemporaryDirectory(prefix="liuke-check-") as home:
        env = {
            **os.environ,
            "LIUKE_HOME": home,
            "DJANGO_SETTINGS_MODULE": "liuke.config.settings",
            "LIUKE_HTTPS": "1",
        }
        for name in chosen:
            started = time.monotonic()
            print(f"\n══ {name}", flush=True)
            own = os.environ if name == "suite" else env
            codes = [
                subprocess.run(
                    [*command, *(rest if name == "suite" else [])], cwd=ROOT, env=dict(own), check=False
                ).returncode
                for command in STEPS[name]
            ]
            verdict = "failed" if any(codes) else "passed"
            print(f"══ {name}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
            if any(codes):
                failed.append(name)
    print(f"\nmake check: {'FAILED: ' + ', '.join(failed) if failed else 'everything passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
