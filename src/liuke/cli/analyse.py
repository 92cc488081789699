"""`liuke analyse`: judge a purchase log in a file, with no database and no set-up."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from liuke.cli.parsing import day, days, zone
from liuke.cli.problems import Problem
from liuke.cli.speech import VARIABLE, language_named, machine, spoken
from liuke.cli.speech import gettext as _

if TYPE_CHECKING:
    from liuke.insight import Folded, Judgement, Purchases, State
    from liuke.insight.engines import Engine
    from liuke.insight.report.words import Language, Words

EXAMPLE = "CDNOW 1997–1998"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "analyse",
        help=_("judge a purchase log in a file, with no database"),
        description=_(
            "Reads a log of purchases (CSV, TSV, XLSX, XLS, Parquet, JSON lines; columns are found by name in "
            "Chinese and English) and writes one row per customer: grade, risk and its reasons, forecast, value. "
            "What is said comes in the language of --language; without one the report is in Simplified Chinese."
        ),
    )
    _add_log_options(parser)
    _add_engine_options(parser)
    _add_state_options(parser)
    parser.add_argument("--out", metavar="SCORES", help=_("write the scores to this .parquet or .csv"))
    parser.add_argument("--report", metavar="HTML", help=_("write a report to forward, one file"))
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    parser.set_defaults(run=run)


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


def run(args: argparse.Namespace) -> int:
    started = time.perf_counter()
    _check(args)
    from liuke import insight
    from liuke.insight.report.words import Words

    words = Words(spoken())
    tell = _teller(args, words)

    try:
        with _engine(args) as engine:
            tell("reading")
            state, folded = _fold(args, engine) if args.state else (None, None)
            purchases = state.purchases() if state else _read(args, engine)
            as_of = args.as_of or purchases.last_on
            tell("judging")
            there = args.out if _written_there(args) else None
            judgement = insight.judge(
                purchases, as_of=as_of, horizon_days=args.horizon, out=there, rows=_rows_come_here(args)
            )
            if args.out and not there:
                tell("writing")
                write_scores(judgement, Path(args.out))
            if args.report:
                insight.write_report(
                    judgement,
                    purchases,
                    args.report,
                    language=of_report(args),
                    source=EXAMPLE if args.example else os.path.basename(args.file or args.state),
                )
    except ValueError as error:  # every refusal of insight is one, and says what is wrong
        raise Problem(str(error)) from error
    tell("")
    result = summary(judgement, purchases, seconds=time.perf_counter() - started)
    if state and folded:
        result["state"] = {"generation": state.generation, **asdict(folded)}
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _print(result, judgement, args, words)
    return 0


def _check(args: argparse.Namespace) -> None:
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
    for target in (args.out, args.report):
        if target and "://" in target and target == args.out and _written_there(args):
            continue  # the cluster's storage; the workers know it
        if target:
            _must_be_writable(Path(target))


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


def _fold(args: argparse.Namespace, engine: Engine) -> tuple[State, Folded]:
    """The kept log with the rows and changes that were given."""
    from liuke import insight

    state = insight.State(args.state, timezone=args.timezone, engine=engine)
    if not (args.file or args.retract or args.merged or args.removed):
        return state, insight.Folded()
    folded = state.fold(
        args.file,
        retract=args.retract,
        merged=args.merged,
        removed=args.removed,
        again=args.again,
        not_after=_today(args),
        mapping=_mapping(args.map),
        sheet=args.sheet,
        encoding=args.encoding,
    )
    return state, folded


def _engine(args: argparse.Namespace) -> AbstractContextManager[Engine]:
    from liuke.insight.engines import local_engine

    if args.engine == "duckdb":
        return nullcontext(local_engine())
    from liuke.insight.engines.spark import SparkEngine

    settings = _pairs(args.set, option="--set", form="NAME=VALUE", example="--set spark.executor.memory=16g")
    return SparkEngine(args.master or "local[*]", settings=settings)


def _written_there(args: argparse.Namespace) -> bool:
    """Whether the workers write the scores: a cluster's needn't fit here."""
    return bool(args.engine == "spark" and args.out and _suffix(args.out) == ".parquet")


def _rows_come_here(args: argparse.Namespace) -> bool:
    """A cluster's rows only where this process needs them: for a report, and for CSV, which is one file."""
    csv = bool(args.out) and not _written_there(args)
    return bool(args.engine != "spark" or args.report or csv)


