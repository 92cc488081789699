"""The whole loop on a real instance: a supervisor brings the lists in and sees who slips away, a salesperson does the
day's work by keyboard, and each finds on the customer's timeline what was done. Once in Chinese, once in English.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from liuke.platform.showcase.tests.test_accessibility import violations

from .cast import INITIALS, SILENT, cast, customers_file, purchases_file, today
from .conftest import PATIENCE_MS, Company, Enter

pytestmark = [pytest.mark.browser, pytest.mark.long]
expect.set_options(timeout=PATIENCE_MS)

WORDS = {
    "zh": {
        "through": "导入完成",
        "tried": "试算完成",
        "noted": "没联系上，下周再打",
        "talked": "说在比较另一家，要我们周五前报价",
        "seasonal": "季节性客户，正常",
        "ill": "小李出差",
    },
    "en": {
        "through": "The import is through",
        "tried": "The dry run is through",
        "noted": "No answer, try again next week",
        "talked": "Compares us with another; wants our price by Friday",
        "seasonal": "Seasonal: normal for them",
        "ill": "Chris is travelling",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_loop(company: Company, enter: Enter, language: str) -> None:
    boss, seller, colleague = cast(language)
    words, silent = WORDS[language], SILENT[language]

    desk = enter(company.url, boss.username, language=language)
    brings_in(desk, "customers", *customers_file(language), words)
    expect(desk.locator(".stat", has_text="90").first).to_be_visible()
    brings_in(desk, "purchases", *purchases_file(language), words)
    sees_who_slips_away(desk, silent, words)

    shop = enter(company.url, seller.username, language=language)
    finds(shop, INITIALS[language], silent[0])
    judged_with_reasons(shop)
    shop.keyboard.press("g")
    shop.keyboard.press("t")
    expect(shop.locator("[data-row]").first).to_be_visible()
    logs_a_contact(shop, silent[0], words["talked"])
    marks_done(shop, silent[1])
    postpones(shop, silent[2], words["noted"])
    dismisses(shop, silent[3], words["seasonal"])
    for name in silent[:4]:
        expect(row(shop, name)).to_have_count(0)
    for name, told in (
        (silent[0], words["talked"]),
        (silent[2], words["noted"]),
        (silent[3], words["seasonal"]),
    ):
        on_the_timeline(shop, name, told, seller.name)
    on_the_timeline(shop, silent[1], "", seller.name)

    desk.goto("/")
    passes_on(desk, silent[4], colleague.name, words["ill"])
    on_the_timeline(desk, silent[4], words["ill"], boss.name)
    other = enter(company.url, colleague.username, language=language)
    expect(row(other, silent[4])).to_be_visible()
    shop.goto("/")
    expect(row(shop, silent[4])).to_have_count(0)

    phone = enter(company.url, colleague.username, language=language, width=390)
    writes_up_a_visit_in_five_taps(phone, silent[4])
    on_the_timeline(desk, silent[4], "", colleague.name)


def brings_in(page: Page, target: str, name: str, content: bytes, words: dict[str, str]) -> None:
    """Upload, columns as found, dry run, run; each step waited for as a person does."""
    page.goto(f"/imports/new/?target={target}")
    page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": content})
    page.click("button.primary")
    page.wait_for_url("**/columns/")
    assert violations(page) == []
    page.click("form:not([action]) button.primary")
    page.wait_for_url("**/imports/*/")
    expect(page.locator("#live")).to_contain_text(words["tried"])
    assert violations(page) == []
    page.click("#live form[action$='/run/'] button")
    expect(page.locator("#live")).to_contain_text(words["through"])
    assert violations(page) == []
    assert page.locator("a[href$='/rejects/']").count() == 1


def sees_who_slips_away(page: Page, silent: list[str], words: dict[str, str]) -> None:
    """Nobody starts the judgement: it follows the import. Today shows it as soon as it is there."""
    page.goto("/")
    expect(row(page, silent[5])).to_be_visible()
    assert violations(page) == []
    first = page.locator("[data-row]").first
    assert any(name in (first.text_content() or "") for name in silent)
    assert first.locator(".tag.danger").count() == 1
    page.goto("/customers/?band=high")
    expect(page.locator("tbody tr", has_text=silent[0])).to_be_visible()
    page.goto("/insight/")
    expect(page.locator(".stat").first).to_be_visible()


def finds(page: Page, letters: str, name: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(letters)
    expect(page.locator("#search-results [role=option]").first).to_contain_text(name)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)


def judged_with_reasons(page: Page) -> None:
    """Why, the rhythm drawn with each order, what may come next; and the orders themselves on the timeline."""
    assert violations(page) == []
    expect(page.locator("#card")).to_contain_text(re.compile(r"20 (天|days)"))
    assert page.locator("svg.rhythm").count() == 1
    assert page.locator(".timeline a[href^='/purchases/']").count() > 5


def row(page: Page, name: str) -> Locator:
    return page.locator("#today [data-row]", has_text=name)


def walk_to(page: Page, name: str) -> None:
    """With j, and back with k, as far as it takes: the list keeps one's place when it is drawn anew."""
    expect(row(page, name)).to_have_count(1)
    page.evaluate("document.activeElement.blur()")
    for key in ("", *["j"] * 60, *["k"] * 60):
        if key:
            page.keyboard.press(key)
        # Asked without waiting: the list may be drawn anew at any moment, and then no row is the current one.
        if name in page.evaluate("document.querySelector('[data-row][data-current]')?.textContent || ''"):
            return
    raise AssertionError(f"{name} is not among the rows")


