"""Whom a text names, and who of them is told."""

from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.mentions.actions import mark_read, suggested
from liuke.customers.mentions.rules import Person, mentions
from liuke.customers.models import Mention
from liuke.customers.records.actions import assign, register
from liuke.customers.timeline.actions import add_note, complain, log_contact, resolve
from liuke.customers.withdrawing.actions import withdraw
from liuke.platform.models import User

LI, LIN, ANN, ANNA = (
    Person(1, "李伟", "liwei"),
    Person(2, "李伟强", "qiang"),
    Person(3, "Ann", "ann"),
    Person(4, "Anna Meyer", "anna"),
)
PEOPLE = [LI, LIN, ANN, ANNA]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("请@李伟看一下", [LI]),
        ("@李伟强你怎么看", [LIN]),  # the longer name
        ("＠李伟：报价已发", [LI]),  # the wide sign of a Chinese keyboard
        ("@anna meyer, please; @ANN too", [ANNA, ANN]),
        ("@Annabel is nobody here", []),
        ("mail to office@anna.example", []),
        ("@qiang and @李伟强 are one", [LIN]),
        ("no sign at all, 李伟", []),
        ("@", []),
        ("ẞtraße İ @Ann", [ANN]),  # letters that grow when they are made small
    ],
)
def test_names_in_a_text(text: str, told: list[Person]) -> None:
    found = mentions(text, PEOPLE)
    assert [one.person for one in found] == told
    for one in found:
        assert text[one.start] in "@＠"
        assert text[one.start + 1 : one.end].casefold() in {
            one.person.name.casefold(),
            one.person.username,
        }


def test_of_two_with_one_name_each_is_called_by_his_user_name() -> None:
    twins = [Person(1, "李伟", "liwei"), Person(2, "李伟", "liwei2")]
    assert mentions("@李伟", twins) == []
    assert [one.person.pk for one in mentions("@liwei2 @liwei", twins)] == [2, 1]


def test_whoever_reads_the_customer_is_told_and_nobody_else(
    alice: User, sue: User, charlie: User, now: datetime
) -> None:
    """Charlie is of another team: named or not, he hears nothing of this customer."""
    customer = register(by=alice, now=now, name="Ann's shop")
    fact = add_note(customer, note="@Sue @Charlie @Alice look", by=alice, now=now)
    assert [one["id"] for one in fact.data["mentions"]] == [sue.pk]
    assert [one.whom for one in Mention.objects.all()] == [sue]
    assert Mention.objects.of(sue).count() == 1
    assert not Mention.objects.of(charlie).exists()


def test_every_kind_of_entry_names_once(alice: User, sue: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    log_contact(customer, channel="phone", outcome="complaint", note="@Sue broken", by=alice, now=now)
    assert Mention.objects.count() == 1  # the complaint that comes of it says the same again
    complaint = complain(customer, text="@Sue late", by=alice, now=now)
    resolve(complaint, text="@Sue sent anew", by=alice, now=now)
    resolve(complaint, text="@Sue sent anew", by=alice, now=now)  # a second answer gives the first
    assert Mention.objects.count() == 3


def test_sent_twice_from_a_telephone_it_is_told_once(alice: User, sue: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    for _again in range(2):
        log_contact(customer, channel="phone", outcome="reached", note="@Sue hi", key="k1", by=alice, now=now)
    assert Mention.objects.count() == 1


def test_pl02_whoever_may_read_no_more_sees_no_mention_either(
    alice: User, bob: User, charlie: User, olga: User, now: datetime
) -> None:
    customer = register(by=bob, now=now, name="Ann's shop")
    add_note(customer, note="@Bob look", by=olga, now=now)
    assert Mention.objects.of(bob).count() == 1
    assign([customer.pk], owner=charlie, by=olga, now=now)
    assert Mention.objects.of(bob).count() == 0


def test_what_came_in_since_stays_new(alice: User, sue: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    for text in ("@Sue one", "@Sue two", "@Sue three"):
        add_note(customer, note=text, by=alice, now=now)
    three, two, one = Mention.objects.of(sue)
    assert mark_read(sue, upto=two.pk, now=now) == 2
    assert list(Mention.objects.of(sue).filter(seen_at=None)) == [three]
    assert mark_read(alice, mention=three.pk, now=now) == 0  # not hers
    assert mark_read(sue, mention=three.pk, now=now) == 1
    assert one.fact.data["note"] == "@Sue one"


def test_offered_are_those_who_see_the_customer(
    alice: User, sue: User, olga: User, charlie: User, now: datetime
) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    offered = {user.name for user in suggested(customer, "", by=alice)}
    assert {"Sue", "Olga"} <= offered
    assert not offered & {"Alice", "Charlie"}
    assert [user.name for user in suggested(customer, "su", by=alice)] == ["Sue"]


def test_a_contact_taken_back_is_news_to_nobody(alice: User, sue: User, now: datetime) -> None:
    customer = register(by=alice, now=now, name="Ann's shop")
    slip = log_contact(customer, channel="phone", outcome="reached", note="@Sue hi", by=alice, now=now)
    withdraw(slip, by=alice, now=now)
    assert not Mention.objects.exists()
