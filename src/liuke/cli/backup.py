"""`liuke backup FILE`: database and files in one file, while Liuke runs."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from liuke.cli.problems import Problem
from liuke.cli.speech import gettext as _
from liuke.cli.speech import ngettext, size_text


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "backup",
        help=_("write database and files to one file, while Liuke runs"),
        description=_(
            "Writes one file (.tar.zst, or .tar.gz by its name), restores it into a place of its own and "
            "compares, and only then gives it its name. Keep it somewhere else than on this machine."
        ),
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help=_("where to; a directory gets a name with the date")
    )
    parser.add_argument("--force", action="store_true", help=_("replace a file of that name"))
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from liuke.cli.archive import write

    target: Path = args.file.expanduser()
    if target.is_dir():
        target = target / f"liuke-{timezone.now():%Y%m%d-%H%M%S}.tar.zst"
    if target.exists() and not args.force:
        raise Problem(
            _("%(file)s is there already.") % {"file": target}, _("Choose another name, or say --force.")
        )
    began = time.monotonic()
    manifest = write(target)
    note_backup(target)
    result: dict[str, Any] = {
        "file": str(target.absolute()),
        "bytes": target.stat().st_size,
        "rows": sum(manifest.rows.values()),
        "files": len(manifest.members) - 1,
        "verified": True,
        "seconds": round(time.monotonic() - began, 2),
    }
    if manifest.missing:
        gone = ngettext(
            "%(n)d stored file is gone from the disk.",
            "%(n)d stored files are gone from the disk.",
            len(manifest.missing),
        )
        print(f"! {gone % {'n': len(manifest.missing)}}", file=sys.stderr)
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        told = _(
            "%(file)s: %(size)s, %(rows)d rows, %(files)d files; restored once to check it, %(seconds)s s"
        )
        print(f"✓ {told % {**result, 'size': size_text(result['bytes'])}}")
    return 0


def note_backup(target: Path) -> None:
    """For `liuke doctor`, which asks when the last one was made."""
    from django.conf import settings
    from django.utils import timezone

    noted = {"at": timezone.now().isoformat(), "file": str(target.absolute())}
    (Path(settings.HOME) / "last-backup.json").write_text(json.dumps(noted, ensure_ascii=False))
