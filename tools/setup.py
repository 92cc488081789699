"""Makes `.venv` with the locked dependencies: `setup.py runtime`, `setup.py dev`.

Standard library only; says how long each step takes.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"


def step(title: str, command: list[str]) -> None:
    started = time.monotonic()
    print(f"· {title} …", flush=True)
    result = subprocess.run(command, cwd=ROOT, check=False)
    if result.returncode:
        sys.exit(f"✗ {title} failed (exit {result.returncode}): {' '.join(command)}")
    print(f"  {title}: {time.monotonic() - started:.1f} s", flush=True)


def uv() -> list[str]:
    """uv from the package index, in `.tools`: a bare Debian Python forbids installing anywhere else."""
    binary = TOOLS / "bin" / "uv"
    if not binary.exists():
        if subprocess.run(
            [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
        ).returncode:
            sys.exit(
                "✗ This Python has no pip. Bring it with: apt install python3-pip  (then run make again)"
            )
        step("install uv", [sys.executable, "-m", "pip", "install", "-q", "--target", str(TOOLS), "uv>=0.8"])
    return [str(binary)]


def digest(*files: Path) -> str:
    content = hashlib.sha256(sys.version.encode())
    for file in files:
        content.update(file.read_bytes())
    return content.hexdigest()


def main(kind: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets first
        sys.exit(
            f"✗ Liuke needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 …"
        )
    lock = ROOT / "requirements" / ("dev.txt" if kind == "dev" else "runtime.txt")
    stamp = VENV / f".installed-{kind}"
    wanted = digest(lock, ROOT / "pyproject.toml")
    newest = [VENV / ".installed-dev"] if kind == "runtime" else []
    for done in [stamp, *newest]:
        if done.exists() and done.read_text().split("\n")[0] == wanted:
            return
    python = VENV / "bin" / "python"
    if not python.exists():
        step("make .venv", [*uv(), "venv", "-q", "--python", sys.executable, str(VENV)])
    # The environment is named each time: an inherited VIRTUAL_ENV or UV_PYTHON must not lead anywhere else.
    install = [*uv(), "pip", "install", "-q", "--python", str(python)]
    step(f"install the locked {kind} packages", [*install, "--require-hashes", "-r", str(lock)])
    step("install Liuke", [*install, "--no-deps", "-e", str(ROOT)])
    stamp.write_text(f"{wanted}\n")
    if kind == "dev":
        (VENV / ".installed-runtime").write_text(
            digest(ROOT / "requirements" / "runtime.txt", ROOT / "pyproject.toml") + "\n"
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "runtime")
