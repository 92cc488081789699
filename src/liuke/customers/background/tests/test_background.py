"""Background notes: with consent, for the owner and the supervisor, each reading in the audit (CT06)."""

from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.background.actions import erase_background, read_background, write_background
from liuke.customers.models import Background, Customer
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.models import AuditEntry, Role, User

NOTES = {"hobbies": "plays Go", "taboos": "no white flowers"}


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    customer = register(by=alice, now=now, name="Ann")
    write_background(customer, None, NOTES, consent="said so on 1 March", by=alice, now=now)
    return customer


def test_ct06_only_the_owner_and_the_supervisor_see_them(
    ann: Customer, alice: User, bob: User, charlie: User, sue: User, olga: User, now: datetime
) -> None:
    for user, sees in ((alice, True), (sue, True), (olga, True), (bob, False), (charlie, False)):
        held = read_background(ann, None, by=user, now=now)
        assert bool(held) == sees, user
    User.objects.filter(pk=bob.pk).update(role=Role.objects.get(code="service"))  # reads and writes everybody
    assert read_background(ann, None, by=User.objects.get(pk=bob.pk), now=now) is None


def test_ct06_each_reading_is_in_the_audit_and_says_nothing_of_what_was_read(
    ann: Customer, sue: User, now: datetime
) -> None:
    read_background(ann, None, by=sue, now=now)
    entry = AuditEntry.objects.get(action="background.read")
    assert (entry.actor, entry.subject_id) == (sue, ann.pk)
    told = " ".join(str(one.changes) for one in AuditEntry.objects.all())
    assert "Go" not in told
    assert "flowers" not in told


def test_ct06_without_consent_nothing_is_kept(alice: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ben")
    with pytest.raises(Unfit) as refused:
        write_background(customer, None, NOTES, consent=" ", by=alice, now=now)
    assert refused.value.field == "consent"
    assert not Background.objects.exists()


def test_ct06_a_withdrawn_consent_takes_all_of_it(ann: Customer, alice: User, now: datetime) -> None:
    erase_background(ann, None, by=alice, now=now)
    assert not Background.objects.exists()


def test_ct06_no_search_finds_what_is_in_them(ann: Customer) -> None:
    for words in ("Go", "flowers", "plays"):
        assert not Customer.objects.search(words, by=None).exists()


def test_who_may_not_see_may_not_write_either(ann: Customer, alice: User, bob: User, now: datetime) -> None:
    User.objects.filter(pk=bob.pk).update(role=Role.objects.get(code="service"))
    service = User.objects.get(pk=bob.pk)
    assert not service.may(Right.SEE_BACKGROUND)
    with pytest.raises(Background.DoesNotExist):
        write_background(ann, None, {}, consent="x", by=service, now=now)
    assert Background.objects.get().hobbies == "plays Go"
