"""Cards that people keep, and nobody walks off with: a supervisor's weekly inspection, a successor's first morning, and a
field that the owner adds and finds everywhere. In Chinese and in English, at a desk and on a phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from liuke.platform.showcase.tests.test_accessibility import violations

from .cast import PASSWORD
from .conftest import PATIENCE_MS, Company, Enter, serving

pytestmark = [pytest.mark.browser, pytest.mark.long]
expect.set_options(timeout=PATIENCE_MS)

HELD, PROMISED = 520, 8  # as office.py makes them
LANGUAGES = {"zh": 1440, "en": 390}  # at a desk and on a phone


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with serving(tmp_path_factory, "office", "tests.stories.office") as served:
        yield served


def speaks(page: Page, language: str) -> None:
    """The office's people read Chinese by their profile; in the English story they switch."""
    if language == "en":
        page.evaluate(
            """() => fetch('/language/', {method: 'POST', headers: {'X-CSRFToken':
            JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']},
            body: new URLSearchParams({language: 'en', next: '/'})})"""
        )
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "en")


def clean(page: Page) -> None:
    assert violations(page) == []
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def dialog(page: Page) -> Locator:
    return page.locator("dialog[open]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_db10_a_supervisor_inspects_the_cards_of_the_week(
    office: Company, enter: Enter, language: str
) -> None:
    """The least complete first: one is returned with a word, completed with one key, accepted; another is confirmed."""
    width, place = LANGUAGES[language], list(LANGUAGES).index(language)
    name, other = f"明月客户{place:02}号", f"明月客户{place + 2:02}号"
    boss = enter(office.url, "sun", width=width)
    speaks(boss, language)
    boss.goto("/customers/?complete.most=99&sort=complete&columns=name&columns=complete&columns=checked")
    clean(boss)
    boss.fill("#list-q", name)
    boss.keyboard.press("Enter")
    boss.click(f"td.name a:text-is('{name}')")
    expect(boss.locator("h1")).to_have_text(name)
    boss.click("a[href$='/return/']")
    dialog(boss).locator("[name=note]").fill("请补上电话和行业")
    dialog(boss).locator("button.primary").click()
    expect(dialog(boss)).to_have_count(0)

    seller = enter(office.url, "ming", width=width)
    speaks(seller, language)
    asked = seller.locator("#today [data-row]", has_text=name)
    expect(asked).to_contain_text("请补上电话和行业")
    asked.locator("a", has_text=name).first.click()
    expect(seller.locator("h1")).to_have_text(name)
    seller.evaluate("document.activeElement.blur()")
    seller.keyboard.press("m")
    form = dialog(seller)
    expect(form.locator("form")).to_be_visible()
    assert violations(seller) == []
    form.locator("[name=phone]").fill(f"1391000{place:04}")
    form.locator("button.primary").click()
    expect(form).to_have_count(0)
    expect(seller.locator("#card")).to_contain_text(re.compile(rf"139 ?1000 ?{place:04}"))

    boss.reload()
    boss.click("form[action$='/acceptance/'] button")
    expect(boss.locator("a[href$='/return/']")).to_have_count(1)
    seller.goto("/")
    expect(
        seller.locator("#today [data-row]", has_text="请补上电话和行业").locator("a", has_text=name)
    ).to_have_count(0)

    boss.goto(f"/customers/?q={other}")
    boss.click(f"td.name a:text-is('{other}')")
    boss.click("form[action$='/verification/'] button")
    expect(boss.locator("#card")).to_contain_text(re.compile("孙立"))
    clean(boss)


def test_db14_a_successor_takes_over_520_customers(office: Company, enter: Enter) -> None:
    """Preview, hand over, out at once; the successor begins with what is worth most, promises come along; and back again."""
    leaver = enter(office.url, "gao")
    expect(leaver.locator("h1")).to_be_visible()
    boss = enter(office.url, "sun", language="en")
    speaks(boss, "en")
    boss.goto("/settings/handovers/departure/")
    boss.select_option("[name=person]", label="高远")
    boss.click("form[method=get] button")
    expect(boss.locator(".stats")).to_contain_text(str(HELD))
    expect(boss.locator(".stats")).to_contain_text(str(PROMISED))
    clean(boss)
    boss.get_by_label("罗敏").check()
    boss.click("form[method=get] button")
    form = boss.locator("form[method=post]", has=boss.locator("[name=reason]"))
    form.locator("[name=leaves]").check()
    form.locator("[name=reason]").fill("moves to another town")
    form.locator("button.primary").click()
    boss.wait_for_url(re.compile(r"/settings/handovers/\d+/"))
    where = boss.url
    expect(boss.locator("#live .notice.ok")).to_be_visible()
    expect(boss.locator("#live table")).to_contain_text(str(HELD))
    clean(boss)
    leaver.goto("/customers/")
    expect(leaver.locator("[name=password]")).to_be_visible()  # out at once

    heir = enter(office.url, "luo", width=390)
    expect(heir.locator("#today [data-row]").first).to_be_visible()
    heir.goto("/customers/?owner=me")
    expect(heir.locator("main")).to_contain_text(str(HELD))
    heir.goto("/?kind=promise")
    expect(heir.locator("#today [data-row]", has_text="周五前寄样品")).to_have_count(PROMISED)
    clean(heir)
    heir.goto("/customers/?q=G0000")
    if heir.locator("h1", has_text="客户第0000号商行").count() == 0:
        heir.click("td.name a")
    told = heir.locator(".timeline")
    expect(told).to_contain_text("老板喜欢先看样品再谈价")
    expect(told).to_contain_text("高远")  # who wrote stays

    boss.goto(where)
    boss.on("dialog", lambda asks: asks.accept())
    boss.click("form[action$='/reversal/'] button")
    expect(boss.locator("#live .notice.ok")).to_be_visible()
    heir.goto("/customers/?owner=me")
    expect(heir.locator("tbody tr")).to_have_count(0)
    back = enter(office.url, "gao")
    back.goto("/customers/?owner=me")
    expect(back.locator("main")).to_contain_text(str(HELD))