def dialog_by(page: Page, key: str, name: str) -> Locator:
    walk_to(page, name)
    page.keyboard.press(key)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(name)
    return dialog


def saved(page: Page, name: str) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(row(page, name)).to_have_count(0)


def logs_a_contact(page: Page, name: str, said: str) -> None:
    dialog = dialog_by(page, "l", name)
    assert violations(page) == []
    dialog.locator("[name=outcome][value=will_order]").check()
    dialog.locator("[name=note]").fill(said)
    dialog.locator("[name=next_on]").fill((today() + timedelta(days=5)).isoformat())
    saved(page, name)


def marks_done(page: Page, name: str) -> None:
    """By mistake at first: one key takes it back, and the row is there as before."""
    dialog_by(page, "d", name)
    saved(page, name)
    assert violations(page) == []
    page.keyboard.press("z")
    expect(row(page, name)).to_have_count(1)
    expect(page.locator("[data-undo]")).to_have_count(0)
    dialog_by(page, "d", name)
    saved(page, name)


def postpones(page: Page, name: str, why: str) -> None:
    dialog = dialog_by(page, "p", name)
    page.keyboard.press("Control+Enter")  # without a reason it stays, and says so
    expect(dialog.locator("[name=reason]:invalid, .form-errors").first).to_be_attached()
    dialog.locator("[name=reason]").fill(why)
    saved(page, name)


def dismisses(page: Page, name: str, why: str) -> None:
    dialog_by(page, "e", name).locator("[name=reason]").fill(why)
    saved(page, name)


def writes_up_a_visit_in_five_taps(page: Page, name: str) -> None:
    """MB01: at the customer's door, phone in hand."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    dialog, item = page.locator("dialog[open]"), row(page, name)
    taps = [
        item.locator("[data-key=l]"),
        dialog.locator("label", has=page.locator("[name=channel][value=visit]")).last,
        dialog.locator("label", has=page.locator("[name=outcome][value=will_order]")).last,
        dialog.locator(".btn.primary"),
    ]
    for target in taps:
        target.tap()
    expect(dialog).to_have_count(0)
    expect(item).to_have_count(0)
    assert len(taps) <= 5


def passes_on(page: Page, name: str, to: str, why: str) -> None:
    dialog = dialog_by(page, "a", name)
    assert violations(page) == []
    dialog.locator("[name=to]").select_option(label=to)
    dialog.locator("[name=reason]").fill(why)
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(row(page, name)).to_contain_text(to)


def on_the_timeline(page: Page, name: str, told: str, who: str) -> None:
    page.goto("/customers/")
    page.fill("#list-q", name)
    page.keyboard.press("Enter")
    page.click(f"td.name a:text-is('{name}')")
    expect(page.locator("h1")).to_have_text(name)
    entry = page.locator(".timeline li").first
    expect(entry).to_contain_text(told)
    expect(entry).to_contain_text(who)
