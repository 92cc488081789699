"""Scripts, styles and icons under names that carry their content's hash, so that browsers keep them for good."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

STAMP = ".fingerprint"


def collect() -> int:
    """Brings $LIUKE_HOME/static to this release; a second start finds nothing to do. Returns how many were written.

    Older names stay: a page that was open during an upgrade still asks for them.
    """
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    current = fingerprint()
    stamp = root / STAMP
    if stamp.is_file() and stamp.read_text() == current:
        return 0
    root.mkdir(parents=True, exist_ok=True)
    before = sum(1 for _ in root.rglob("*"))
    call_command("collectstatic", interactive=False, verbosity=0, stdout=io.StringIO())
    stamp.write_text(current)
    return sum(1 for _ in root.rglob("*")) - before


def fingerprint() -> str:
    """Of every file's name, size and time: reading them all would cost more than a start should."""
    from django.contrib.staticfiles.finders import get_finders

    from liuke import __version__

    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()
