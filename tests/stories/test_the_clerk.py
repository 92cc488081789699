"""A clerk brings in a list of 20,000 customers as an office has kept it for years, resolves who stands there twice, and takes
it all back: the base is as it was. In Chinese at a desk; the essential steps in English on a phone.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from liuke.platform.showcase.tests.test_accessibility import violations

from .conftest import PATIENCE_MS, Company, Enter, serving
from .ledger import SHARED, Ledger, ledger
from .test_the_office import clean

pytestmark = [pytest.mark.browser, pytest.mark.long]
expect.set_options(timeout=PATIENCE_MS)

ASKED = {  # the first column says of whom
    "customers": "SELECT id, number, name, kind, city, owner_id, team_id, stage, note FROM customers_customer",
    "persons": "SELECT customer_id, id, name FROM customers_contact",
    "points": "SELECT customer_id, id, kind, normal FROM customers_contactpoint",
    "own fields": "SELECT customer_id, field_id, day FROM customers_fieldvalue",
    "search": "SELECT customer_id, text FROM customers_customersearch",
}
MERGED = "D00001"  # the list has SHARED under this number
WORDS = {
    "zh": {"tried": "试算完成", "through": "导入完成", "undone": "已撤销"},
    "en": {
        "tried": "The dry run is through",
        "through": "The import is through",
        "undone": "has been undone",
    },
}


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with serving(tmp_path_factory, "counter", "tests.stories.office", "tests.stories.clerk") as served:
        yield served


def base(counter: Company, *, but: str = "") -> dict[str, list[tuple[object, ...]]]:
    """Everybody there with what is known of them, `but` the customer of a number."""
    held = sqlite3.connect(f"file:{counter.home / 'liuke.sqlite3'}?mode=ro", uri=True)
    try:
        one = held.execute("SELECT id FROM customers_customer WHERE number = ?", [but]).fetchone()
        found = {what: held.execute(query).fetchall() for what, query in ASKED.items()}
    finally:
        held.close()
    return {
        what: sorted((row for row in rows if one is None or row[0] != one[0]), key=repr)
        for what, rows in found.items()
    }


def figures(page: Page) -> list[int]:
    """Of the result, in the order in which the page tells them."""
    told = page.locator("#live .stat .value").all_text_contents()
    return [int(re.sub(r"\D", "", one)) for one in told]


def expected(brought: Ledger) -> list[int]:
    """Rows, new, changed, as before, left out, in without a cell."""
    return [
        brought.counts[name] for name in ("rows", "created", "updated", "unchanged", "rejected", "incomplete")
    ]


def mapped_and_tried(page: Page, brought: Ledger, words: dict[str, str]) -> None:
    page.goto("/imports/new/")
    file = {"name": "客户总表.csv", "mimeType": "text/csv", "buffer": brought.content()}
    page.set_input_files("[name=file]", file)
    page.click("form.form button.primary")
    page.wait_for_url("**/columns/")
    clean(page)
    expect(page.locator("[name=target]")).to_have_value("customers")
    expect(page.locator("[name=encoding]")).to_have_value("gb18030")
    expect(page.locator("[name=header_row]")).to_have_value("2")
    expect(page.locator("[name=map-owner]")).to_have_value("业务员")
    page.click("form:not([action]) button.primary")
    page.wait_for_url("**/imports/*/")
    expect(page.locator("#live")).to_contain_text(words["tried"])
    clean(page)
    assert figures(page) == expected(brought)


def taken_back(page: Page, words: dict[str, str]) -> None:
    page.click("#live a[href$='/reversal/']")
    assert violations(page) == []
    page.click("form[method=post] button.primary")
    expect(page.locator("#live")).to_contain_text(words["undone"])


def test_a_messy_list_of_20000_is_brought_in_put_right_and_taken_back(counter: Company, enter: Enter) -> None:
    before, brought, words = base(counter), ledger("D", 20_000), WORDS["zh"]
    clerk = enter(counter.url, "sun")
    mapped_and_tried(clerk, brought, words)
    assert base(counter) == before  # the dry run has written nothing
    where = clerk.url

    clerk.click("#live form[action$='/run/'] button")
    works_on_meanwhile(enter, counter)
    clerk.goto(where)
    expect(clerk.locator("#live")).to_contain_text(words["through"])
    assert figures(clerk) == expected(brought)
    with clerk.expect_download() as taken:
        clerk.click("a[href$='/rejects/']")
    reads_what_to_correct(taken.value.path().read_text("utf-8-sig"), brought)
    makes_one_of_two(clerk)

    clerk.goto(where)
    taken_back(clerk, words)
    clerk.locator("#live a[href$='/kept/']").first.click()
    stays = clerk.locator("tbody tr")
    expect(stays).to_have_count(1)  # on whom she has worked: he is named, and why he stays
    expect(stays).to_contain_text(MERGED)
    expect(stays).to_contain_text("此后有人跟进过该客户")
    clean(clerk)
    assert base(counter, but=MERGED) == before


def works_on_meanwhile(enter: Enter, counter: Company) -> None:
    """The others find their customers, and write, while the list comes in."""
    seller = enter(counter.url, "luo", width=390)
    seller.goto("/customers/?q=客户第0007号")
    seller.goto("/")
    expect(seller.locator("h1")).to_be_visible()
    boss = enter(counter.url, "olga", language="en")
    boss.goto("/customers/?q=G0007")
    if boss.locator("h1", has_text="客户第0007号商行").count() == 0:
        boss.click("td.name a")
    expect(boss.locator("h1")).to_have_text("客户第0007号商行")


def reads_what_to_correct(text: str, brought: Ledger) -> None:
    """Each row with all that is wrong with it, under the number that the spreadsheet shows."""
    lines = list(csv.reader(text.splitlines()))
    assert len(lines) - 1 == brought.counts["rejected"] + brought.counts["incomplete"]
    told = {line[0]: " ".join(line[1:]) for line in lines[1:]}
    for row, words in {  # three more than its place in the list, which begins below a title and the names
        "53": "2027-02-30",
        "54": "一三八",
        "99": "名称",
        "100": "D00094",
        "101": "没有此人",
    }.items():
        assert words in told[row], row


def makes_one_of_two(page: Page) -> None:
    """The list has a customer of the base as somebody new: side by side, the base's stays; and then not, after all."""
    name, phone = SHARED
    page.goto(f"/customers/?q={phone}")
    rows = page.locator("tbody tr", has_text=name)
    expect(rows).to_have_count(2)
    for row in rows.all():
        row.locator("input[type=checkbox]").check()
    page.click("button[formaction*='/merging/']")
    clean(page)
    page.locator("tr:has([name=survivor]) label", has_text=name).first.click()
    expect(page.locator("main")).to_contain_text("G0003")
    page.click("form[action$='/customers/merge/'] button.primary")
    expect(page.locator("h1")).to_have_text(name)
    page.goto("/merges/")
    page.locator("tbody a").first.click()
    page.on("dialog", lambda asks: asks.accept())
    page.click("form[action$='/undoing/'] button")
    page.goto(f"/customers/?q={phone}")
    expect(page.locator("tbody tr", has_text=name)).to_have_count(2)


