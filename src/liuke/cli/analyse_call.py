"""What `liuke analyse` takes, and what of it can be refused before a long log is read."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from liuke.cli.parsing import day, days, zone
from liuke.cli.problems import Problem, unreadable
from liuke.cli.speech import gettext as _

EXAMPLE = "CDNOW 1997–1998"


def add_options(parser: argparse.ArgumentParser) -> None:
    _add_log_options(parser)
    _add_engine_options(parser)
    _add_state_options(parser)
    parser.add_argument("--out", metavar="SCORES", help=_("write the scores to this .parquet or .csv"))
    parser.add_argument("--report", metavar="HTML", help=_("write a report to forward, one file"))
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))


def _add_log_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help=_("the purchase log"))
    parser.add_argument(
        "--example",
        action="store_true",
        help=_("take the log that is shipped (%(name)s)") % {"name": EXAMPLE},
    )
    parser.add_argument(
        "--as-of", type=day, metavar="DATE", help=_("judge as of this day (default: the log's last)")
    )
    parser.add_argument(
        "--horizon", type=days, default=90, metavar="DAYS", help=_("look ahead (default: 90 days)")
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help=_("say which column is which, as amount=Net"),
    )
    parser.add_argument(
        "--sheet", metavar="NAME", help=_("the sheet of a workbook (default: the first with a table)")
    )
    parser.add_argument("--encoding", metavar="NAME", help=_("of a text file (default: found out)"))
    parser.add_argument(
        "--skip-bad", action="store_true", help=_("go on without rows that can't be read, and count them")
    )
    parser.add_argument(
        "--rejects",
        metavar="CSV",
        help=_("as --skip-bad, and write these rows with the reasons to this file, to be corrected"),
    )
    parser.add_argument(
        "--timezone",
        type=zone,
        default="UTC",
        metavar="ZONE",
        help=_("whose calendar days count (default: UTC)"),
    )


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        choices=["duckdb", "spark"],
        default="duckdb",
        help=_("where the log is worked on: in this process (duckdb), or on a Spark cluster"),
    )
    parser.add_argument(
        "--master",
        metavar="URL",
        help=_("the cluster's master, as spark://host:7077 (default: this machine)"),
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=_("a setting of Spark, as spark.executor.memory=16g"),
    )


def _add_state_options(parser: argparse.ArgumentParser) -> None:
    """What keeps the log between two days; see `docs/insight/state.md`."""
    parser.add_argument(
        "--state",
        metavar="FOLDER",
        help=_("keep the log in this folder: FILE has only new rows (or is left out), all of it is judged"),
    )
    parser.add_argument(
        "--retract", metavar="FILE", help=_("with --state: rows that the log should not have")
    )
    parser.add_argument(
        "--merged",
        metavar="FILE",
        help=_("with --state: who turned out to be whom (columns customer, into)"),
    )
    parser.add_argument("--removed", metavar="FILE", help=_("with --state: whom to forget (column customer)"))
    parser.add_argument(
        "--again", action="store_true", help=_("with --state: fold rows in that are there already")
    )


def check(args: argparse.Namespace) -> None:
    """What can be refused before a long log is read."""
    _check_state(args)
    if bool(args.file) == args.example and not (args.state and not args.example):
        raise Problem(
            _("Name one purchase log, or --example."), "liuke analyse orders.csv --report report.html"
        )
    if args.out and _suffix(args.out) not in {".parquet", ".csv"}:
        raise Problem(
            _("Scores are written as .parquet or .csv, not as %(file)s.") % {"file": args.out},
            _("For example: %(example)s") % {"example": "--out scores.csv"},
        )
    if (args.master or args.set) and args.engine != "spark":
        raise Problem(
            _("--master and --set are of --engine spark."),
            "liuke analyse orders.parquet --engine spark --master URL",
        )
    if args.file and "://" not in args.file:
        _must_be_readable(args)
    if skips(args) and (args.state or args.engine == "spark"):
        raise Problem(
            _("--skip-bad goes neither with --state nor with --engine spark."),
            _("Mend these rows, or leave them out, before they are given."),
        )
    for target in (args.out, args.report, args.rejects):
        if target and "://" in target and target == args.out and written_there(args):
            continue  # the cluster's storage; the workers know it
        if target:
            _must_be_writable(Path(target))


def _must_be_readable(args: argparse.Namespace) -> None:
    """A folder may be a log on a cluster, of many files."""
    if Path(args.file).is_dir() and args.engine == "spark":
        return
    try:
        with open(args.file, "rb"):
            pass
    except OSError as error:
        raise unreadable(args.file, error) from None


def _must_be_writable(target: Path) -> None:
    folder = target.absolute().parent
    if not folder.is_dir():
        raise Problem(
            _("There is no directory %(folder)s to write %(file)s to.") % {"folder": folder, "file": target},
            _("Make it, or choose another place."),
        )
    if target.is_dir():
        raise Problem(
            _("%(file)s is a folder.") % {"file": target}, _("Add the name of a file, such as scores.csv.")
        )
    if not os.access(folder, os.W_OK) or (target.exists() and not os.access(target, os.W_OK)):
        raise Problem(
            _("%(file)s cannot be written: %(reason)s.")
            % {"file": target, "reason": _("permission is missing")},
            _("Choose another place."),
        )


def _check_state(args: argparse.Namespace) -> None:
    changes = ("retract", "merged", "removed", "again")
    if args.state is None:
        for name in changes:
            if getattr(args, name):
                told = _("%(option)s is of --state.") % {"option": f"--{name}"}
                raise Problem(told, "liuke analyse new.csv --state FOLDER")
    elif args.example or args.engine != "duckdb":
        raise Problem(
            _(
                "--state keeps a log of yours on this machine; it goes neither with --example nor --engine spark."
            ),
            "liuke analyse new.csv --state FOLDER",
        )
    elif not Path(args.state).absolute().parent.is_dir():
        raise Problem(
            _("There is no directory %(folder)s to keep %(name)s in.")
            % {"folder": Path(args.state).absolute().parent, "name": args.state},
            _("Make it, or choose another place."),
        )


def written_there(args: argparse.Namespace) -> bool:
    """Whether the workers write the scores: a cluster's needn't fit here."""
    return bool(args.engine == "spark" and args.out and _suffix(args.out) == ".parquet")


def skips(args: argparse.Namespace) -> bool:
    return bool(args.skip_bad or args.rejects)


def mapping_of(pairs: list[str]) -> dict[str, str]:
    return pairs_of(pairs, option="--map", form="FIELD=COLUMN", example="--map amount=实付金额")


def pairs_of(pairs: list[str], *, option: str, form: str, example: str) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value:
            raise Problem(
                _("%(option)s takes %(form)s, not %(text)s.")
                % {"option": option, "form": form, "text": repr(pair)},
                _("For example: %(example)s") % {"example": example},
            )
        found[name.strip()] = value.strip()
    return found


def _suffix(path: str) -> str:
    return Path(path).suffix.lower()
