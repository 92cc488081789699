"""The parts of the page, each a function from figures to HTML; everything that comes from the log is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from liuke.insight.report import charts
from liuke.insight.report.figures import RISK_STEP, Figures, Row
from liuke.insight.report.sentences import sentences
from liuke.insight.report.words import Words

GRADE_CLASS: Final = {"platinum": "pt", "gold": "go", "iron": "fe", "lead": "pb"}


def headline(f: Figures, w: Words) -> str:
    days = f.judgement.horizon_days
    cards = [
        (
            w("kpi_risk", days=days),
            w.money(f.at_risk),
            w("kpi_risk_note", customers=w.count(f.off_rhythm), high=w.count(f.high)),
            "danger",
        ),
        (
            w("kpi_buyers"),
            w.count(f.buyers),
            w("kpi_buyers_note", days=days, low=w.count(f.buyers_low), high=w.count(f.buyers_high)),
            "",
        ),
        (w("kpi_value", days=days), w.money(f.expected), w("kpi_value_note"), ""),
        (
            w("kpi_top"),
            w.share(f.concentration.top[0.20]),
            w("kpi_top_note", gini=f"{f.concentration.gini:.2f}"),
            "",
        ),
    ]
    return (
        '<section class="stats">'
        + "".join(
            f'<div class="stat {kind}"><span>{escape(name)}</span><b>{escape(value)}</b><em>{escape(note)}</em></div>'
            for name, value, note, kind in cards
        )
        + "</section>"
    )


def slipping(f: Figures, w: Words) -> str:
    if not f.slipping:
        return panel(w("slipping"), w("slipping_none"), "")
    rows = "".join(
        "<tr>"
        f'<th scope="row">{_who(row, w)}</th>'
        f'<td class="why">{escape(sentences(row["reasons"], w))}</td>'
        f'<td class="r">{_risk(row, w)}</td>'
        f'<td class="money">{escape(w.money(row["value_at_risk"]))}</td>'
        "</tr>"
        for row in f.slipping
    )
    head = _head([w("col_customer"), w("col_why"), w("col_risk"), w("col_money")], numbers={2, 3})
    more = ""
    if f.more_slipping:
        text = w("slipping_more", customers=w.count(f.more_slipping), money=w.money(f.more_at_risk))
        more = f'<p class="note">{escape(text)}</p>'
    return panel(
        w("slipping"),
        w("slipping_lead"),
        f'<table class="people slipping">{head}<tbody>{rows}</tbody></table>{more}',
    )


def due(f: Figures, w: Words) -> str:
    if not f.due:
        return panel(w("due_title"), w("due_none"), "")
    rows = "".join(
        "<tr>"
        f'<th scope="row">{_who(row, w)}</th>'
        f"<td>{escape(w('every', usual=w.count(row['usual_gap_days'])))}</td>"
        f"<td>{escape(_when(row, w))}</td>"
        f'<td class="money">{escape(w.money(row["expected_value"]))}</td>'
        "</tr>"
        for row in f.due
    )
    head = _head([w("col_customer"), w("col_rhythm"), w("col_when"), w("col_expected")], numbers={3})
    return panel(
        w("due_title"), w("due_lead"), f'<table class="people due">{head}<tbody>{rows}</tbody></table>'
    )


def weeks(f: Figures, w: Words) -> str:
    labels = [w.short_day(week["from_on"]) for week in f.judgement.weeks]
    values = [week["customers"] for week in f.judgement.weeks]
    shown = [w.count(value) if value >= 10 else f"{value:.1f}" for value in values]
    chart = charts.bars(labels, values, shown, title=w("weeks"))
    table = _figures_table([w("week_of"), w("customers")], list(zip(labels, shown, strict=True)), w)
    return panel(w("weeks"), w("weeks_lead", customers=w.count(sum(values))), chart + table)


def pyramid(f: Figures, w: Words) -> str:
    rows = ""
    for level in f.pyramid:
        rows += (
            f'<tr><th scope="row">{_badge(level.grade, w)}</th>'
            f'<td class="n">{w.count(level.customers)}<small>{w.share(level.share_of_customers, digits=1)}</small></td>'
            f'<td class="wide">{_meter(level.share_of_sales, GRADE_CLASS[level.grade])}'
            f"<small>{w.share(level.share_of_sales, digits=1)}</small></td>"
            f'<td class="n">{escape(w.money(level.sales))}</td>'
            f'<td class="n">{escape(w.money(level.at_risk))}</td></tr>'
        )
    head = _head(
        [w("col_grade"), w("customers"), w("col_share_sales"), w("col_sales"), w("col_at_risk")],
        numbers={1, 3, 4},
    )
    return panel(
        w("pyramid"),
        w("pyramid_lead", customers=w.count(f.graded)),
        f'<table class="levels">{head}<tbody>{rows}</tbody></table>',
    )


def lorenz(f: Figures, w: Words) -> str:
    found = f.concentration
    chart = charts.curve(
        found.customers.tolist(),
        found.sales.tolist(),
        title=w("lorenz"),
        x_name=w("lorenz_x"),
        y_name=w("lorenz_y"),
        diagonal=w("equal"),
    )
    lead = w(
        "lorenz_lead",
        top1=w.share(found.top[0.01]),
        top10=w.share(found.top[0.10]),
        top20=w.share(found.top[0.20]),
    )
    rows = [(w.share(top), w.share(share, digits=1)) for top, share in found.top.items()]
    return panel(w("lorenz"), lead, chart + _figures_table([w("customers"), w("lorenz_y")], rows, w))


def retention(f: Figures, w: Words) -> str:
    period = w(f"period_{f.period}")
    longest = max(len(cohort.active) for cohort in f.cohorts)
    shown = min(longest, 12)
    name = w.month if f.period == "month" else w.quarter
    head = _head(
        [w("cohort"), w("customers"), *[str(later) for later in range(1, shown)]], numbers=set(range(1, 99))
    )
    rows = ""
    for cohort in f.cohorts:
        cells = ""
        for later in range(1, shown):
            if later >= len(cohort.active):
                cells += "<td></td>"
                continue
            share = cohort.retention[later]
            mark = "*" if later == len(cohort.active) - 1 and not cohort.whole else ""
            cells += f'<td class="heat" style="--h:{min(share * 1.6, 1):.3f}">{w.share(share)}{mark}</td>'
        rows += (
            f'<tr><th scope="row">{escape(name(cohort.start_on))}</th>'
            f'<td class="n">{w.count(cohort.customers)}</td>{cells}</tr>'
        )
    note = "" if f.cohorts[-1].whole else f'<p class="note">{escape(w("unfinished", period=period))}</p>'
    table = (
        f'<div class="scroll" tabindex="0"><table class="cohorts">{head}<tbody>{rows}</tbody></table></div>'
    )
    return panel(w("retention"), w("retention_lead", period=period), table + note)


def risk(f: Figures, w: Words) -> str:
    labels = [str(start) for start in range(0, 100, RISK_STEP)]
    shown = [w.count(number) for number in f.risks]
    chart = charts.bars(labels, f.risks, shown, title=w("risk"))
    names = [w("risk_of", start=start, end=start + RISK_STEP) for start in range(0, 100, RISK_STEP)]
    counts = {stage: w.count(f.stages[stage]) for stage in ("active", "dormant", "lost", "won_back")}
    note = f'<p class="note">{escape(w("stages", **counts))}</p>'
    table = _figures_table([w("col_risk"), w("customers")], list(zip(names, shown, strict=True)), w)
    return panel(w("risk"), w("risk_lead"), chart + note + table)


def panel(title: str, lead: str, body: str) -> str:
    return (
        f'<section class="panel"><h2>{escape(title)}</h2><p class="lead">{escape(lead)}</p>{body}</section>'
    )


def _who(row: Row, w: Words) -> str:
    text = "last_bought_once" if row["purchases"] == 1 else "last_bought"
    note = w(text, day=w.day(row["last_on"]), purchases=w.count(row["purchases"]))
    badge = _badge(row["grade"], w) if row["grade"] else ""
    return f"<b>{escape(str(row['customer']))}</b> {badge}<small>{escape(note)}</small>"


def _risk(row: Row, w: Words) -> str:
    band = row["band"] if row["band"] in {"high", "watch"} else "low"
    return f'<span class="tag {band}">{escape(w(f"risk_{band}", risk=row["risk"]))}</span>'


def _when(row: Row, w: Words) -> str:
    return w("between", start=w.short_day(row["next_from_on"]), end=w.short_day(row["next_to_on"]))


def _badge(grade: str, w: Words) -> str:
    return f'<span class="g {GRADE_CLASS[grade]}">{escape(w(grade))}</span>'


def _meter(share: float, kind: str) -> str:
    return f'<span class="meter"><i class="{kind}" style="width:{100 * share:.1f}%"></i></span>'


def _head(names: Sequence[str], *, numbers: set[int]) -> str:
    cells = "".join(
        f'<th scope="col"{" class=n" if place in numbers else ""}>{escape(name)}</th>'
        for place, name in enumerate(names)
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _figures_table(names: Sequence[str], rows: Sequence[tuple[str, str]], w: Words) -> str:
    """The chart's figures, folded away."""
    body = "".join(
        f'<tr><th scope="row">{escape(a)}</th><td class="n">{escape(b)}</td></tr>' for a, b in rows
    )
    head = _head(names, numbers={1})
    return f"<details><summary>{escape(w('table'))}</summary><table>{head}<tbody>{body}</tbody></table></details>"
