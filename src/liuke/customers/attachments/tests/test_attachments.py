"""Files on the timeline: kept whole with their entry, judged, taken away for good."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from liuke.customers.attachments.actions import may_take_away, take_away
from liuke.customers.attachments.rules import LIMIT_BYTES, MOST_FILES
from liuke.customers.models import Attachment, Customer, Fact
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.timeline.actions import add_note, complain, log_contact
from liuke.platform.access.rules import Denied
from liuke.platform.files.actions import open_file, path_of
from liuke.platform.models import AuditEntry, StoredFile, User

PHOTO = b"\xff\xd8\xff\xe0 a photo"


def photo(name: str = "柜台.jpg", content: bytes = PHOTO) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_entry_names_its_files_and_each_is_whole(alice: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    fact = add_note(customer, note="", attachments=[photo(), photo("b.pdf", b"%PDF-1.7")], by=alice, now=now)
    assert [one["name"] for one in fact.data["files"]] == ["柜台.jpg", "b.pdf"]
    one, _two = Attachment.objects.for_user(alice).order_by("id")
    assert [one.pk, len(PHOTO)] == [fact.data["files"][0]["id"], fact.data["files"][0]["size"]]
    assert one.file
    with open_file(one.file) as kept:
        assert kept.read() == PHOTO


def test_contacts_and_complaints_bring_files_too(alice: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    log_contact(customer, channel="visit", outcome="reached", attachments=[photo()], by=alice, now=now)
    complain(customer, text="broken", attachments=[photo("broken.png")], by=alice, now=now)
    assert [one.fact.kind for one in Attachment.objects.order_by("id")] == ["visited", "complained"]


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (photo("empty.txt", b""), "is empty"),
        (photo("price.exe", b"MZ"), "is a program"),
        (photo("photo.jpg", b"MZ\x90\x00 not a photo"), "is a program"),
        (photo("run", b"#!/bin/sh"), "is a program"),
        (photo("large.bin", b"x" * (LIMIT_BYTES + 1)), "21 MB"),
    ],
)
def test_what_is_not_kept_is_said_by_its_name_and_nothing_is_written(
    file: SimpleUploadedFile, says: str, alice: User, now: datetime
) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    before = Fact.objects.count()
    with pytest.raises(Unfit) as refused, transaction.atomic():
        add_note(customer, note="see", attachments=[photo(), file], by=alice, now=now)
    assert refused.value.field == "attachments"
    assert says in str(refused.value)
    assert file.name in str(refused.value)
    assert Fact.objects.count() == before
    assert not Attachment.objects.exists()
    assert not StoredFile.objects.exists()


def test_more_than_an_entry_takes(alice: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    with pytest.raises(Unfit, match=f"{MOST_FILES + 1} files"):
        add_note(
            customer,
            note="see",
            attachments=[photo(f"{n}.jpg") for n in range(MOST_FILES + 1)],
            by=alice,
            now=now,
        )


def test_a_note_without_words_and_files_is_none(alice: User, now: datetime) -> None:
    with pytest.raises(Unfit):
        add_note(register(by=alice, now=now, name="Ann's shop"), note=" ", attachments=[], by=alice, now=now)


def test_taken_away_its_bytes_are_gone_and_the_entry_stays(
    alice: User, now: datetime, django_capture_on_commit_callbacks: object
) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    fact = add_note(customer, note="see", attachments=[photo()], by=alice, now=now)
    held = Attachment.objects.get()
    assert held.file
    path = path_of(held.file)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's own
        gone = take_away(held, reason="the wrong customer", by=alice, now=now)
    assert not path.exists()
    assert gone.file is None
    assert gone.removed_by == alice
    assert Fact.objects.get(pk=fact.pk).data["files"][0]["name"] == "柜台.jpg"
    assert AuditEntry.objects.filter(action="customers.remove_file", reason="the wrong customer").count() == 1
    take_away(held, reason="again", by=alice, now=now)
    assert AuditEntry.objects.filter(action="customers.remove_file").count() == 1


def test_only_who_brought_it_or_leads_the_team_takes_it_away(
    alice: User, bob: User, sue: User, charlie: User, now: datetime
) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    add_note(customer, note="see", attachments=[photo()], by=sue, now=now)
    held = Attachment.objects.get()
    assert not may_take_away(held, alice)  # Sue brought it
    with pytest.raises(Denied):
        take_away(held, reason="mine", by=alice, now=now)
    assert may_take_away(held, sue)
    assert not Attachment.objects.for_user(charlie).exists()
    with pytest.raises((Denied, Customer.DoesNotExist)):
        take_away(held, reason="mine", by=charlie, now=now)


def test_a_contentfile_of_a_program_is_kept_too(alice: User, now: datetime) -> None:
    add_note(
        register(by=alice, now=now, name="X"),
        note="",
        attachments=[ContentFile(b"text", name="a.txt")],
        by=alice,
        now=now,
    )
    assert Attachment.objects.get().size == 4
