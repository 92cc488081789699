"""`liuke analyse`: judge a purchase log in a file, with no database and no set-up."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from liuke.cli.analyse_call import EXAMPLE, add_options, check, mapping_of, pairs_of, skips, written_there
from liuke.cli.problems import Problem
from liuke.cli.speech import VARIABLE, language_named, machine, ngettext, spoken
from liuke.cli.speech import gettext as _

if TYPE_CHECKING:
    from liuke.insight import Folded, Judgement, Purchases, State
    from liuke.insight.engines import Engine
    from liuke.insight.reading.findings import LeftOut
    from liuke.insight.report.words import Language, Words

SHOWN = 20  # rows that were left out, on the terminal


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
    add_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    started = time.perf_counter()
    check(args)
    from liuke import insight
    from liuke.insight.report.words import Words

    words = Words(spoken())
    tell = _teller(args, words)

    left_out: list[LeftOut] = []
    try:
        with _engine(args) as engine:
            tell("reading")
            state, folded = _fold(args, engine) if args.state else (None, None)
            purchases = state.purchases() if state else _read(args, engine, left_out)
            tell("judging")
            there = args.out if written_there(args) else None
            judgement = insight.judge(
                purchases,
                as_of=args.as_of or purchases.last_on,
                horizon_days=args.horizon,
                out=there,
                rows=_rows_come_here(args),
            )
            if args.out and not there:
                tell("writing")
                write_scores(judgement, Path(args.out))
            if args.report:
                source = EXAMPLE if args.example else os.path.basename(args.file or args.state)
                insight.write_report(
                    judgement, purchases, args.report, language=of_report(args), source=source
                )
    except ValueError as error:  # every refusal of insight is one, and says what is wrong
        tell("")
        raise refusal(error, args) from error
    if args.rejects:
        write_left_out(left_out, Path(args.rejects))
    tell("")
    result = summary(judgement, purchases, seconds=time.perf_counter() - started)
    if state and folded:
        result["state"] = {"generation": state.generation, **asdict(folded)}
    if skips(args):
        result["left_out"] = purchases.reading.left_out
        for one in left_out[:SHOWN]:
            print(f"! {_row(one)}", file=sys.stderr)
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _print(result, judgement, args, words)
    return 0


def refusal(error: ValueError, args: argparse.Namespace) -> Problem:
    """What insight refuses, in the reader's language; where rows are bad, how to go on without them."""
    from liuke.insight.errors import InsightError
    from liuke.insight.reading.problems import UnreadablePurchases

    told = error.told(_) if isinstance(error, InsightError) else str(error)
    rows = isinstance(error, UnreadablePurchases) and all(one.row for one in error.troubles)
    if rows and not args.state and args.engine == "duckdb" and not skips(args):
        return Problem(
            told, _("--skip-bad goes on without these rows, --rejects FILE.csv writes them to a file.")
        )
    return Problem(told)


def _row(one: LeftOut) -> str:
    told = "; ".join(
        f"“{each.column}”: {each.said(_)}" if each.column else each.said(_) for each in one.troubles
    )
    return _("row %(row)s, left out: %(reason)s") % {"row": one.row, "reason": told}


def write_left_out(rows: Sequence[LeftOut], path: Path) -> None:
    """As an import writes them: each row as it was, and why; to be corrected and given again."""
    from liuke import tabular

    columns = next((list(one.cells) for one in rows if one.cells), [])
    rejects = [
        tabular.Reject(
            row=one.row,
            values=list(one.cells.values()),
            reasons=[each.said(_) for each in one.troubles],
            raw=one.raw,
        )
        for one in rows
    ]
    tabular.write_rejects(path, columns=columns, rejects=rejects, titles=(_("Row"), _("Reason")))


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
        mapping=mapping_of(args.map),
        sheet=args.sheet,
        encoding=args.encoding,
    )
    return state, folded


def _engine(args: argparse.Namespace) -> AbstractContextManager[Engine]:
    from liuke.insight.engines import local_engine

    if args.engine == "duckdb":
        return nullcontext(local_engine())
    from liuke.insight.engines.spark import SparkEngine

    settings = pairs_of(
        args.set, option="--set", form="NAME=VALUE", example="--set spark.executor.memory=16g"
    )
    return SparkEngine(args.master or "local[*]", settings=settings)


def _rows_come_here(args: argparse.Namespace) -> bool:
    """A cluster's rows only where this process needs them: for a report, and for CSV, which is one file."""
    csv = bool(args.out) and not written_there(args)
    return bool(args.engine != "spark" or args.report or csv)


def _read(args: argparse.Namespace, engine: Engine, left_out: list[LeftOut]) -> Purchases:
    from liuke import insight

    if args.example:
        from liuke.insight.datasets import cdnow_sample

        return insight.read_purchases(cdnow_sample(), engine=engine)
    return insight.read_purchases(
        args.file,
        mapping_of(args.map),
        timezone=args.timezone,
        not_after=_today(args),
        sheet=args.sheet,
        encoding=args.encoding,
        engine=engine,
        left_out=left_out if skips(args) else None,
    )


def _today(args: argparse.Namespace) -> date | None:
    """The latest day that a log without a day to judge may have: a mistyped year would else be it."""
    return None if args.as_of else datetime.now(ZoneInfo(args.timezone)).date()


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
        "later": purchases.later(judgement.as_of),
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
    if result["later"]:
        print(words("told_later", rows=words.count(result["later"])))
    if result.get("left_out"):
        left = ngettext(
            "%(n)d row could not be read and was left out",
            "%(n)d rows could not be read and were left out",
            result["left_out"],
        )
        print(left % {"n": result["left_out"]})
    if "state" in result:
        told = {name: words.count(result["state"][name]) for name in ("rows", "retracted", "customers")}
        print(words("told_folded", **told))
        for name in result["state"]["already"]:
            print(words("told_already", log=name))
    if result["negative"]:
        print(words("told_negative", entries=words.count(result["negative"])))
    print(words("told_high", customers=words.count(judgement.counts["high"])))
    if result["fallback"]:
        from liuke.insight.report.sentences import refused_for

        print(words("told_fallback", why=refused_for(judgement.forecast, words)))
    for target in (args.out, args.report, args.rejects):
        if target:
            print(words("told_written", target=target))
