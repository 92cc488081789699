"""`liuke demo`: an invented company (or the CDNOW log) in a data directory of its own, served on this machine."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from liuke.cli.parsing import whole
from liuke.cli.problems import Problem
from liuke.cli.serve import add_address, say, serve
from liuke.cli.speech import gettext as _
from liuke.cli.speech import gettext_noop

COMPANIES = {
    "yiwu": gettext_noop("an invented gift exporter in Yiwu, %(n)s customers"),
    "cdnow": gettext_noop("the real CDNOW sample, %(n)s customers"),
}
CUSTOMERS, OF_CDNOW = 1500, 2357
USUALLY = gettext_noop("2 to 4 minutes")  # the standard company; a larger one takes longer
PLAYED_AT_MOST = 5_000  # a larger company is written in bulk (demo/books.py): the play would take hours
DONE = "played"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("demo", help=_("open an invented company in the browser"))
    parser.add_argument(
        "--company",
        default="yiwu",
        metavar="NAME",
        help="; ".join(f"{name}: {_company(name, CUSTOMERS)}" for name in COMPANIES),
    )
    add_address(parser)
    parser.add_argument(
        "--fresh", action="store_true", help=_("begin again: what was done in the demo is lost")
    )
    parser.add_argument("--no-browser", action="store_true", help=_("do not open a browser"))
    parser.add_argument(
        "--build-only", action="store_true", help=_("make the company and end, without serving it")
    )
    parser.add_argument(
        "--customers",
        type=_customers,
        default=CUSTOMERS,
        help=_("of the invented company (default %(n)d)") % {"n": CUSTOMERS},
    )
    parser.set_defaults(run=run)


def _customers(text: str) -> int:
    if (found := whole(text, low=20, high=1_000_000)) is None:
        told = _("%(text)s: a company has 20 to 1,000,000 customers") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told)
    return found


def _company(name: str, customers: int) -> str:
    return _(COMPANIES[name]) % {"n": f"{customers if name == 'yiwu' else OF_CDNOW:,}"}


def run(args: argparse.Namespace) -> int:
    if args.company not in COMPANIES:
        told = _("There is no company %(name)s.") % {"name": repr(args.company)}
        raise Problem(told, _("Choose one of: %(known)s") % {"known": ", ".join(COMPANIES)})
    with _alone(args.company):
        return _open(args)


def _open(args: argparse.Namespace) -> int:
    home = _home(args.company, fresh=args.fresh)
    if os.environ.pop("DATABASE_URL", None):
        say("· " + _("The demo keeps its own SQLite database; DATABASE_URL is left alone"))
    os.environ |= {"LIUKE_HOME": str(home), "LIUKE_DEMO": "cdnow" if args.company == "cdnow" else "1"}

    def prepare() -> None:
        build(home, args.company, args.customers)

    if args.build_only:
        from liuke.cli.database import bring_up_to_date
        from liuke.cli.main import start_django

        start_django()
        bring_up_to_date()
        prepare()
        return 0
    return serve(
        host=args.host, port=args.port, open_path=None if args.no_browser else "/demo/", prepare=prepare
    )


@contextmanager
def _alone(company: str) -> Iterator[None]:
    """One demo of a company at a time: a second one would take the half-played first for a wreck and clear it away."""
    from liuke.config import paths

    folder = paths.home() / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"{company}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                _("This demo is running already."), _("Use it in the browser, or end the other one first.")
            ) from None
        yield


def _home(company: str, *, fresh: bool) -> Path:
    from liuke.config import paths

    home = paths.home() / "demo" / company
    # Without the mark the play was cut short: a half-made company would show half-true figures.
    if home.exists() and (fresh or not (home / DONE).exists()):
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def build(home: Path, company: str, customers: int) -> None:
    """Plays the company's years, once. A second start finds them played and keeps what has been done since."""
    from django.utils import timezone

    mark = home / DONE
    if mark.exists():
        played_on = mark.read_text().strip()
        if played_on != timezone.localdate().isoformat():
            told = _("This company ends on %(day)s; --fresh lets it end today")
            say("· " + told % {"day": played_on})
        return
    began = time.monotonic()
    told = _("Playing the years of %(company)s (once; %(time)s on an idle machine) …")
    say("· " + told % {"company": _company(company, customers), "time": _(USUALLY)})
    now = timezone.now().replace(microsecond=0)
    tell = _Bar()
    if company == "cdnow":
        from liuke.demo import cdnow

        cdnow.play(until=now, tell=tell)
    elif customers > PLAYED_AT_MOST:
        from liuke.demo.books import Books

        Books(customers=customers, until=now, tell=tell).write()
    else:
        from liuke.demo.play import Player

        Player(customers=customers, until=now, tell=tell).play()
    mark.write_text(f"{timezone.localdate().isoformat()}\n")
    tell.end()
    say("  " + _("played: %(seconds)d s") % {"seconds": time.monotonic() - began})


class _Bar:
    """Progress on a terminal; a line now and then elsewhere."""

    def __init__(self) -> None:
        self.said = 0.0
        self.ended = False

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if self.ended:
            return
        if now - self.said < (0.2 if terminal else 15.0) and done < total:
            return
        self.said = now
        share = done / total if total else 1.0
        if terminal:
            filled = int(30 * share)
            print(
                f"\r  {'█' * filled}{'░' * (30 - filled)} {share:4.0%}", end="", file=sys.stderr, flush=True
            )
        else:
            say(f"  {share:.0%}")
        if done >= total:
            self.end()
            say("· " + _("Working out grades, risks and the track record …"))

    def end(self) -> None:
        if sys.stderr.isatty() and not self.ended:
            print(file=sys.stderr)
        self.ended = True