@pytest.mark.parametrize("language", LANGUAGES)
def test_db16_the_owner_adds_a_field_and_finds_it_everywhere(
    office: Company, enter: Enter, language: str
) -> None:
    """On the form, the card, in the filter, as a column, in the export, in an import and over the API."""
    width, place = LANGUAGES[language], list(LANGUAGES).index(language)
    word = {"zh": "货车数量", "en": "Number of trucks"}[language]
    name = f"明月客户{place + 4:02}号"
    owner = enter(office.url, "olga", language=language, width=width)
    if language == "zh":
        owner.evaluate(
            """() => fetch('/language/', {method: 'POST', headers: {'X-CSRFToken':
            JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']},
            body: new URLSearchParams({language: 'zh-hans', next: '/'})})"""
        )
    owner.goto("/settings/fields/new/")
    owner.select_option("[name=type]", "whole")
    for code in ("zh_hans", "zh_hant", "en"):
        if owner.locator(f"[name=name_{code}]").count():
            owner.fill(f"[name=name_{code}]", word)
    clean(owner)
    owner.click("form.form button.primary")
    owner.wait_for_url("**/settings/fields/")
    expect(owner.locator("main")).to_contain_text(word)

    owner.goto(f"/customers/?q={name}")
    if owner.locator("h1", has_text=name).count() == 0:
        owner.click(f"td.name a:text-is('{name}')")
    card = owner.url
    owner.goto(f"{card}edit/")
    owner.get_by_label(word, exact=False).first.fill("12")
    owner.locator("form.form button.primary").first.click()
    owner.wait_for_url(re.compile(r"/customers/\d+/$"))
    expect(owner.locator("#card")).to_contain_text(word)
    clean(owner)

    owner.goto("/customers/filters/")
    field = owner.locator("[name^='f'][name$='.least'], [name*='.least']").locator("visible=true")
    assert field.count()
    key = owner.evaluate(
        """(word) => [...document.querySelectorAll('fieldset, .field, tr, label')]
        .filter((one) => one.textContent.includes(word))
        .flatMap((one) => [...one.querySelectorAll('[name]')]).map((one) => one.name.split('.')[0])[0]""",
        word,
    )
    assert key
    owner.goto(f"/customers/?{key}.least=10&columns=name&columns={key}&sort=-{key}")
    expect(owner.locator("tbody tr")).to_have_count(1)
    expect(owner.locator("tbody tr")).to_contain_text(name)
    expect(owner.locator("tbody tr")).to_contain_text("12")
    with owner.expect_download() as taken:
        owner.evaluate(f"location.href = '/customers/export/?format=csv&{key}.least=10'")
    text = taken.value.path().read_text("utf-8-sig")
    assert word in text.splitlines()[0]
    assert name in text

    owner.goto("/imports/new/?target=customers")
    rows = f"客户编号,{word}\nM{place + 6:02},7\n"
    owner.set_input_files(
        "[name=file]", {"name": "trucks.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    owner.click("button.primary")
    owner.wait_for_url("**/columns/")
    assert owner.locator(f"select option:checked:text-is('{word}')").count() == 1  # matched by its name
    owner.click("form:not([action]) button.primary")
    owner.wait_for_url("**/imports/*/")
    owner.click("#live form[action$='/run/'] button")
    expect(owner.locator("a[href$='/rejects/'], #live .notice.ok, #live .stat").first).to_be_visible()
    owner.goto(f"/customers/?{key}.least=7&columns=name&columns={key}")
    expect(owner.locator("tbody tr")).to_have_count(2)

    owner.goto("/profile/tokens/")
    owner.fill("[name=name]", f"trucks {language}")
    for choice in owner.locator("form.form select:has(option[value=read])").all():
        choice.select_option("read")
    owner.fill("[name=password]", PASSWORD)
    owner.click("form.form button.primary")
    token = (owner.locator("code.secret").text_content() or "").strip()
    path = f"/api/v1/customers/{card.rstrip('/').rpartition('/')[2]}"
    answer = owner.request.get(path, headers={"Authorization": f"Bearer {token}"})
    assert 12 in answer.json()["fields"].values()