def test_in_english_on_a_phone(counter: Company, enter: Enter) -> None:
    before, brought, words = base(counter), ledger("E", 300), WORDS["en"]
    clerk = enter(counter.url, "olga", language="en", width=390)
    mapped_and_tried(clerk, brought, words)
    clerk.click("#live form[action$='/run/'] button")
    expect(clerk.locator("#live")).to_contain_text(words["through"])
    assert figures(clerk) == expected(brought)
    clean(clerk)
    taken_back(clerk, words)
    assert clerk.locator("#live a[href$='/kept/']").count() == 0
    assert base(counter) == before


@pytest.mark.parametrize(("language", "width", "theme"), [("zh", 1440, "dark"), ("en", 390, "light")])
def test_a_file_that_comes_again_is_read_as_before(
    counter: Company, enter: Enter, language: str, width: int, theme: str
) -> None:
    """Its columns remembered under a name, offered, used; the name changed, then taken off the list."""
    clerk = enter(
        counter.url, {"zh": "sun", "en": "olga"}[language], language=language, width=width, theme=theme
    )
    file = {
        "name": f"mall {language}.csv",
        "mimeType": "text/csv",
        "buffer": f"代码 {language},抬头,随便\nZ1,明达,13800138000\n".encode(),
    }
    chosen = {"number": f"代码 {language}", "name": "抬头", "mobile": "随便"}
    brings(clerk, file)
    for name, column in chosen.items():
        clerk.select_option(f"[name=map-{name}]", column)
    clerk.check("[name=remember]")
    clerk.fill("[name=remember_as]", f"Mall {language}")
    clean(clerk)
    clerk.click("form:not([action]) button.primary")
    clerk.wait_for_url("**/imports/*/")

    brings(clerk, file)
    clean(clerk)
    clerk.click("form[action$='/preset/'] button.primary")
    expect(clerk.locator("form[action$='/preset/'] button.primary")).to_have_count(0)
    for name, column in chosen.items():
        expect(clerk.locator(f"[name=map-{name}]")).to_have_value(column)
    clean(clerk)

    clerk.click("a[href='/imports/presets/']")
    clean(clerk)
    row = clerk.locator("tr", has_text=f"Mall {language}")
    row.locator("a[data-dialog]").click()
    form = clerk.locator("dialog[open] form")
    form.locator("[name=name]").fill(f"Shop {language}")
    assert violations(clerk) == []
    form.locator("button.primary").click()
    row = clerk.locator("tr", has_text=f"Shop {language}")
    expect(row).to_have_count(1)
    clerk.on("dialog", lambda asks: asks.accept())
    row.locator("form[action$='/removal/'] button").click()
    expect(row).to_have_count(0)


def brings(page: Page, file: Any) -> None:
    page.goto("/imports/new/?target=customers")
    page.set_input_files("[name=file]", file)
    page.click("form.form button.primary")
    page.wait_for_url("**/columns/")
