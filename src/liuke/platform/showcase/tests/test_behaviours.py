"""The generic scripts in a real browser: keys, dialog, selection, theme, what happens when the server fails."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def kit(page: Any) -> Any:
    page.goto("/kit/")
    page.evaluate("document.activeElement.blur()")
    return page


def focused(page: Any, what: str = "textContent") -> str:
    return str(page.evaluate(f"document.activeElement.{what}")).strip()


def test_j_and_k_walk_the_rows_and_enter_opens(kit: Any) -> None:
    kit.keyboard.press("j")
    kit.keyboard.press("j")
    assert focused(kit) == "诺丁山家居"
    kit.keyboard.press("k")
    assert kit.locator("[data-current]").count() == 1
    assert focused(kit) == "汉普顿礼品（伦敦）"
    kit.keyboard.press("Enter")
    kit.wait_for_url("**/kit/?open=1")


def test_a_rows_key_presses_its_own_button(kit: Any) -> None:
    kit.keyboard.press("j")
    kit.keyboard.press("l")
    kit.wait_for_selector("dialog[open] form")
    assert kit.locator("#dialog-title").text_content() == "记一次联系"


def test_keys_type_in_a_field(kit: Any) -> None:
    kit.focus("#say")
    kit.keyboard.type("jxl?")
    assert kit.input_value("#say") == "jxl?"
    assert kit.locator("dialog[open]").count() == 0


def test_the_sheet_of_keys_opens_and_closes(kit: Any) -> None:
    kit.keyboard.press("?")
    assert kit.locator("#keys[open]").count() == 1
    kit.keyboard.press("Escape")
    assert kit.locator("#keys[open]").count() == 0


def test_a_dialog_returns_the_focus_to_where_it_came_from(kit: Any) -> None:
    kit.focus(".head-actions [data-dialog]")
    kit.keyboard.press("Enter")
    kit.wait_for_selector("dialog[open] input:visible")
    assert focused(kit, "name") == "name"
    kit.keyboard.press("Escape")
    kit.wait_for_selector("#dialog:not([open])", state="attached")
    assert kit.evaluate("document.activeElement.matches('.head-actions [data-dialog]')")


def test_a_dialog_opened_from_a_menu_returns_the_focus_to_the_menu(kit: Any) -> None:
    kit.locator("main details.menu summary").first.click()
    kit.locator("main details.menu [data-dialog]").first.click()
    kit.wait_for_selector("dialog[open] input:visible")
    assert kit.locator("details.menu[open]").count() == 0
    kit.keyboard.press("Escape")
    kit.wait_for_selector("#dialog:not([open])", state="attached")
    assert kit.evaluate("document.activeElement === document.querySelector('main details.menu summary')")


def test_what_the_browser_finds_missing_is_told_by_us_in_our_language(kit: Any) -> None:
    kit.click(".head-actions [data-dialog]")
    kit.click("dialog .btn.primary")
    kit.wait_for_selector("dialog .field.wrong .error")
    name = kit.locator("dialog [name=name]")
    told = kit.locator(f"#{name.get_attribute('aria-errormessage')}")
    assert told.text_content() == "请填写这一项。"
    assert focused(kit, "name") == "name"
    name.fill("沈若川")
    assert told.count() == 0
    assert name.get_attribute("aria-invalid") is None


def test_a_chosen_day_stands_below_its_box_in_the_products_language(kit: Any) -> None:
    kit.locator("#good input[type=date]").fill("2026-12-04")
    assert kit.locator("#good [data-day]").inner_text() == "2026年12月4日星期五"
    kit.locator("#good input[type=date]").fill("")
    assert kit.locator("#good [data-day]").inner_text() == ""


def test_a_wrong_form_in_the_dialog_says_what_is_missing_and_keeps_the_rest(kit: Any) -> None:
    kit.click(".head-actions [data-dialog]")
    kit.fill("dialog [name=city]", "义乌")
    kit.check("dialog [name=channel][value=visit]")
    kit.evaluate("document.querySelector('dialog form').noValidate = true")
    kit.click("dialog .btn.primary")
    kit.wait_for_selector("dialog .form-errors")
    assert kit.input_value("dialog [name=city]") == "义乌"
    assert kit.evaluate("document.activeElement.matches('.form-errors')")
    kit.fill("dialog [name=name]", "汉普顿礼品")
    kit.click("dialog .btn.primary")
    kit.wait_for_selector(".toast.ok")
    assert kit.locator("dialog[open]").count() == 0
    assert "已保存" in (kit.locator(".toast.ok").text_content() or "")


def test_choosing_rows_brings_the_bar_and_all_that_match(kit: Any) -> None:
    bar = kit.locator("[data-bulk-bar]")
    assert bar.is_hidden()
    kit.check("tbody tr:nth-child(1) [name=ids]")
    kit.locator("tbody tr:nth-child(3) [name=ids]").click(modifiers=["Shift"])
    assert bar.locator("[data-bulk-count]").text_content() == "3"
    assert bar.locator(".all-matching").is_hidden()
    kit.check("[data-bulk-all]")
    kit.check(".all-matching input")
    assert bar.locator("[data-bulk-count]").text_content() == "4,338"
    kit.click("[data-bulk-clear]")
    assert bar.is_hidden()


def test_x_chooses_the_current_row(kit: Any) -> None:
    for _ in range(4):
        kit.keyboard.press("j")
    kit.keyboard.press("x")
    assert kit.locator("[data-bulk-count]").text_content() == "1"


def test_one_menu_at_a_time_and_escape_closes_it(kit: Any) -> None:
    menus = kit.locator("details[data-menu]")
    menus.nth(0).locator("summary").click()
    menus.nth(1).locator("summary").click()
    assert kit.locator("details[data-menu][open]").count() == 1
    kit.keyboard.press("Escape")
    assert kit.locator("details[data-menu][open]").count() == 0


@pytest.mark.parametrize(
    ("status", "says"), [(403, "您的角色无权这样做"), (404, "已经不在了"), (500, "没有成功"), (503, "正忙")]
)
def test_a_failed_request_becomes_a_toast_with_a_remedy(kit: Any, status: int, says: str) -> None:
    kit.route("**/kit/dialog/", lambda route: route.fulfill(status=status, body=""))
    kit.click(".head-actions [data-dialog]")
    kit.wait_for_selector(".toast.danger")
    assert says in (kit.locator(".toast.danger").text_content() or "")
    assert kit.locator("dialog[open]").count() == 0


def test_a_lost_connection_says_so_and_keeps_what_was_typed(kit: Any) -> None:
    kit.click(".head-actions [data-dialog]")
    kit.fill("dialog [name=name]", "汉普顿礼品")
    kit.check("dialog [name=channel][value=phone]")
    kit.route("**/kit/dialog/", lambda route: route.abort())
    kit.click("dialog .btn.primary")
    kit.wait_for_selector(".toast.danger")
    assert "连不上服务器" in (kit.locator(".toast.danger").text_content() or "")
    assert kit.input_value("dialog [name=name]") == "汉普顿礼品"


def test_signed_out_meanwhile_keeps_what_was_typed(kit: Any) -> None:
    kit.click(".head-actions [data-dialog]")
    kit.fill("dialog [name=name]", "汉普顿礼品")
    kit.check("dialog [name=channel][value=phone]")
    kit.route(
        "**/kit/dialog/",
        lambda route: route.fulfill(status=401, headers={"HX-Redirect": "/sign-in/"}, body=""),
    )
    kit.click("dialog .btn.primary")
    kit.wait_for_selector(".toast.warn")
    assert "登录已过期" in (kit.locator(".toast.warn").text_content() or "")
    assert kit.url.endswith("/kit/")
    assert kit.input_value("dialog [name=name]") == "汉普顿礼品"


def test_a_form_interrupted_by_the_sign_in_page_is_filled_again(kit: Any) -> None:
    """The plain way, without htmx: sent, led to the sign-in page, signed in, back on the form."""
    kit.fill("#good [name=note]", "她说在比较另一家")
    kit.evaluate("document.getElementById('good').noValidate = true")
    kit.route("**/kit/", lambda route: route.fulfill(body=SIGN_IN, content_type="text/html"), times=1)
    kit.click("#good .btn.primary")
    kit.wait_for_selector("text=signed out")
    kit.goto("/kit/")
    kit.wait_for_selector(".toast.ok")
    assert kit.input_value("#good [name=note]") == "她说在比较另一家"


SIGN_IN = """<!doctype html><title>x</title><body class=plain><p>signed out</p><div id=toasts></div>
<script id=kit-words type=application/json>{}</script>
<script src=/static/kit/requests.js></script>
<script src=/static/kit/forms.js></script>"""


def test_a_chart_draws_again_when_the_theme_changes(kit: Any) -> None:
    kit.wait_for_selector(".chart canvas")
    before = kit.evaluate("document.querySelector('.chart canvas').toDataURL()")
    kit.evaluate(
        "document.documentElement.dataset.theme = 'dark'; document.dispatchEvent(new CustomEvent('kit:theme'))"
    )
    kit.wait_for_function("(old) => document.querySelector('.chart canvas').toDataURL() !== old", arg=before)


def test_a_chart_that_cannot_be_drawn_shows_its_table(page: Any) -> None:
    page.route("**/echarts*", lambda route: route.abort())
    page.goto("/kit/")
    page.wait_for_selector(".behind[open] table")
    assert "¥186,400" in (page.locator(".behind[open]").nth(1).text_content() or "")


def test_without_a_script_the_page_still_works(chromium: Any, live_server: Any, settings: Any) -> None:
    settings.DEBUG = True
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/kit/")
    page.locator("details.menu summary").first.click()
    assert page.locator("details.menu .menu-items").first.is_visible()
    page.locator(".head-actions [data-dialog]").click()
    assert page.locator("h1").text_content() == "记一次联系"
    page.fill("[name=name]", "汉普顿礼品")
    page.check("[name=channel][value=phone]")
    page.click(".btn.primary")
    assert page.url.endswith("/kit/")
    assert "已保存" in (page.locator(".toast").text_content() or "")
    context.close()


def test_the_tab_one_is_on_is_in_view_on_a_phone(page: Any) -> None:
    tabs = "".join(f'<a href="?tab={n}"{" aria-current=page" * (n == 9)}>Tab {n}</a>' for n in range(10))

    def widened(route: Any) -> None:
        answer = route.fetch()
        head, _nav, rest = answer.text().partition('<nav class="tabs"')
        opened, _end, tail = rest.partition(">")
        route.fulfill(response=answer, body=f'{head}<nav class="tabs"{opened}>{tabs}{tail}')

    page.set_viewport_size({"width": 390, "height": 844})
    page.route("**/kit/", widened)
    page.goto("/kit/")
    box = page.get_by_text("Tab 9", exact=True).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
