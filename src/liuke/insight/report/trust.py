"""How far to trust the report: what it would have said earlier, and what came; how it is reckoned."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any, Final

from liuke.insight.report import charts
from liuke.insight.report.figures import Figures
from liuke.insight.report.sections import panel
from liuke.insight.report.sentences import refused_for
from liuke.insight.report.words import Words

OFF: Final = 0.15  # a total further off than this is said to be


def trust(f: Figures, w: Words) -> str:
    """The check backwards in sentences, with what the reader must beware of."""
    lines = []
    judgement = f.judgement
    if judgement.fallback:
        lines.append(w("trust_fallback", reason=refused_for(judgement.forecast, w)))
    boundary = judgement.forecast.get("boundary") or {}
    if boundary:
        lines.append(w("trust_boundary", models=", ".join(boundary)))
    lines += _looking_back(judgement.forecast.get("backtest") or {}, w)
    lines.append(w(f"trust_season_{judgement.forecast['total']['season']}"))
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    record = judgement.forecast.get("backtest") or {}
    if record:
        body += _losses(record, w)
    return f'<section class="panel"><h2>{escape(w("trust"))}</h2>{body}</section>'


def _looking_back(record: dict[str, Any], w: Words) -> list[str]:
    if not record:
        return [w("trust_none")]
    lines = [
        w(
            "trust_backtest",
            day=w.day(date.fromisoformat(record["cutoff"])),
            expected=w.count(record["expected"]),
            days=record["horizon_days"],
            came=w.count(record["came"]),
            customers=w.count(record["customers"]),
        )
    ]
    if record["auc"] is not None:
        lines.append(w("trust_sorting", auc=w.share(record["auc"])))
    off = abs(record["expected"] / max(record["came"], 1) - 1)
    if off > OFF:
        lines.append(w("trust_off", share=w.share(off)))
    return lines


def _losses(record: dict[str, Any], w: Words) -> str:
    losses = {"this_forecast": record["log_loss"], **record["log_loss_of"]}
    named = {"this_forecast", "rhythm", "logistic", "boosted", "rfm"}
    rows = "".join(
        f'<tr{" class=ours" if name == "this_forecast" else ""}><th scope="row">{escape(w(name) if name in named else name)}</th>'
        f'<td class="n">{loss:.4f}</td></tr>'
        for name, loss in sorted(losses.items(), key=lambda item: item[1])
    )
    head = f'<thead><tr><th scope="col">{escape(w("method"))}</th><th scope="col" class="n">{escape(w("loss"))}</th></tr></thead>'
    return (
        f'<p class="lead">{escape(w("losses"))}</p><table class="losses">{head}<tbody>{rows}</tbody></table>'
    )


def calibration(f: Figures, w: Words) -> str:
    """Ten groups: what was said and what came; "" where nothing could be checked."""
    groups = (f.judgement.forecast.get("backtest") or {}).get("calibration")
    if not groups:
        return ""
    chart = charts.dots(
        [group["forecast"] for group in groups],
        [group["came"] for group in groups],
        title=w("calibration"),
        x_name=w("said"),
        y_name=w("came"),
        diagonal="",
    )
    rows = "".join(
        f'<tr><th scope="row">{place}</th><td class="n">{w.count(group["customers"])}</td>'
        f'<td class="n">{w.share(group["forecast"], digits=1)}</td><td class="n">{w.share(group["came"], digits=1)}</td></tr>'
        for place, group in enumerate(groups, 1)
    )
    names = [w("group"), w("customers"), w("said"), w("came")]
    head = "".join(
        f'<th scope="col"{" class=n" if place else ""}>{escape(n)}</th>' for place, n in enumerate(names)
    )
    table = (
        f"<details><summary>{escape(w('table'))}</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )
    return panel(w("calibration"), w("calibration_lead"), chart + table)


def method(f: Figures, w: Words) -> str:
    """The definitions a reader needs to pass the figures on."""
    lines = [
        w("how_purchase"),
        w("how_risk", days=f.judgement.horizon_days),
        w("how_stage"),
        w("how_forecast_rhythm" if f.judgement.fallback else "how_forecast"),
    ]
    if f.without_customer:
        lines.append(w("how_aside", rows=w.count(f.without_customer)))
    if f.left_out:
        lines.append(w("how_left_out", rows=w.count(f.left_out)))
    if f.later:
        lines.append(w("how_later", rows=w.count(f.later)))
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<section class="panel"><h2>{escape(w("how"))}</h2><ul class="how">{items}</ul></section>'
