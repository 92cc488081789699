"""Charts as inline SVG in the page's own colours; what they show stands in a table beside each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 34


def bars(labels: Sequence[str], values: Sequence[float], shown: Sequence[str], *, title: str) -> str:
    """Upright bars with their figures on top; labels below, thinned out when there are many."""
    highest = max([*values, 1e-9])
    width = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    every = max(1, -(-len(values) // 7))
    parts = [_grid(highest)]
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        x = LEFT + place * width
        height = (HEIGHT - TOP - BOTTOM) * value / highest * 0.92
        y = HEIGHT - BOTTOM - height
        parts.append(
            f'<rect class="bar" x="{x + width * 0.14:.1f}" y="{y:.1f}" width="{width * 0.72:.1f}" '
            f'height="{max(height, 0.5):.1f}" rx="2"/>'
        )
        if len(values) <= 14:
            parts.append(_text(x + width / 2, y - 5, shown[place], "figure", "middle"))
        if place % every == 0:
            parts.append(_text(x + width / 2, HEIGHT - BOTTOM + 16, label, "axis", "middle"))
    return _svg(parts, title)


def curve(
    xs: Sequence[float], ys: Sequence[float], *, title: str, x_name: str, y_name: str, diagonal: str
) -> str:
    """A curve in the unit square under its diagonal, the area between them filled."""
    points = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in zip(xs, ys, strict=True))
    parts = [
        _unit_square(x_name, y_name),
        f'<polygon class="area" points="{points} {_x(0):.1f},{_y(0):.1f}"/>',
        f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>',
        f'<polyline class="line" points="{points}"/>',
        _text(_x(0.40), _y(0.47), diagonal, "axis", "end"),
    ]
    return _svg(parts, title)


def dots(
    said: Sequence[float], came: Sequence[float], *, title: str, x_name: str, y_name: str, diagonal: str
) -> str:
    """What was said against what came, in the unit square."""
    parts = [
        _unit_square(x_name, y_name),
        f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>',
    ]
    parts += [
        f'<circle class="dot" cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="5"><title>{x:.0%} → {y:.0%}</title></circle>'
        for x, y in zip(said, came, strict=True)
    ]
    return _svg(parts, title)


def _svg(parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}">'
        + "".join(parts)
        + "</svg>"
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _grid(highest: float) -> str:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM) * 0.92
        parts.append(f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        value = highest * share
        written = f"{value:,.0f}" if highest >= 10 else f"{value:,.1f}"
        parts.append(_text(LEFT - 6, y + 4, written, "axis", "end"))
    return "".join(parts)


def _unit_square(x_name: str, y_name: str) -> str:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(
            f'<line class="rule" x1="{LEFT}" y1="{_y(share):.1f}" x2="{WIDTH - RIGHT}" y2="{_y(share):.1f}"/>'
        )
        parts.append(_text(LEFT - 6, _y(share) + 4, f"{share:.0%}", "axis", "end"))
        if share > 0:
            anchor = "end" if share == 1 else "middle"
            parts.append(_text(_x(share), HEIGHT - BOTTOM + 14, f"{share:.0%}", "axis", anchor))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, x_name, "axis", "middle"))
    parts.append(_text(LEFT + 4, TOP + 8, y_name, "axis", "start"))
    return "".join(parts)
