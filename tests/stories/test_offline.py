"""A salesperson at the customer's, without a network: what he writes is kept, and sent once when there is one (MB01)."""

from __future__ import annotations

from typing import Any

import pytest

from liuke.customers.models import Customer, Fact
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.platform.showcase.tests.conftest import chromium, page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
__all__ = ["chromium", "page"]
PHONE = {"width": 375, "height": 740}


@pytest.fixture
def held(page: Any, live_server: Any, client: Any, alice: User, now: Any) -> Customer:
    """Alice's customer, and Alice at the phone."""
    client.force_login(alice)
    session = client.cookies["sessionid"].value if "sessionid" in client.cookies else None
    page.context.add_cookies(
        [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in client.cookies.items()
        ]
    )
    assert session or client.cookies
    page.set_viewport_size(PHONE)
    return register(by=None, now=now, name="安的店", owner=alice)


def noted(customer: Customer) -> list[str]:
    return [fact.data["note"] for fact in Fact.objects.filter(customer=customer, kind="visited")]


def write(page: Any, note: str) -> None:
    page.check("dialog [name=channel][value=visit]")
    page.check("dialog [name=outcome][value=reached]")
    page.fill("dialog textarea[name=note]", note)
    page.click("dialog .btn.primary")


def waiting(page: Any) -> int:
    return int(page.evaluate("JSON.parse(localStorage.getItem('liuke.queue') || '[]').length"))


def test_mb01_written_offline_with_the_form_open_is_sent_later_and_once(page: Any, held: Customer) -> None:
    page.goto(f"/customers/{held.pk}/")
    page.click(".head-actions .btn.primary")
    page.wait_for_selector("dialog[open] textarea")
    page.context.set_offline(True)
    write(page, "货架上少了两款")
    page.wait_for_selector(".toast[data-waiting]")
    assert (waiting(page), noted(held), page.locator("dialog[open]").count()) == (1, [], 0)
    page.context.set_offline(False)
    page.wait_for_selector(".toast.ok")
    page.wait_for_selector("#timeline >> text=货架上少了两款")
    assert (waiting(page), noted(held)) == (0, ["货架上少了两款"])
    assert page.locator(".toast[data-waiting]").count() == 0


def test_mb01_offline_before_the_form_was_there(page: Any, held: Customer) -> None:
    page.goto(f"/customers/{held.pk}/")
    page.context.set_offline(True)
    for note in ("第一次", "第二次"):
        page.click(".head-actions .btn.primary")
        page.wait_for_selector("dialog[open] form[data-spare]")
        write(page, note)
        page.wait_for_selector("dialog:not([open])", state="attached")
    assert (waiting(page), noted(held)) == (2, [])
    page.context.set_offline(False)
    page.wait_for_selector(".toast.ok")
    assert (waiting(page), sorted(noted(held))) == (0, ["第一次", "第二次"])


def test_mb01_refused_is_told_and_nothing_typed_is_lost(
    page: Any, held: Customer, charlie: User, now: Any
) -> None:
    page.goto(f"/customers/{held.pk}/")
    page.click(".head-actions .btn.primary")
    page.wait_for_selector("dialog[open] textarea")
    page.context.set_offline(True)
    write(page, "他要换人跟")
    page.wait_for_selector(".toast[data-waiting]")
    Customer.objects.filter(pk=held.pk).update(owner=charlie)
    page.context.set_offline(False)
    page.wait_for_selector(".toast.danger")
    assert "他要换人跟" in page.text_content(".toast.danger")
    assert noted(held) == []


def test_a_visit_takes_five_taps_at_most(page: Any, held: Customer) -> None:
    """MB01: from the customer's card, with a note (typing is not a tap)."""
    page.goto(f"/customers/{held.pk}/")
    taps = 0
    for target in (
        ".head-actions .btn.primary",
        "dialog label:has([name=channel][value=visit])",
        "dialog label:has([name=outcome][value=reached])",
        "dialog textarea[name=note]",
    ):
        page.wait_for_selector(target)
        page.click(target)
        taps += 1
    page.keyboard.type("谈了春季订货")
    page.click("dialog .btn.primary")
    taps += 1
    page.wait_for_selector("#timeline >> text=谈了春季订货")
    assert (taps <= 5, noted(held)) == (True, ["谈了春季订货"])
