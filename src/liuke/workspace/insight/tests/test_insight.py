"""The whole base at a glance: every figure opens exactly the customers behind it, within the viewer's own rows."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.platform.models import Job, User
from liuke.scores.judging.actions import score
from liuke.scores.models import ScoreRun, TrackRecord
from liuke.scores.overview.actions import Group, verdicts
from liuke.scores.track.actions import keep_track
from liuke.workspace.conftest import Add, Desk, Judge
from liuke.workspace.insight.rules import pyramid, risk_by_owner

PAGES = ["", "keeping/", "risk/", "retention/", "concentration/", "track-record/", "runs/"]


def page_of(desk: Desk, user: User, path: str = "") -> str:
    answer = desk(user).get(f"/insight/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def plain(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def counted(client: Client, href: str) -> int:
    """How many customers stand behind a link."""
    page = client.get(html.unescape(href)).content.decode()
    found = re.search(r"<p><span class=\"num\">([\d,]+)</span>|<p>([\d,]+) customer", page)
    return int((found[1] or found[2]).replace(",", "")) if found else 0


@pytest.fixture
def base(add: Add, judge: Judge, alice: User, bob: User, charlie: User) -> None:
    """Twelve of Alice's, eight of Bob's, five of the other team; grades, bands and movements mixed."""
    grades, bands = ["platinum", "gold", "iron", "lead", ""], ["high", "watch", "low", "lost"]
    for owner, count in ((alice, 12), (bob, 8), (charlie, 5)):
        for place in range(count):
            grade = grades[place % 5]
            moved = {1: ("fell", "platinum"), 3: ("fell", "iron"), 2: ("rose", "lead")}.get(
                place % 5, ("", grade)
            )
            judge(
                add(owner, f"{owner.username} {place}"),
                grade=grade,
                band=bands[place % 4] if grade else "lost",
                risk=10 * (place % 9),
                moved=moved[0],
                grade_before=moved[1],
                value_12m_minor=1_000_00 * (place + 1) if grade else 0,
                value_at_risk_minor=100_00 * (place + 1),
            )


@pytest.mark.parametrize("username", ["alice", "sue", "olga"])
def test_rp01_every_figure_of_the_pyramid_is_the_count_of_the_list_behind_it(
    desk: Desk, base: None, alice: User, sue: User, olga: User, username: str
) -> None:
    user = {"alice": alice, "sue": sue, "olga": olga}[username]
    client = desk(user)
    page = page_of(desk, user)
    cells = re.findall(
        r'<td class="figure"[^>]*><a(?: class="\w+")? href="(/customers/\?[^"]*)">(.*?)</a>', page
    )
    figures = [(href, plain(text)) for href, text in cells]
    counts = [(href, int(re.sub(r"[^\d]", "", text))) for href, text in figures if "¥" not in text]
    assert len(counts) >= 8
    for href, told in counts:
        assert counted(client, href) == told, (href, told)


def test_rp01_every_tile_opens_its_customers(desk: Desk, base: None, sue: User) -> None:
    client = desk(sue)
    tiles = re.findall(r'<a class="stat"[^>]*href="([^"]+)"[^>]*>(.*?)</a>', page_of(desk, sue), re.S)
    assert len(tiles) >= 4
    for href, _text in tiles:
        assert client.get(html.unescape(href)).status_code == 200
    at_risk = next((href, plain(text)) for href, text in tiles if "Money at risk" in plain(text))
    told = re.search(r"(\d+) customers", at_risk[1])
    assert told
    assert counted(client, at_risk[0]) == int(told[1])


def test_pl02_each_sees_the_sums_of_his_own(
    desk: Desk, base: None, alice: User, sue: User, olga: User
) -> None:
    sums = [plain(page_of(desk, user).split('class="stats"')[1])[:60] for user in (alice, sue, olga)]
    assert len(set(sums)) == 3


def test_the_money_at_risk_by_owner_opens_his_customers(
    desk: Desk, base: None, sue: User, alice: User
) -> None:
    page = page_of(desk, sue, "risk/")
    rows = re.findall(r'href="(/customers/\?band=high&amp;owner=\d+)"><span class="num">(\d+)', page)
    assert rows
    client = desk(sue)
    for href, told in rows:
        assert counted(client, href) == int(told)
    assert "charlie" not in page.lower()


@pytest.mark.parametrize("path", PAGES)
def test_before_the_first_judgement_each_page_says_how_it_comes(
    desk: Desk, sue: User, anna: User, path: str
) -> None:
    page = page_of(desk, sue, path)
    assert "/imports/" in page or path == "track-record/"
    if path != "track-record/":
        assert "Nothing to judge yet" in page


def test_who_may_starts_a_judgement_and_others_are_refused(desk: Desk, sue: User, anna: User) -> None:
    assert desk(sue).post("/insight/runs/").status_code == 403
    assert not Job.objects.exists()
    assert desk(anna).post("/insight/runs/")["Location"] == "/insight/runs/"
    assert Job.objects.get().name == "scores.nightly"
    assert "Score now" not in page_of(desk, sue, "runs/")


@pytest.fixture
def judged(add: Add, alice: User, charlie: User, moment: datetime) -> ScoreRun:
    """Real purchases of some months, really judged (by the rhythm rule: they are few)."""
    for owner, name, minor in ((alice, "A", 90_000), (alice, "B", 10_000), (charlie, "C", 40_000)):
        customer = add(owner, name)
        for days in (150, 120, 90, 60, 30, 5):
            at = moment - timedelta(days=days)
            number = f"{name}-{days}"
            record_purchase(
                customer, number=number, at=at, currency="CNY", lines=[NewLine(minor)], by=None, now=at
            )
    return score(by=None, now=moment)


def test_where_no_model_could_be_used_every_page_says_so(desk: Desk, judged: ScoreRun, alice: User) -> None:
    assert judged.fallback
    assert "cannot carry a statistical model yet" in page_of(desk, alice)


def test_why_no_model_could_be_used_is_told_in_words(desk: Desk, judged: ScoreRun, olga: User) -> None:
    assert "50 customers with orders are needed, there are 3" in page_of(desk, olga)
    for refusal, words in (
        ({"code": "NoRepeatBuyers"}, "nobody has ordered twice yet"),
        ({"code": "TooFewCustomers", "counted": "repeaters", "needed": 20, "found": 4}, "more than once"),
        (None, "statistical model yet. Customers"),
    ):
        judged.forecast = judged.forecast | {"refusal": refusal}
        judged.save()
        page = page_of(desk, olga)
        assert words in page
        assert "TooFewCustomers" not in page


def test_runs_without_a_purchase_are_told_as_such_and_not_as_failed(desk: Desk, olga: User) -> None:
    assert "Nothing to judge yet" in page_of(desk, olga, "runs/")
    for totals in ({}, {"without_rate": {"USD": 3}}):
        ScoreRun.objects.create(
            as_of=date(2026, 3, 2), state="nothing", started_at=datetime.now(UTC), totals=totals
        )
    page = plain(page_of(desk, olga, "runs/").partition("<main")[2].partition("<details")[0])
    assert "There were no purchases to judge by" in page
    assert "No exchange rate is known for any purchase" in page
    assert "failed" not in page


def test_retention_counts_each_cohort_within_ones_rows(
    desk: Desk, judged: ScoreRun, alice: User, olga: User
) -> None:
    for user, size in ((alice, "2"), (olga, "3")):
        page = page_of(desk, user, "retention/")
        first = re.search(r'<th scope="row"><a href="([^"]+)">.*?<span class="num">(\d+)</span>', page, re.S)
        assert first
        assert first[2] == size
        assert counted(desk(user), first[1]) == int(size)


def test_rp01_each_cell_of_the_retention_opens_who_bought_in_that_month(
    desk: Desk, judged: ScoreRun, add: Add, alice: User, olga: User, moment: datetime
) -> None:
    for name, ago in {"Gap": [150, 60], "Late": [100, 40], "Once": [100]}.items():
        customer = add(alice, name)
        for day in ago:
            at, number = moment - timedelta(days=day), f"{name}-{day}"
            record_purchase(
                customer, number=number, at=at, currency="CNY", lines=[NewLine(5_000)], by=None, now=at
            )
    score(by=None, now=moment)
    for user in (alice, olga):
        page = page_of(desk, user, "retention/")
        cells = re.findall(r'title="(\d+)"><a href="(/customers/[^"]+)"', page)
        assert len({told for told, _href in cells}) > 2
        for told, href in cells:
            assert counted(desk(user), href) == int(told), (user, href)


def test_concentration_is_that_of_ones_own_customers(desk: Desk, judged: ScoreRun, alice: User) -> None:
    """Sales 9 : 1 between two: Gini = 0.4."""
    page = page_of(desk, alice, "concentration/")
    assert re.search(r"Gini index.*?0\.40", plain(page))


def test_cl13_the_rules_of_thumb_stand_beside_what_holds_here(
    desk: Desk, judged: ScoreRun, alice: User
) -> None:
    """Sales 9 : 1 between two: the greatest 4, 20 and 22 percent are one of them, and he makes nine tenths."""
    told = plain(page_of(desk, alice, "concentration/"))
    assert re.search(r"4% 30% 90% does not hold 20% 80% 90% does not hold 22% 78% 90% does not hold", told)


def test_rp01_each_top_of_the_concentration_opens_its_customers(
    desk: Desk, judged: ScoreRun, alice: User, olga: User
) -> None:
    for user, everybody in ((alice, 2), (olga, 3)):
        client, page = desk(user), page_of(desk, user, "concentration/")
        tiles = re.findall(r'<a class="stat" href="([^"]+)">(.*?)</a>', page, re.S)
        gini, *tops = [(href, plain(text)) for href, text in tiles]
        assert counted(client, gini[0]) == everybody
        assert len(tops) == 4
        for href, told in tops:
            assert f"{counted(client, href)} customer" in told


def test_customers_who_are_alike_stand_in_a_top_together(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    for name in "ABCD":
        customer, at = add(alice, name), moment - timedelta(days=9)
        record_purchase(customer, number=name, at=at, currency="CNY", lines=[NewLine(5_000)], by=None, now=at)
    score(by=None, now=moment)
    page = page_of(desk, alice, "concentration/")
    assert "Greatest 1% of customers 100% of sales, last 12 months: 4 customers" in plain(page)


def test_rp01_who_came_opens_from_the_verdict(
    desk: Desk, add: Add, alice: User, charlie: User, sue: User, olga: User, moment: datetime
) -> None:
    """Ordered within the horizon, once or often, also if again later; not who was new, nor who only sent goods back.

    Each reader's figures are of his own customers, and open exactly these.
    """
    past = moment - timedelta(days=35)
    days = {"Once": [90, 20], "Often": [90, 70, 25, 15, 1], "Before": [90, 36], "After": [90, 2], "New": [20]}
    for owner, name, each in [*((alice, *pair) for pair in days.items()), (charlie, "West", [90, 80, 10])]:
        customer = add(owner, name)
        for day in each:
            at = moment - timedelta(days=day)
            record_purchase(
                customer, number=f"{name}-{day}", at=at, currency="CNY", lines=[NewLine(5_000)], by=None, now=at
            )  # fmt: skip
    score(by=None, now=moment, as_of=past.date(), horizon_days=30)
    score(by=None, now=moment)
    keep_track(by=None, now=moment)
    record = TrackRecord.objects.get(horizon_days=30, run__looked_back=False)
    assert record.actual_buyers == 3
    for user, buyers, purchases, minor in (
        (olga, 3, 4, 20_000), (sue, 2, 3, 15_000), (alice, 2, 3, 15_000), (charlie, 1, 1, 5_000)
    ):  # fmt: skip
        _, past_verdicts = verdicts(user)
        held = next(one.came for one in past_verdicts if one.record == record)
        assert held
        assert (held.actual_buyers, held.actual_purchases, held.actual_minor) == (buyers, purchases, minor)
        page = page_of(desk, user, "track-record/")
        cells = re.findall(r'<(?:td|dd)[^>]*><a href="(/customers/\?[^"]*bought[^"]*)">(.*?)</a>', page, re.S)
        opened = {href: counted(desk(user), href) for href, _ in cells}
        mine = [href for href in opened if f"first_purchase.until={record.run.as_of.isoformat()}" in href]
        assert [opened[href] for href in mine] == [buyers]
        rows = [(href, int(plain(text))) for href, text in cells if "came" not in plain(text)]
        of_panels = re.findall(r'<dt>Buyers</dt><dd><a href="([^"]+)">.*?<b>(.*?)</b> came', page, re.S)
        assert of_panels
        for href, told in [*rows, *((href, int(plain(text))) for href, text in of_panels)]:
            assert told == opened[href], (user, href)
        assert ("over the whole company" in plain(page)) is (user != olga)


def test_pl02_a_verdict_that_is_not_kept_by_customer_tells_a_part_of_the_company_nothing(
    desk: Desk, verdict: TrackRecord, alice: User, sue: User
) -> None:
    for user in (alice, sue):
        page = plain(page_of(desk, user, "track-record/"))
        assert "Not counted for your customers yet" in page
        assert "37" not in page
        assert "81%" in page


@pytest.fixture
def verdict(run: ScoreRun) -> TrackRecord:
    return TrackRecord.objects.create(
        run=run,
        horizon_days=30,
        judged_on=date(2026, 1, 31),
        customers=100,
        expected_buyers=40.4,
        actual_buyers=37,
        expected_purchases=60.0,
        actual_purchases=58,
        expected_minor=1_000_00,
        actual_minor=900_00,
        log_loss=0.5,
        brier=0.2,
        auc=0.81,
        calibration=[
            {"forecast": 0.1, "came": 0.08, "customers": 50},
            {"forecast": 0.7, "came": 0.66, "customers": 50},
        ],
    )


def test_a_verdict_tells_what_was_forecast_and_what_came(
    desk: Desk, verdict: TrackRecord, olga: User
) -> None:
    page = plain(page_of(desk, olga, "track-record/"))
    assert "40 forecast, 37 came" in page
    assert "81%" in page
    assert "No forecast is over yet" not in page


def test_runs_tell_when_by_whom_and_how(desk: Desk, judged: ScoreRun, anna: User) -> None:
    page = plain(page_of(desk, anna, "runs/"))
    assert "the clock" in page
    assert "the rhythm rule" in page or "rhythm" in page


def test_pl02_runs_and_heads_tell_each_of_his_own(
    desk: Desk, judged: ScoreRun, alice: User, charlie: User, sue: User, olga: User
) -> None:
    for user, customers, head in (
        (alice, 2, "2 of your customers scored"),
        (sue, 2, "2 of your customers scored"),
        (charlie, 1, "1 of your customers scored"),
        (olga, 3, "3 customers scored"),
    ):
        for path in [*PAGES, "classes/"]:
            assert head in plain(page_of(desk, user, path)), path
        row = re.search(r'data-label="Customers"[^>]*>(.*?)</td>', page_of(desk, user, "runs/"))
        assert row
        assert plain(row[1]) == str(customers)


def test_pl02_why_no_model_and_what_is_left_out_are_counts_of_the_company(
    desk: Desk, judged: ScoreRun, sue: User, olga: User
) -> None:
    ScoreRun.objects.update(totals=judged.totals | {"without_rate": {"USD": 4711}})
    for user, told in ((olga, True), (sue, False)):
        page = plain(page_of(desk, user))
        assert ("4711 purchases in USD are left out" in page) is told
        assert ("customers with orders are needed" in page) is told
        assert "cannot carry a statistical model yet" in page


def test_the_rules_of_thumb_are_held_against_the_company_or_ones_own(
    desk: Desk, judged: ScoreRun, sue: User, olga: User
) -> None:
    assert "what holds here" in plain(page_of(desk, olga, "concentration/"))
    assert "what holds among your customers" in plain(page_of(desk, sue, "concentration/"))


# --- the sums themselves ---


def test_cl01_the_pyramids_shares_are_of_those_in_business() -> None:
    groups = [
        Group("platinum", "low", 1, 1, 500, 0),
        Group("lead", "high", 1, 9, 500, 70),
        Group("", "", 1, 5, 0, 0),
    ]
    layers = {layer.grade: layer for layer in pyramid(groups, {("gold", "platinum"): 1, ("iron", "lead"): 2})}
    assert layers["platinum"].share_of_customers == 0.1
    assert layers["platinum"].share_of_sales == 0.5
    assert (layers["platinum"].rose, layers["lead"].fell) == (1, 2)
    assert (layers["lead"].at_risk_minor, layers["lead"].at_risk_customers) == (70, 9)
    assert layers[""].customers == 5


def test_owners_with_nobody_at_risk_are_left_out() -> None:
    groups = [
        Group("gold", "high", 1, 2, 0, 50),
        Group("gold", "low", 2, 9, 0, 99),
        Group("", "high", None, 1, 0, 80),
    ]
    assert [(owner.owner_key, owner.at_risk_minor) for owner in risk_by_owner(groups)] == [
        ("none", 80),
        ("1", 50),
    ]


def test_rp01_each_figure_of_a_run_opens_its_customers(
    desk: Desk, judged: ScoreRun, alice: User, olga: User, charlie: User
) -> None:
    for user, names in ((alice, "AB"), (charlie, "C"), (olga, "ABC")):
        page = page_of(desk, user, "runs/")
        href = f"/insight/runs/{judged.pk}/"
        (told,) = re.findall(rf'data-label="Customers"><a href="{href}">(.*?)</a>', page)
        (at_risk,) = re.findall(rf'data-label="At risk"><a href="{href}\?band=high">(.*?)</a>', page)
        whole = desk(user).get(href).content.decode()
        assert sorted(re.findall(r'<td class="name"><a[^>]*>(\w)</a>', whole)) == list(names)
        assert int(plain(told)) == len(names)
        few = desk(user).get(f"{href}?band=high").content.decode()
        assert few.count("<tr data-row") == int(plain(at_risk))


def test_a_night_whose_file_is_gone_says_so_and_opens_nothing(
    desk: Desk, judged: ScoreRun, olga: User
) -> None:
    ScoreRun.objects.update(folder="")
    assert "no longer kept by customer" in plain(page_of(desk, olga, "runs/"))
    assert desk(olga).get(f"/insight/runs/{judged.pk}/").status_code == 404
    assert desk(olga).get("/insight/runs/99/").status_code == 404


@pytest.mark.parametrize("page", ["", "keeping/", "classes/"])
def test_sales_and_profit_are_of_the_active_customers_on_every_page_and_open_them(
    desk: Desk, add: Add, judge: Judge, sue: User, alice: User, page: str
) -> None:
    judge(add(alice, "Buys"), grade="gold", relation="loyal", value_12m_minor=5_000_00, profit_minor=1_000_00)
    judge(add(alice, "Sent it all back"), value_12m_minor=-1_922_00)
    client = desk(sue)
    tiles = re.findall(r'<a class="stat"[^>]*href="([^"]+)"[^>]*>(.*?)</a>', page_of(desk, sue, page), re.S)
    sums = [(href, plain(text)) for href, text in tiles if re.match("Sales, last|Profit", plain(text))]
    assert sums
    for href, text in sums:
        assert "active customers" in text
        assert counted(client, href) == 1
    assert "¥5,000" in sums[0][1]
