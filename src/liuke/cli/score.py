"""`liuke score`: judge every customer now."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from liuke.cli.parsing import day, days
from liuke.cli.problems import Problem
from liuke.cli.speech import gettext as _
from liuke.cli.speech import gettext_noop, ngettext, pgettext, spoken

STEPS = {
    "export": gettext_noop("reading the purchases"),
    "judge": gettext_noop("judging"),
    "write": gettext_noop("writing the scores"),
    "stages": gettext_noop("stages"),
    "publish": gettext_noop("publishing"),
    "": gettext_noop("done"),
}


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("score", help=_("judge every customer: grade, risk, value, reasons"))
    parser.add_argument(
        "--as-of",
        type=day,
        metavar="DATE",
        help=_(
            "the day to judge on, YYYY-MM-DD (default: today; that of the last order where none came for 45 days)"
        ),
    )
    parser.add_argument(
        "--horizon", type=days, metavar="DAYS", help=_("how far the forecast looks (default: the setting)")
    )
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from liuke.platform.kit.rules import major
    from liuke.scores.grades.rules import BANDS, GRADES
    from liuke.scores.judging.actions import NothingToJudge, score
    from liuke.scores.overview.actions import in_short, track_record
    from liuke.scores.prompts.actions import prompt
    from liuke.scores.track.actions import keep_track

    now = timezone.now()
    tell = None if args.json else _tell
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
        "quiet_days": judged.quiet_days,
        "seconds": round((timezone.now() - now).total_seconds(), 2),
        "steps": judged.seconds,
        "grades": {name: judged.totals["grades"].get(name, 0) for name in GRADES},
        "ungraded": judged.totals["grades"].get("none", 0),
        "bands": {name: judged.totals["bands"].get(name, 0) for name in BANDS},
        "at_risk": judged.totals["at_risk"],
        "value_at_risk": float(major(judged.totals["value_at_risk_minor"], judged.currency)),
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


def _tell(done: int, total: int, note: str) -> None:
    print(f"{done}/{total} {_(STEPS[note]) if note in STEPS else note}", file=sys.stderr)


def _nothing(without_rate: Mapping[str, int]) -> Problem:
    if not without_rate:
        return Problem(_("There are no purchases yet."), _("Bring some in: liuke import purchases FILE"))
    counted = pgettext("in a list", ", ").join(
        _("%(count)d in %(currency)s") % {"count": count, "currency": code}
        for code, count in without_rate.items()
    )
    remedy = _("Set the exchange rate, or the company's currency, under Settings, Company.")
    told = _("No purchase can be reckoned: %(counted)s, and no rate is known.") % {"counted": counted}
    return Problem(told, remedy)


def _print(result: dict[str, Any]) -> None:
    from django.utils import translation

    from liuke.platform.kit.templatetags.badges import band_name, grade_name

    told = ngettext(
        "%(customers)d customer judged as of %(as_of)s in %(seconds)s s",
        "%(customers)d customers judged as of %(as_of)s in %(seconds)s s",
        result["customers"],
    )
    print(told % result)
    if result["quiet_days"]:
        told = _(
            "No order has come in for %(quiet_days)d days, so the day of the last one was judged: %(as_of)s"
        )
        print("! " + told % result)
    with translation.override(spoken().lower()):
        grades = [f"{grade_name(name)} {n}" for name, n in result["grades"].items()]
        bands = [f"{band_name(name)} {n}" for name, n in result["bands"].items()]
    if result["ungraded"]:
        grades.append(_("ungraded %(n)d") % {"n": result["ungraded"]})
    comma = pgettext("in a list", ", ")
    print(_("grades: %(grades)s") % {"grades": comma.join(grades)})
    print(_("churn risk: %(bands)s") % {"bands": comma.join(bands)})
    told = ngettext(
        "money at risk: %(value)s %(currency)s of %(n)d customer at high risk",
        "money at risk: %(value)s %(currency)s of %(n)d customers at high risk",
        result["at_risk"],
    )
    value = f"{result['value_at_risk']:,.0f}"
    print(told % {"n": result["at_risk"], "value": value, "currency": result["currency"]})
    if result["fallback"]:
        print(_("no model could be used; the rhythm rule judged"))