def _suffix(path: str) -> str:
    return Path(path).suffix.lower()


def _read(args: argparse.Namespace, engine: Engine) -> Purchases:
    from liuke import insight

    if args.example:
        from liuke.insight.datasets import cdnow_sample

        return insight.read_purchases(cdnow_sample(), engine=engine)
    return insight.read_purchases(
        args.file,
        _mapping(args.map),
        timezone=args.timezone,
        not_after=_today(args),
        sheet=args.sheet,
        encoding=args.encoding,
        engine=engine,
    )


def _today(args: argparse.Namespace) -> date | None:
    """The latest day that a log without a day to judge may have: a mistyped year would else be it."""
    return None if args.as_of else datetime.now(ZoneInfo(args.timezone)).date()


def _mapping(pairs: list[str]) -> dict[str, str]:
    return _pairs(pairs, option="--map", form="FIELD=COLUMN", example="--map amount=实付金额")


def _pairs(pairs: list[str], *, option: str, form: str, example: str) -> dict[str, str]:
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


def write_scores(judgement: Judgement, path: Path) -> None:
    """Whole or not at all; text that a spreadsheet would take for a formula is made harmless in CSV."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    from liuke import tabular

    table = judgement.table
    part = path.with_name(path.name + ".part")
    if path.suffix.lower() == ".parquet":
        pyarrow.parquet.write_table(table, part, compression="zstd")
    else:
        if pa.types.is_string(table.schema.field("customer").type):
            safe = [tabular.neutralised(customer) for customer in table["customer"].to_pylist()]
            table = table.set_column(0, "customer", pa.array(safe, pa.string()))
        pyarrow.csv.write_csv(table, part)
    part.replace(path)


def summary(judgement: Judgement, purchases: Purchases, *, seconds: float) -> dict[str, Any]:
    """What `--json` prints."""
    reading = purchases.reading
    return {
        "as_of": judgement.as_of.isoformat(),
        "horizon_days": judgement.horizon_days,
        "customers": judgement.counts["customers"],
        "purchases": judgement.counts["purchases"],
        "rows": reading.rows,
        "without_customer": reading.without_customer,
        "negative": reading.negative,
        "columns": reading.columns,
        "seconds": round(seconds, 3),
        "models": judgement.models,
        "forecast": judgement.forecast,
        "fallback": judgement.fallback,
    }


def of_report(args: argparse.Namespace) -> Language:
    """A report is for people here: where nothing names a language it is in Simplified Chinese, what is told in English."""
    named = (getattr(args, "language", ""), os.environ.get(VARIABLE, ""), machine())
    return next((found for name in named if (found := language_named(name))), "zh-Hans")


def _teller(args: argparse.Namespace, words: Words) -> Callable[[str], None]:
    """Says on a terminal what is being done; elsewhere nothing."""
    if args.json or not sys.stderr.isatty():
        return lambda step: None

    def tell(step: str) -> None:
        doing = f"{words(f'step_{step}')} …" if step else ""
        print(f"\r\x1b[K{doing}", end="", file=sys.stderr, flush=True)

    return tell


def _print(result: dict[str, Any], judgement: Judgement, args: argparse.Namespace, words: Words) -> None:
    print(
        words(
            "told_judged",
            customers=words.count(result["customers"]),
            purchases=words.count(result["purchases"]),
            day=result["as_of"],
            seconds=f"{result['seconds']:.1f}",
        )
    )
    if result["without_customer"]:
        aside = words.count(result["without_customer"])
        print(words("told_aside", without=aside, rows=words.count(result["rows"])))
    if "state" in result:
        told = {name: words.count(result["state"][name]) for name in ("rows", "retracted", "customers")}
        print(words("told_folded", **told))
        for name in result["state"]["already"]:
            print(words("told_already", log=name))
    if result["negative"]:
        print(words("told_negative", entries=words.count(result["negative"])))
    print(words("told_high", customers=words.count(judgement.counts["high"])))
    if result["fallback"]:
        print(words("told_fallback", why=result["fallback"]))
    for target in (args.out, args.report):
        if target:
            print(words("told_written", target=target))
