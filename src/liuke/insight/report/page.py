"""The page as a whole."""

from __future__ import annotations

import os
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from liuke.insight.report import sections, trust
from liuke.insight.report.figures import Figures, figures
from liuke.insight.report.words import LANGUAGES, Language, Words

if TYPE_CHECKING:
    from liuke.insight.judgement.judge import Judgement
    from liuke.insight.tables import Purchases


def write_report(
    judgement: Judgement,
    purchases: Purchases,
    path: str | os.PathLike[str],
    *,
    language: Language = "zh-Hans",
    source: str = "",
) -> None:
    """Write the judgement as one HTML file: whole or not at all, nothing in it is fetched from elsewhere.

    `source` names the log in the head. `language` is "zh-Hans", "zh-Hant" or "en"; anything else raises `ValueError`.

    Money in the log's currency; figures and columns are those of `judge`, see `judge` for their formulas and sources.
    """
    page = report(judgement, purchases, language=language, source=source)
    target = Path(path)
    part = target.with_name(target.name + ".part")
    part.write_text(page, encoding="utf-8")
    part.replace(target)


def report(
    judgement: Judgement, purchases: Purchases, *, language: Language = "zh-Hans", source: str = ""
) -> str:
    """The page as text; see `write_report`."""
    if language not in LANGUAGES:
        raise ValueError(f"the report speaks {', '.join(LANGUAGES)}, not {language!r}")
    words = Words(language, purchases.reading.currency)
    found = figures(judgement, purchases)
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    body = [
        _head(found, words, source),
        sections.headline(found, words),
        sections.slipping(found, words),
        sections.due(found, words),
        _pair(sections.weeks(found, words), sections.risk(found, words)),
        _pair(sections.pyramid(found, words), sections.lorenz(found, words)),
        sections.retention(found, words),
        _pair(trust.trust(found, words), trust.calibration(found, words)),
        trust.method(found, words),
        f"<footer>{escape(words('made_by'))}</footer>",
    ]
    title = f"{words('title')} · {words.day(judgement.as_of)}"
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(f: Figures, w: Words, source: str) -> str:
    judgement = f.judgement
    when = w("as_of", day=w.day(judgement.as_of))
    ahead = w("ahead", days=judgement.horizon_days, day=w.day(f.until))
    log = w(
        "log",
        customers=w.count(f.customers),
        purchases=w.count(f.purchases),
        first=w.day(f.first_on),
        last=w.day(f.last_on),
    )
    named = f"{escape(source)} · " if source else ""
    return (
        f'<header><p class="brand">留客 <i>Liuke</i></p><h1>{escape(w("title"))}</h1>'
        f"<p>{escape(when)} · {escape(ahead)}</p><p>{named}{escape(log)}</p></header>"
    )


def _pair(left: str, right: str) -> str:
    return f'<div class="pair">{left}{right}</div>' if left and right else left or right
