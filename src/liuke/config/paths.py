"""Where Liuke keeps its data, and how it is reached. No Django here: the command line asks before Django is up."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def checkout() -> Path | None:
    """The checkout this package runs from, or None when it is installed."""
    root = PACKAGE.parent.parent
    return root if (root / "pyproject.toml").is_file() and (root / "src" / "liuke").is_dir() else None


def home() -> Path:
    """The data directory: LIUKE_HOME, else ./liuke-data of a checkout, else ~/.local/share/liuke."""
    if named := os.environ.get("LIUKE_HOME"):
        return Path(named).expanduser().resolve()
    if root := checkout():
        return root / "liuke-data"
    return Path.home() / ".local" / "share" / "liuke"


def secret_key(folder: Path) -> str:
    """The instance's secret, made once; O_EXCL so that two processes that start together agree on one."""
    file = folder / "secret.key"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(48))
    return file.read_text().strip()
