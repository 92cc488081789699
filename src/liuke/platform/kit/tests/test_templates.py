from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django_htmx.middleware import HtmxDetails

import liuke
from liuke.platform.kit import rules
from liuke.platform.kit.rules import Chart, Series

PACKAGE = Path(liuke.__file__).parent
NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def drawn(source: str, language: str = "en", path: str = "/x/", target: str = "", **context: object) -> str:
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    request: HttpRequest = RequestFactory().get(path, headers=headers)
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    with translation.override(language):
        return str(engines["django"].from_string(source).render({"now": NOW, **context}, request))


def test_the_title_is_the_heading() -> None:
    page = drawn('{% extends "platform/kit/page.html" %}{% block title %}Customers{% endblock %}')
    assert "<h1>Customers</h1>" in page
    assert "<title>Customers · Liuke</title>" in page
    assert '<html lang="en" data-theme="auto">' in page


def test_the_same_template_is_a_dialog_and_a_page() -> None:
    source = (
        '{% extends "platform/kit/dialog.html" %}'
        "{% block title %}Log{% endblock %}{% block body %}<form></form>{% endblock %}"
    )
    assert "<html" in drawn(source)
    inside = drawn(source, target="dialog-body")
    assert "<html" not in inside
    assert '<h2 id="dialog-title">Log</h2>' in inside


def test_missing_figures_are_heard_as_none() -> None:
    shown = drawn('{% load kit %}{% money None "CNY" %}{% percent None %}{% day None %}')
    assert shown.count('<span class="sr">none</span>') == 3


@pytest.mark.parametrize("tag", ["money", "number", "percent", "change", "day", "instant", "ago", "due"])
def test_a_figure_whose_name_is_not_there_is_missing_too(tag: str) -> None:
    assert drawn(f"{{% load kit %}}{{% {tag} customer.score.nothing %}}") == drawn(
        f"{{% load kit %}}{{% {tag} None %}}"
    )


def test_how_long_ago_is_a_whole_sentence_in_each_language() -> None:
    source = "{% load kit %}{% ago at %}"
    at = NOW - timedelta(days=61)
    assert ">61 days ago<" in drawn(source, at=at)
    assert ">61 天前<" in drawn(source, "zh-hans", at=at)


def test_due_says_overdue_today_and_later_apart() -> None:
    source = "{% load kit %}{% due at %}"
    assert 'class="tag danger"' in drawn(source, at=NOW - timedelta(days=2))
    assert 'class="tag warn"' in drawn(source, at=NOW + timedelta(hours=3))
    assert 'class="muted"' in drawn(source, at=NOW + timedelta(days=3))
    assert ">729 days overdue<" in drawn(source, at=NOW - timedelta(days=729))
    assert ">3 years overdue<" in drawn(source, at=NOW - timedelta(days=1200))
    assert ">已超 3 年<" in drawn(source, "zh-hans", at=NOW - timedelta(days=1200))


def test_a_heads_link_turns_the_order_round_and_starts_at_the_first_page() -> None:
    source = '{% load kit %}{% sort_head "Value" "value" figure=True %}'
    assert 'href="?sort=-value"' in drawn(source)
    assert 'aria-sort="descending"' in drawn(source, path="/x/?sort=-value&after=abc&grade=gold")
    assert 'href="?sort=value&amp;grade=gold"' in drawn(source, path="/x/?sort=-value&after=abc&grade=gold")


def test_a_tab_asks_whether_it_is_the_one() -> None:
    source = '{% load kit %}{% tab _("Risk") "?kind=risk" kind == "risk" 9 %}{% tab "All" "?" not kind %}'
    chosen = drawn(source, kind="risk")
    assert (
        '<a href="?kind=risk" aria-current="page">Risk <span class="count"><span class="num">9</span></span></a>'
        in chosen
    )
    assert '<a href="?">All</a>' in chosen
    assert '<a href="?" aria-current="page">All</a>' in drawn(source)


def test_a_facet_adds_and_takes_away_its_value() -> None:
    source = '{% load kit %}{% facet "Gold" "grade" "gold" 173 %}'
    assert 'href="?grade=iron&amp;grade=gold"' in drawn(source, path="/x/?grade=iron")
    assert 'href="?grade=iron"' in drawn(source, path="/x/?grade=iron&grade=gold")


def test_the_bulk_bar_counts_customers_in_each_language() -> None:
    source = "{% load kit %}{% bulk_bar 4338 %}{% endbulk_bar %}"
    assert "<b data-bulk-count>0</b> selected" in drawn(source)
    chinese = drawn(source, "zh-hans")
    assert "已选 <b data-bulk-count>0</b> 位" in chinese
    assert "4,338</span> 位" in chinese


def test_what_is_written_in_a_component_is_escaped() -> None:
    source = (
        '{% load kit %}{% tag evil %}{% stat evil evil "/" evil %}'
        "{% panel title=evil %}x{% endpanel %}{% empty evil evil %}{% endempty %}"
    )
    assert "<script" not in drawn(source, evil="<script>alert(1)</script>")


def test_values_of_a_chart_cannot_close_their_script() -> None:
    chart = Chart("</script><b>", ["</script><script>alert(1)"], [Series("<i>", [1])])
    shown = drawn("{% load kit %}{% chart drawn_chart %}", drawn_chart=chart)
    assert shown.count("</script>") == 1
    assert "<i>" not in shown


# The content policy allows no script and no style but our files.

TEMPLATES = sorted(PACKAGE.glob("*/*/templates/**/*.html"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_no_template_brings_script_or_style_of_its_own(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|hx-on|javascript:", text, re.IGNORECASE)
    scripts = re.findall(r"<script[^>]*>", text)
    assert all("{% static" in tag or "application/json" in tag for tag in scripts)


def test_nothing_is_fetched_from_outside() -> None:
    ours = [*TEMPLATES, *(PACKAGE / "platform/kit/static/kit").iterdir()]
    for file in ours:
        text = re.sub(r"http://www\.w3\.org/[\w/]+", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", text), file


def test_the_label_of_a_bar_is_plain_text() -> None:
    bar = drawn("{% load kit %}{% percent 0.01 as share %}{% meter 0.01 label=share %}")
    assert 'aria-label="1%"' in bar


def test_a_menu_says_which_filter_is_on() -> None:
    source = '{% load kit %}{% menu text="Grade" %}{% facet "Gold" "grade" "gold" %}{% facet "Iron" "grade" "iron" %}{% endmenu %}'
    assert "chosen" not in drawn(source)
    assert "Grade <b>Gold</b>" in drawn(source, path="/x/?grade=gold")
    assert "Grade <b>2</b>" in drawn(source, path="/x/?grade=gold&grade=iron")
    assert "Stage<svg" in drawn(source + '{% menu text="Stage" %}{% endmenu %}', path="/x/?grade=gold")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("days", [8, 200])
def test_what_the_rhythm_says_stays_within_the_drawing(language: str, days: int) -> None:
    last = NOW.date() - timedelta(days=days)
    orders = [(last - timedelta(days=31 * n), 1000) for n in range(9)]
    shown = drawn("{% load kit %}{% rhythm orders 'CNY' %}", language, orders=orders)
    found = re.search(r'class="since" x="([\d.]+)"[^>]*>([^<]+)<', shown)
    assert found
    half = rules.letters_width(found[2], 11) / 2
    assert half <= float(found[1]) <= rules.RHYTHM_WIDTH - half
