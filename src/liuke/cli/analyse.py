"""`liuke analyse`: judge a purchase log in a file, with no database and no set-up."""

from __future__ import annotations

import argparse
import json
import locale
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liuke.cli.problems import Problem

if TYPE_CHECKING:
    from liuke.insight import Folded, Judgement, Purchases, State
    from liuke.insight.engines import Engine
    from liuke.insight.report.words import Language, Words

EXAMPLE = "CDNOW 1997–1998"
EXAMPLE_DAY = date(1998, 3, 31)
TRADITIONAL = ("zh_hant", "zh_tw", "zh_hk", "zh_mo")  # beginnings of locales


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "analyse",
        help="judge a purchase log in a file, with no database",
        description="Reads a log of purchases (CSV, TSV, XLSX, XLS, Parquet, JSON lines; columns are found by name in "
        "Chinese and English) and writes one row per customer: grade, risk and its reasons, forecast, value.",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="the purchase log")
    parser.add_argument("--example", action="store_true", help=f"take the log that is shipped ({EXAMPLE})")
    parser.add_argument(
        "--as-of", type=_day, metavar="DATE", help="judge as of this day (default: the log's last)"
    )
    parser.add_argument(
        "--horizon", type=_days, default=90, metavar="DAYS", help="look ahead (default: 90 days)"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="say which column is which, as amount=Net",
    )
    parser.add_argument(
        "--sheet", metavar="NAME", help="the sheet of a workbook (default: the first with a table)"
    )
    parser.add_argument("--encoding", metavar="NAME", help="of a text file (default: found)")
    parser.add_argument(
        "--timezone",
        type=_zone,
        default="UTC",
        metavar="ZONE",
        help="whose calendar days count (default: UTC)",
    )
    parser.add_argument(
        "--engine",
        choices=["duckdb", "spark"],
        default="duckdb",
        help="where the log is worked on: in this process (duckdb), or on a Spark cluster",
    )
    parser.add_argument(
        "--master", metavar="URL", help="the cluster's master, as spark://host:7077 (default: this machine)"
    )
    _add_state_options(parser)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of Spark, as spark.executor.memory=16g",
    )
    parser.add_argument("--out", metavar="SCORES", help="write the scores to this .parquet or .csv")
    parser.add_argument("--report", metavar="HTML", help="write a report to forward, one file")
    parser.add_argument(
        "--lang",
        choices=["zh-Hans", "zh-Hant", "en"],
        help="of the report and of what is said here (default: the locale's; else the report is in zh-Hans)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.set_defaults(run=run)


def _add_state_options(parser: argparse.ArgumentParser) -> None:
    """What keeps the log between two days; see `docs/insight/state.md`."""
    parser.add_argument(
        "--state",
        metavar="FOLDER",
        help="keep the log in this folder: FILE has only new rows (or is left out), all of it is judged",
    )
    parser.add_argument("--retract", metavar="FILE", help="with --state: rows that the log should not have")
    parser.add_argument(
        "--merged", metavar="FILE", help="with --state: who turned out to be whom (columns customer, into)"
    )
    parser.add_argument("--removed", metavar="FILE", help="with --state: whom to forget (column customer)")
    parser.add_argument(
        "--again", action="store_true", help="with --state: fold rows in that are there already"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it like 2026-03-31") from None


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 3650")
    return int(text)


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time zone; write it like Asia/Shanghai") from None


def run(args: argparse.Namespace) -> int:
    started = time.perf_counter()
    _check(args)
    from liuke import insight

    language: Language = args.lang or default_language()
    words = spoken(args.lang)
    tell = _teller(args, words)

    try:
        with _engine(args) as engine:
            tell("reading")
            state, folded = _fold(args, engine) if args.state else (None, None)
            purchases = state.purchases() if state else _read(args, engine)
            as_of = args.as_of or (EXAMPLE_DAY if args.example else purchases.last_on)
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
                    language=language,
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
        raise Problem("Name one purchase log, or --example.", "liuke analyse orders.csv --report report.html")
    if args.out and _suffix(args.out) not in {".parquet", ".csv"}:
        raise Problem(f"Scores are written as .parquet or .csv, not as {args.out}.")
    if (args.master or args.set) and args.engine != "spark":
        raise Problem(
            "--master and --set are of --engine spark.",
            "liuke analyse orders.parquet --engine spark --master URL",
        )
    for target in (args.out, args.report):
        if target and "://" in target and target == args.out and _written_there(args):
            continue  # the cluster's storage; the workers know it
        if target and not Path(target).absolute().parent.is_dir():
            raise Problem(f"There is no directory {Path(target).absolute().parent} to write {target} to.")


def _check_state(args: argparse.Namespace) -> None:
    changes = ("retract", "merged", "removed", "again")
    if args.state is None:
        for name in changes:
            if getattr(args, name):
                raise Problem(f"--{name} is of --state.", "liuke analyse new.csv --state FOLDER")
    elif args.example or args.engine != "duckdb":
        raise Problem(
            "--state keeps a log of yours on this machine; it goes neither with --example nor --engine spark."
        )
    elif not Path(args.state).absolute().parent.is_dir():
        raise Problem(f"There is no directory {Path(args.state).absolute().parent} to keep {args.state} in.")


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
            raise Problem(f"{option} takes {form}, not {pair!r}.", f"For example: {example}")
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


def _locale() -> str:
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return (named or locale.getlocale()[0] or "").lower().replace("-", "_")


def default_language() -> Language:
    """Of the locale where it names Chinese or English, else Simplified Chinese."""
    named = _locale()
    if named.startswith(TRADITIONAL):
        return "zh-Hant"
    return "en" if named.startswith("en") else "zh-Hans"


def spoken(chosen: Language | None) -> Words:
    """What the terminal is told in. A report is for people; where no language is named, a log of commands is English."""
    from liuke.insight.report.words import Words

    return Words(chosen or (default_language() if _locale().startswith("zh") else "en"))


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
