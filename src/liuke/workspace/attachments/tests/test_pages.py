"""Files through the pages: brought with a note, taken along, taken away."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from liuke.customers.models import Attachment, Customer, Fact
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk


@pytest.fixture
def ann(add: Add, alice: User) -> Customer:
    return add(alice, "Ann's shop")


def bring(desk: Desk, alice: User, ann: Customer, **more: str) -> Attachment:
    files = [SimpleUploadedFile("柜台 1.jpg", b"\xff\xd8 photo"), SimpleUploadedFile("<b>.txt", b"text")]
    answer = desk(alice).post(f"/customers/{ann.pk}/notes/", {"note": "see", "attachments": files, **more})
    assert answer.status_code == 302
    return Attachment.objects.order_by("pk")[0]


def test_a_note_brings_files_that_stand_on_the_timeline(desk: Desk, alice: User, ann: Customer) -> None:
    held = bring(desk, alice, ann)
    page = desk(alice).get(f"/customers/{ann.pk}/").content.decode()
    assert f'href="/customers/{ann.pk}/attachments/{held.pk}/content/"' in page
    assert "柜台 1.jpg" in page
    assert "&lt;b&gt;.txt" in page
    answer = desk(alice).get(f"/customers/{ann.pk}/attachments/{held.pk}/content/")
    assert b"".join(answer.streaming_content) == b"\xff\xd8 photo"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_not_kept_is_said_beside_the_field(desk: Desk, alice: User, ann: Customer) -> None:
    program = SimpleUploadedFile("price.exe", b"MZ")
    answer = desk(alice).post(
        f"/customers/{ann.pk}/notes/", {"note": "what I typed", "attachments": [program]}
    )
    assert answer.status_code == 422
    assert "“price.exe” is a program" in answer.content.decode()
    assert "what I typed" in answer.content.decode()
    assert not Fact.objects.filter(kind="noted").exists()


def test_neither_words_nor_files(desk: Desk, alice: User, ann: Customer) -> None:
    answer = desk(alice).post(f"/customers/{ann.pk}/notes/", {"note": ""})
    assert answer.status_code == 422
    assert "Please fill this in" in answer.content.decode()


def test_taken_away_it_says_who_and_why(desk: Desk, alice: User, sue: User, ann: Customer) -> None:
    held = bring(desk, alice, ann)
    path = f"/customers/{ann.pk}/attachments/{held.pk}/"
    assert desk(alice).post(path, {"reason": ""}).status_code == 422
    assert desk(alice).post(path, {"reason": "the wrong shop"}).status_code == 302
    page = desk(sue).get(f"{path}content/", follow=True).content.decode()
    assert "Taken away by Alice: the wrong shop" in page
    assert "Save a copy" not in page


def test_pl02_another_team_gets_neither_file_nor_page(
    desk: Desk, alice: User, charlie: User, add: Add, ann: Customer
) -> None:
    held = bring(desk, alice, ann)
    own = add(charlie, "Charlie's")
    for customer in (ann, own):  # nor by way of a customer of his own
        for more in ("", "content/"):
            path = f"/customers/{customer.pk}/attachments/{held.pk}/{more}"
            assert desk(charlie).get(path).status_code == 404
    assert (
        desk(charlie).post(f"/customers/{ann.pk}/attachments/{held.pk}/", {"reason": "x"}).status_code == 404
    )


def test_whoever_is_named_and_does_not_see_the_customer_is_said_to_the_author(
    desk: Desk, alice: User, charlie: User, ann: Customer
) -> None:
    answer = desk(alice).post(f"/customers/{ann.pk}/notes/", {"note": "@Charlie look"}, follow=True)
    assert "Not told, because they do not see this customer: Charlie" in answer.content.decode()
