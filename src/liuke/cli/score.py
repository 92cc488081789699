"""`liuke score`: judge every customer now."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from liuke.cli.problems import Problem


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("score", help="judge every customer: grade, risk, value, reasons")
    parser.add_argument("--as-of", type=_day, help="the day to judge on, YYYY-MM-DD (default: today)")
    parser.add_argument(
        "--horizon", type=_days, metavar="DAYS", help="how far the forecast looks (default: the setting)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.set_defaults(run=run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it like 2026-03-31") from None


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 3650")
    return int(text)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from liuke.scores.judging.actions import NothingToJudge, score
    from liuke.scores.overview.actions import in_short, track_record
    from liuke.scores.prompts.actions import prompt
    from liuke.scores.track.actions import keep_track

    now = timezone.now()
    tell = None if args.json else lambda done, total, note: print(f"{done}/{total} {note}", file=sys.stderr)
    try:
        judged = score(by=None, now=now, as_of=args.as_of, horizon_days=args.horizon, progress=tell)
    except NothingToJudge as nothing:
        raise _nothing(nothing.without_rate) from None
    prompt(by=None, now=now)
    keep_track(by=None, now=now, force=True)
    result = {
        "as_of": judged.as_of.isoformat(),
        "horizon_days": judged.horizon_days,
        "customers": judged.customers,
        "seconds": round((timezone.now() - now).total_seconds(), 2),
        "steps": judged.seconds,
        "grades": {name: n for name, n in judged.totals["grades"].items() if name != "none"},
        "ungraded": judged.totals["grades"].get("none", 0),
        "at_risk": judged.totals["at_risk"],
        "value_at_risk": judged.totals["value_at_risk_minor"] / 100,
        "currency": judged.currency,
        "models": judged.fits,
        "fallback": judged.fallback or None,
        "track_record": in_short(track_record()),
    }
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _print(result)
    return 0


def _nothing(without_rate: Mapping[str, int]) -> Problem:
    if not without_rate:
        return Problem("There are no purchases yet.", "Bring some in: liuke import purchases FILE")
    counted = ", ".join(f"{count} in {code}" for code, count in without_rate.items())
    remedy = "Set the exchange rate, or the company's currency, under Settings, Company."
    return Problem(f"No purchase can be reckoned: {counted}, and no rate is known.", remedy)


def _print(result: dict[str, Any]) -> None:
    print(f"{result['customers']} customers judged as of {result['as_of']} in {result['seconds']} s")
    print("grades: " + ", ".join(f"{name} {n}" for name, n in result["grades"].items()))
    print(f"at risk: {result['at_risk']} customers, {result['value_at_risk']:,.0f} {result['currency']}")
    if result["fallback"]:
        print(f"no model could be used ({result['fallback']}); the rhythm rule judged")
