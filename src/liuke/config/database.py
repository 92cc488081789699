"""DATABASE_URL to Django's settings. SQLite's pragmas are a decision record of their own (docs/decisions/0006)."""

from __future__ import annotations

from gettext import gettext as _  # not Django's, which asks for the settings that are being made here
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# synchronous=FULL: with NORMAL a power cut loses acknowledged work; WAL with FULL costs about 0.2 ms a commit.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
)


def sqlite(path: Path | str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # IMMEDIATE: a transaction that will write takes its lock at the start; deferred ones die "locked" under load.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": SQLITE_PRAGMAS},
        "CONN_MAX_AGE": None,
        "ATOMIC_REQUESTS": False,
    }


def from_url(url: str) -> dict[str, Any]:
    """Settings for `sqlite:///path` or `postgresql://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(unquote(parts.path[1:] if parts.path.startswith("//") else parts.path))
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    told = _("DATABASE_URL begins with %(scheme)s; use sqlite:///path or postgresql://…")
    raise ValueError(told % {"scheme": repr(parts.scheme)})
