"""Charts with their table, and the small drawings that stand in a line of text or a panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from liuke.platform.kit import rules
from liuke.platform.kit.templatetags.figures import language, local_now

register = template.Library()


@register.inclusion_tag("platform/kit/chart.html")
def chart(drawn: rules.Chart) -> dict[str, Any]:
    """`{% chart retention %}`, a `kit.rules.Chart` from the view: the drawing, and the table behind it."""
    return {"chart": drawn, "data": _data(drawn), "head": _head(drawn), "rows": _rows(drawn)}


def _data(drawn: rules.Chart) -> dict[str, Any]:
    return {
        "form": drawn.form,
        "labels": [str(label) for label in drawn.labels],
        "unit": drawn.unit,
        "xUnit": drawn.x_unit,
        "xTitle": str(drawn.label_title),
        "currency": drawn.currency,
        "decimals": drawn.decimals,
        "series": [
            {
                "name": str(one.name),
                "form": one.form,
                "tone": one.tone,
                "dashed": one.dashed,
                "hrefs": list(one.hrefs),
                "values": [
                    list(value) if isinstance(value, tuple) else drawn.shown(value) for value in one.values
                ],
                "texts": [_text(drawn, value) for value in one.values],
            }
            for one in drawn.series
        ],
    }


def _text(drawn: rules.Chart, value: Any) -> str:
    return drawn.value_text(value[1] if isinstance(value, tuple) else value, language())


def _head(drawn: rules.Chart) -> list[str]:
    if drawn.form == "xy":
        return [title for one in drawn.series for title in (drawn.label_title, one.name)]
    return [drawn.label_title, *(one.name for one in drawn.series)]


def _rows(drawn: rules.Chart) -> list[list[tuple[str, str]]]:
    """Cells as (text, address)."""
    if drawn.form == "xy":
        return _pairs(drawn)
    rows = []
    for i, label in enumerate(drawn.labels):
        cells = [(str(label), "")]
        for one in drawn.series:
            value = one.values[i] if i < len(one.values) else None
            cells.append((_text(drawn, value), one.hrefs[i] if i < len(one.hrefs) else ""))
        rows.append(cells)
    return rows


def _pairs(drawn: rules.Chart) -> list[list[tuple[str, str]]]:
    longest = max((len(one.values) for one in drawn.series), default=0)
    rows = []
    for i in range(longest):
        cells = []
        for one in drawn.series:
            value = one.values[i] if i < len(one.values) else None
            if isinstance(value, tuple):
                cells += [
                    (drawn.value_text(value[0], language(), unit=drawn.x_unit), ""),
                    (_text(drawn, value), ""),
                ]
            else:
                cells += [("", ""), ("", "")]
        rows.append(cells)
    return rows


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str, tone: str = "jade") -> SafeString:
    """`{% sparkline history "Value in twelve months" %}`: how something went, in the height of a line."""
    points = rules.polyline(list(values))
    if not points:
        return SafeString("")
    x, y = points.split(" ")[-1].split(",")
    return format_html(
        '<svg class="sparkline {}" viewBox="0 0 96 24" role="img" aria-label="{}"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="2"/></svg>',
        tone,
        label,
        points,
        x,
        y,
    )


@register.inclusion_tag("platform/kit/ladder.html")
def ladder(rungs: Sequence[rules.Rung], label: str, low: str, high: str) -> dict[str, Any]:
    """`{% ladder rungs _("Influence") _("little") _("much") %}`: who stands how high, one `kit.rules.Rung` each."""
    told = [f"{rung.name}: {rung.step or gettext('not known')}, {rung.detail}".rstrip(", ") for rung in rungs]
    return {
        "rows": rules.ladder_of(rungs),
        "ticks": rules.LADDER_TICKS,
        "height": len(rungs) * rules.LADDER_ROW + 22,
        "label": f"{label}: {'; '.join(told)}",
        "low": low,
        "high": high,
    }


@register.inclusion_tag("platform/kit/rhythm.html", takes_context=True)
def rhythm(
    context: Context,
    orders: Sequence[tuple[date, int]],
    currency: str = "",
    usual_gap_days: float | None = None,
    next_from: date | None = None,
    next_to: date | None = None,
    overdue: bool = False,
) -> dict[str, Any]:
    """`{% rhythm orders currency usual_gap_days=31 next_from=… next_to=… overdue=True %}`; orders are (day, minor units)."""
    today, spoken = local_now(context).date(), language()
    named = [
        (
            on,
            amount,
            f"{rules.day_text(on, spoken, today=today)} · {rules.money_text(amount, currency, spoken)}",
        )
        for on, amount in orders
    ]
    window = (next_from, next_to) if next_from and next_to else None
    drawing = rules.rhythm_of(named, today=today, usual_gap_days=usual_gap_days, window=window)
    if drawing is None:
        return {"drawing": None}
    gap = (today - max(on for on, _ in orders)).days
    since = ngettext("%(n)d day without an order", "%(n)d days without an order", gap) % {"n": gap}
    said = [ngettext("%(n)d order", "%(n)d orders", len(drawing.bars)) % {"n": len(drawing.bars)}, since]
    if usual_gap_days:
        usual = round(usual_gap_days)
        said.append(ngettext("usually every %(n)d day", "usually every %(n)d days", usual) % {"n": usual})
    middle, half = (drawing.last_x + drawing.today_x) / 2, rules.letters_width(since, 11) / 2
    return {
        "drawing": drawing,
        "overdue": overdue,
        "since": since,
        "gap_x": min(max(middle, half), rules.RHYTHM_WIDTH - half),
        "gap_width": max(0.0, drawing.today_x - drawing.last_x),
        "window_width": max(2.0, drawing.window[1] - drawing.window[0]) if drawing.window else 0,
        "start": rules.day_text(drawing.start_on, spoken, today=today, form=rules.Form.MONTH),
        "label": gettext("Purchase rhythm") + ": " + ", ".join(said),
    }
