"""DB20: two records of one customer become one, with all that hangs on them, and two again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.former.actions import led_by_id, led_by_number
from liuke.customers.merging.actions import last_merge, merge, undo
from liuke.customers.merging.tests.conftest import State, Twice
from liuke.customers.models import (
    Background,
    Card,
    Contact,
    Customer,
    FieldValue,
    FollowUp,
    Merge,
    Purchase,
    Relation,
    Standing,
)
from liuke.customers.records.actions import add_point, edit, register, remove_contact
from liuke.customers.records.rules import NewContact, Unfit
from liuke.customers.timeline.actions import add_note
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, Role


def test_db20_two_and_three_orders_are_five_and_the_log_can_undo_it(twice: Twice, sue, now) -> None:
    assert (twice.here.purchases.count(), twice.gone.purchases.count()) == (2, 3)
    done = merge(twice.here, [twice.gone], by=sue, now=now)
    assert twice.here.purchases.count() == 5
    entry = AuditEntry.objects.get(action="customers.merge")
    assert (entry.subject_id, entry.changes["merged"]) == (twice.here.pk, [None, ["K-2"]])
    undo(done, by=sue, now=now)
    assert (twice.here.purchases.count(), twice.gone.purchases.count()) == (2, 3)
    assert AuditEntry.objects.filter(action="customers.unmerge", subject_id=twice.here.pk).exists()


def test_db20_merged_and_undone_every_table_is_as_it_was(twice: Twice, state: State, sue, now) -> None:
    before = state()
    done = merge(twice.here, [twice.gone], by=sue, now=now)
    assert not Customer.objects.filter(pk=twice.gone.pk).exists()
    assert state() != before
    undone = undo(done, by=sue, now=now + timedelta(days=1))
    after = state()
    assert {label: after[label] for label in after} == before
    assert (undone.result.kept, undone.result.missing) == ([], 0)


def test_db20_the_survivor_has_everything_once(twice: Twice, sue, now) -> None:
    facts = Fact.objects.filter(customer__in=[twice.here, twice.gone]).count()
    merge(twice.here, [twice.gone], by=sue, now=now)
    here = Customer.objects.get(pk=twice.here.pk)
    assert here.facts.count() == facts + 1
    persons = list(here.contacts.order_by("name").values_list("name", "is_primary"))
    assert persons == [("Only K-1", False), ("Only K-2", False), ("王芳", True)]
    normals = list(here.points.order_by("normal").values_list("kind", "normal"))
    assert normals == [
        ("mobile", "+8613800001111"),
        ("phone", "+862155551010"),
        ("phone", "+862155551020"),
        ("email", "k-1@example.com"),
        ("email", "k-2@example.com"),
        ("wechat", "wangfang"),
    ]
    assert here.points.filter(is_preferred=True).count() == 1
    offices = list(here.departments.order_by("name").values_list("name", "office"))
    assert offices == [("仓库", "K-1"), ("仓库 (K-2)", "K-2"), ("采购部", "")]
    assert Relation.objects.filter(whose__in=[here]).count() + Relation.objects.filter(who=here).count() == 1
    assert here.dates.count() == 1
    assert here.holdings.count() == 2
    assert Background.objects.get(customer=here).hobbies == "chess K-1\nchess K-2"
    assert here.level == "reactive"  # the survivor's own
    assert here.attitude == "favourable"  # nobody had said how he sees us
    assert Standing.objects.filter(customer=here, what="level").count() == 2
    risks = FollowUp.objects.filter(customer=here, kind="risk")
    assert sorted(risks.values_list("state", flat=True)) == ["expired", "open"]
    assert FollowUp.objects.open().filter(customer=here, title="send list").count() == 2
    assert Card.objects.get(customer=here).return_note == "please complete"
    assert FieldValue.objects.get(customer=here).number == 1
    assert FieldValue.objects.get(customer=twice.friend).refers_id == here.pk
    assert here.last_purchase_at == max(Purchase.objects.filter(customer=here).values_list("at", flat=True))


def test_blanks_are_filled_and_both_notes_kept(twice: Twice, sue, now) -> None:
    merge(twice.here, [twice.gone], by=sue, now=now)
    here = Customer.objects.get(pk=twice.here.pk)
    assert (here.name, here.city, here.source) == ("上海灯笼有限公司", "上海", "trade fair")
    assert here.note == "note of K-1\n\nnote of K-2"


def test_each_value_can_be_chosen(twice: Twice, sue, now) -> None:
    gone = twice.gone.pk
    choices = {"name": gone, "note": gone, "level": gone, f"f{twice.fields['trucks'].pk}": gone}
    done = merge(twice.here, [twice.gone], choices=choices, by=sue, now=now)
    here = Customer.objects.get(pk=twice.here.pk)
    assert (here.name, here.note, here.level) == ("上海燈籠公司", "note of K-2", "proactive")
    assert FieldValue.objects.get(customer=here).number == 2
    undo(done, by=sue, now=now)
    here.refresh_from_db()
    assert (here.name, here.level) == ("上海灯笼有限公司", "reactive")
    assert sorted(FieldValue.objects.filter(number__isnull=False).values_list("number", flat=True)) == [1, 2]


def test_old_number_and_name_find_the_survivor_and_nobody_else_gets_them(
    twice: Twice, alice, sue, now
) -> None:
    merge(twice.here, [twice.gone], by=sue, now=now)
    for asked in ("K-2", "上海燈籠公司", "shanghaidenglonggongsi"):
        assert [one.pk for one in Customer.objects.for_user(alice).search(asked, by=None)] == [
            twice.here.pk
        ], asked
    assert led_by_id(twice.gone.pk) == twice.here.pk
    assert led_by_number(["K-2", "K-3"]) == {"K-2": twice.here.pk}
    with pytest.raises(Unfit, match="K-2"):
        register(by=alice, now=now, name="Somebody", number="K-2")


def test_what_was_written_since_stays_and_what_was_changed_stays_changed(
    twice: Twice, alice, sue, now
) -> None:
    done = merge(twice.here, [twice.gone], by=sue, now=now)
    here = Customer.objects.get(pk=twice.here.pk)
    edit(here, {"source": "recommended"}, version=here.version, by=alice, now=now)
    add_note(here, note="since then", by=alice, now=now)
    add_point(here, kind="wechat", value="new-one", by=alice, now=now)
    remove_contact(Contact.objects.get(customer=here, name="Only K-2"), by=alice, now=now)
    undone = undo(done, by=sue, now=now + timedelta(days=1))
    here.refresh_from_db()
    assert here.source == "recommended"
    assert ("customers.Customer", "source") in undone.result.kept
    assert undone.result.missing == 1  # the person who was removed
    assert here.facts.filter(data__note="since then").exists()
    assert here.points.filter(value="new-one").exists()
    assert Customer.objects.get(pk=twice.gone.pk).source == "trade fair"


def test_three_are_merged_at_once_and_come_back_together(twice: Twice, state: State, sue, now) -> None:
    before = state()
    done = merge(twice.here, [twice.friend, twice.gone], by=sue, now=now)
    assert list(Customer.objects.values_list("number", flat=True)) == ["K-1"]
    assert [one.number for one in undo(done, by=sue, now=now).back] == ["K-9", "K-2"]
    assert state() == before


def test_a_chain_leads_to_the_last_and_is_taken_back_from_its_end(
    twice: Twice, state: State, sue, now
) -> None:
    before = state()
    first = merge(twice.here, [twice.gone], by=sue, now=now)
    second = merge(twice.friend, [twice.here], by=sue, now=now)
    assert led_by_number(["K-1", "K-2"]) == {"K-1": twice.friend.pk, "K-2": twice.friend.pk}
    first.refresh_from_db()
    with pytest.raises(Unfit, match="K-1"):
        undo(first, by=sue, now=now)
    assert last_merge(twice.friend) == second
    undo(second, by=sue, now=now)
    first.refresh_from_db()
    undo(first, by=sue, now=now)
    assert state() == before


def test_an_undo_is_not_done_twice(twice: Twice, sue, now) -> None:
    done = merge(twice.here, [twice.gone], by=sue, now=now)
    undo(done, by=sue, now=now)
    with pytest.raises(Unfit, match="already"):
        undo(done, by=sue, now=now)


def test_merging_takes_its_own_right_and_both_within_reach(
    twice: Twice, alice, bob, sue, charlie, now
) -> None:
    with pytest.raises(Denied):
        merge(twice.here, [twice.gone], by=alice, now=now)
    Customer.objects.filter(pk=twice.gone.pk).update(owner=charlie, team=charlie.team)
    with pytest.raises(Customer.DoesNotExist):
        merge(twice.here, [twice.gone], by=sue, now=now)
    with pytest.raises(Customer.DoesNotExist):
        merge(twice.gone, [twice.here], by=sue, now=now)
    assert not Merge.objects.exists()


def test_another_owner_takes_the_right_to_assign(twice: Twice, bob, sue, now) -> None:
    Customer.objects.filter(pk=twice.gone.pk).update(owner=bob)
    role = Role.objects.get(code="supervisor")
    Role.objects.filter(pk=role.pk).update(rights=[one for one in role.rights if one != "customers.assign"])
    sue.refresh_from_db()
    with pytest.raises(Denied):
        merge(twice.here, [twice.gone], choices={"owner": twice.gone.pk}, by=sue, now=now)


def test_who_was_changed_meanwhile_is_looked_at_again(twice: Twice, alice, sue, now) -> None:
    versions = {one.pk: one.version for one in (twice.here, twice.gone)}
    edit(twice.gone, {"note": "news"}, version=twice.gone.version, by=alice, now=now)
    with pytest.raises(Unfit, match="just been changed"):
        merge(twice.here, [twice.gone], versions=versions, by=sue, now=now)


def test_who_is_merged_already_is_merged_by_nobody_else(twice: Twice, sue, now) -> None:
    merge(twice.here, [twice.gone], by=sue, now=now)
    for survivor, other in ((twice.here, twice.gone), (twice.friend, twice.gone), (twice.gone, twice.friend)):
        with pytest.raises(Customer.DoesNotExist):
            merge(survivor, [other], by=sue, now=now)


def test_nobody_is_merged_with_himself(twice: Twice, sue, now) -> None:
    with pytest.raises(Unfit):
        merge(twice.here, [twice.here], by=sue, now=now)
    with pytest.raises(Unfit):
        merge(twice.here, [], by=sue, now=now)


def test_both_timelines_tell_of_it(twice: Twice, sue, now) -> None:
    done = merge(twice.here, [twice.gone], by=sue, now=now)
    told = Fact.objects.get(kind=FactKind.MERGED)
    assert (told.customer_id, told.data["number"], told.data["into"]) == (twice.here.pk, "K-2", "K-1")
    undo(done, by=sue, now=now)
    kinds = list(twice.gone.facts.order_by("-id").values_list("kind", flat=True))
    assert {"merged", "separated"} <= set(kinds)
    assert twice.here.facts.filter(kind="separated").exists()


def test_facts_follow_nobody_but_in_a_merge_and_change_in_nothing_else(twice: Twice, sue, now) -> None:
    facts = Fact.objects.filter(customer=twice.gone)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        facts.update(customer=twice.here)
    done = merge(twice.here, [twice.gone], by=sue, now=now)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Fact.objects.filter(customer=twice.here).update(customer=twice.friend)
    Merge.objects.filter(pk=done.pk).update(state="moving")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Fact.objects.filter(customer=twice.here).update(kind="noted")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Fact.objects.filter(customer=twice.here).update(customer=twice.friend)


def test_the_person_of_both_keeps_what_either_knew(twice: Twice, alice, sue, now) -> None:
    gone = twice.gone.contacts.get(name="王芳")
    Contact.objects.filter(pk=gone.pk).update(influence=5, roles=["decision"])
    merge(twice.here, [twice.gone], by=sue, now=now)
    person = Contact.objects.get(customer=twice.here, name="王芳")
    assert (person.influence, person.roles, person.department.name) == (5, ["decision"], "采购部")


def test_two_of_one_name_with_other_numbers_stay_two(alice, sue, now) -> None:
    here, gone = (
        register(
            by=alice,
            now=now,
            name=f"Firm {place}",
            contact=NewContact("王芳", points=[("mobile", f"1380000000{place}")]),
        )
        for place in (1, 2)
    )
    merge(here, [gone], by=sue, now=now)
    assert here.contacts.filter(name="王芳").count() == 2
    assert here.contacts.filter(is_primary=True).count() == 1
