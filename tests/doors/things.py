"""What stands behind each route, and what a POST to it says. A new route is opened to the tests here:

    @objects("quotes/<int:pk>/")
    def quote(world, owner):
        return {"pk": Quote.objects.create(customer=world.customers[owner.username], title=canary(owner)).pk}

    @body("quotes/<int:pk>/acceptance/")
    def acceptance(world, owner):
        return {"reason": "asked for"}

`objects` serves every route that begins so; the longest wins. Its `reach` says who may come near: "rows" (the default)
goes by the role's scopes, "personal" is the owner alone, "own or all" he and those who may write everywhere, "shared" is
anybody who has the route's right, "readable" a POST that reads, "sue's" is hers alone. `body` is one that a colleague who may would send, with `owner`'s things in it:
refused calls send it too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liuke.customers.completeness.actions import refresh, return_card
from liuke.customers.fields.actions import add_field, archive_field
from liuke.customers.followups.actions import postpone
from liuke.customers.imports.actions import upload
from liuke.customers.merging.actions import merge
from liuke.customers.models import (
    AccountMember,
    Attachment,
    Background,
    Contact,
    Customer,
    CustomField,
    Department,
    DuplicatePair,
    ExportRequest,
    Fact,
    FollowUp,
    FollowUpChange,
    Handover,
    Holding,
    ImportantDate,
    ImportBatch,
    ImportPreset,
    KeepingPlan,
    KeyAccount,
    Mention,
    Merge,
    Need,
    Purchase,
    Reading,
    Relation,
    Visit,
)
from liuke.customers.presets.actions import remember
from liuke.customers.timeline.actions import add_note, log_contact
from liuke.platform.absences.actions import arrange
from liuke.platform.api.tests.calls import Program
from liuke.platform.files.actions import store
from liuke.platform.jobs.actions import enqueue
from liuke.platform.models import Absence, Delivery, Job, Role, SavedView, Team, User, Webhook
from liuke.platform.preferences.actions import change
from liuke.scores.models import ScoreRun, Segment

from .world import CHANGES_NOTHING, World, body, canary, objects

Values = Mapping[str, object]
PASSWORD = "quite another one 9"


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()


# --- signing in ---


@objects("password/<str:who>/<str:token>/", reach="shared")
def password_link(world: World, owner: User) -> Values:
    return {"who": "MQ", "token": "no-such-token"}


# --- customers ---


@objects("customers/<int:pk>/")
def customer(world: World, owner: User) -> Values:
    return {"pk": world.customers[owner.username].pk}


@objects("customers/<int:pk>/contacts/<int:contact>/")
def contact(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    return {"pk": held.pk, "contact": held.contacts.first().pk}


@objects("customers/<int:pk>/points/<int:point>/")
def point(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    return {"pk": held.pk, "point": held.points.first().pk}


@objects("customers/<int:pk>/complaints/<int:fact>/")
def complaint(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    return {"pk": held.pk, "fact": Fact.objects.get(customer=held, kind="complained").pk}


@objects("customers/<int:pk>/timeline/<int:fact>/")
def entry_written(world: World, owner: User) -> Values:
    """What he has just written; another's can't be taken back, whatever the role."""
    held, now = world.customers[owner.username], timezone.now()
    return {
        "pk": held.pk,
        "fact": log_contact(held, channel="phone", outcome="reached", by=owner, now=now).pk,
    }


@objects("customers/<int:pk>/contacts/<int:contact>/background/")
@objects("customers/<int:pk>/contacts/<int:contact>/background/removal/")
def background_of_contact(world: World, owner: User) -> Values:
    """Of others' customers only the supervisor and the owner of the company read them; elsewhere they are not there."""
    held = world.customers[owner.username]
    _background(world, owner, held.contacts.first())
    return {"pk": held.pk, "contact": held.contacts.first().pk}


@objects("customers/<int:pk>/background/")
@objects("customers/<int:pk>/background/removal/")
def background_of_customer(world: World, owner: User) -> Values:
    _background(world, owner, None)
    return {"pk": world.customers[owner.username].pk}


def _background(world: World, owner: User, contact: Contact | None) -> None:
    notes = {"hobbies": canary(owner), "consent": "said so", "updated_at": world.now}
    customer = world.customers[owner.username]
    Background.objects.get_or_create(customer=customer, contact=contact, defaults=notes)


@objects("customers/<int:pk>/departments/<int:department>/")
def department(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    made, _new = Department.objects.get_or_create(customer=held, name=f"Dept {canary(owner)}")
    return {"pk": held.pk, "department": made.pk}


@objects("customers/<int:pk>/relations/<int:relation>/")
def relation(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    friend, _new = Customer.objects.get_or_create(
        number=f"F-{owner.username}",
        defaults={"name": f"Friend {canary(owner)}", "owner": owner, "team": owner.team},
    )
    row, _new = Relation.objects.get_or_create(
        whose=held, who=friend, kind="friend", defaults={"created_at": world.now}
    )
    return {"pk": held.pk, "relation": row.pk}


@objects("customers/<int:pk>/dates/<int:date>/")
def important_date(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    made, _new = ImportantDate.objects.get_or_create(
        customer=held, kind="birthday", month=3, day=1, name=canary(owner)
    )
    return {"pk": held.pk, "date": made.pk}


@objects("customers/<int:pk>/holdings/<int:holding>/")
def holding(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    made, _new = Holding.objects.get_or_create(customer=held, kind="vehicle", name=canary(owner))
    return {"pk": held.pk, "holding": made.pk}


@objects("customers/<int:pk>/visit/end/")
@objects("customers/<int:pk>/visit/closure/")
def going_visit(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    told = {"started_at": world.now}
    made, _new = Visit.objects.unwritten().get_or_create(
        customer=held, by=owner, written_at=None, taken_back_at=None, defaults=told
    )
    return {"pk": made.customer_id}


@objects("customers/<int:pk>/visit/reversal/")
def visit_by_mistake(world: World, owner: User) -> Values:
    """One that has begun just now; another's can't be taken back, whatever the role."""
    held = world.customers[owner.username]
    Visit.objects.create(customer=held, by=owner, started_at=timezone.now())
    return {"pk": held.pk}


@body("customers/<int:pk>/visit/")
def begun_visit(world: World, owner: User) -> Values:
    return {"anyway": "1"}


@body("customers/<int:pk>/visit/closure/")
def visit_result(world: World, owner: User) -> Values:
    going_visit(world, owner)
    return {"outcome": "reached", "note": "went well"}


@body("customers/<int:pk>/credit/agreement/")
def credit_agreed(world: World, owner: User) -> Values:
    return {"limit": "5000", "days": "30"}


def need_of(world: World, owner: User) -> Need:
    held = world.customers[owner.username]
    told = {"level": "want", "money": "yes", "strength": "large", "noted_on": world.now.date()}
    return Need.objects.get_or_create(customer=held, what=canary(owner), ended_at=None, defaults=told)[0]


@objects("customers/<int:pk>/needs/<int:need>/")
def need(world: World, owner: User) -> Values:
    held = need_of(world, owner)
    return {"pk": held.customer_id, "need": held.pk}


@body("customers/<int:pk>/needs/")
@body("customers/<int:pk>/needs/<int:need>/")
def told_need(world: World, owner: User) -> Values:
    return {"what": "Lanterns that float", "level": "need", "noted_on": world.now.date().isoformat()}


@body("customers/<int:pk>/needs/<int:need>/ending/")
def need_met(world: World, owner: User) -> Values:
    return {"how": "met"}


def keeping_plan(world: World, owner: User) -> KeepingPlan:
    held = world.customers[owner.username]
    told = {"goal": canary(owner), "owner": owner, "review_on": world.now.date(), "opened_at": world.now}
    return KeepingPlan.objects.get_or_create(customer=held, closed_at=None, defaults=told)[0]


@objects("customers/<int:pk>/plan/steps/")
@objects("customers/<int:pk>/plan/closure/")
def of_plan(world: World, owner: User) -> Values:
    return {"pk": keeping_plan(world, owner).customer_id}


@body("customers/<int:pk>/plan/")
def new_plan(world: World, owner: User) -> Values:
    told = {"goal": "All their orders", "owner": owner.pk, "step": "Visit them"}
    return {**told, "review_on": tomorrow(), "step_due_on": tomorrow()}


@body("customers/<int:pk>/plan/steps/")
def plan_step(world: World, owner: User) -> Values:
    keeping_plan(world, owner)
    return {"title": "Show the new range", "assignee": owner.pk, "due_on": tomorrow()}


@body("customers/<int:pk>/plan/closure/")
def plan_closed(world: World, owner: User) -> Values:
    keeping_plan(world, owner)
    return {"outcome": "reached", "note": "They stay"}


@body("customers/<int:pk>/departments/")
@body("customers/<int:pk>/departments/<int:department>/")
def named_department(world: World, owner: User) -> Values:
    return {"name": "Stores", "office": "Gate 2"}


@body("customers/<int:pk>/relations/")
def related(world: World, owner: User) -> Values:
    relation(world, owner)
    return {"whom": f"F-{owner.username}", "kind": "supplier"}


@body("customers/<int:pk>/dates/")
@body("customers/<int:pk>/dates/<int:date>/")
def remembered(world: World, owner: User) -> Values:
    return {"kind": "wedding", "month": "5", "day": "20", "notice_days": "3", "is_yearly": "on"}


@body("customers/<int:pk>/holdings/")
@body("customers/<int:pk>/holdings/<int:holding>/")
def owned(world: World, owner: User) -> Values:
    return {"kind": "machine", "name": "Press", "bought_on": "2020-01-01"}


@body("customers/<int:pk>/vcards/")
def from_a_telephone(world: World, owner: User) -> Values:
    content = b"BEGIN:VCARD\nVERSION:3.0\nFN:From a telephone\nTEL;TYPE=CELL:13900139777\nEND:VCARD\n"
    return {"file": SimpleUploadedFile("new.vcf", content)}


@body("customers/<int:pk>/background/")
@body("customers/<int:pk>/contacts/<int:contact>/background/")
def told_of_himself(world: World, owner: User) -> Values:
    return {"career": "was a teacher", "consent": "said so on the telephone"}


@body("customers/<int:pk>/level/")
def another_level(world: World, owner: User) -> Values:
    return {"value": "proactive"}


@body("customers/<int:pk>/attitude/")
def another_attitude(world: World, owner: User) -> Values:
    return {"value": "hostile", "reason": "late three times"}


@objects("customers/<int:pk>/reveal/", reach="readable")
def hidden(world: World, owner: User) -> Values:
    return {"pk": world.customers[owner.username].pk}


@body("customers/<int:pk>/reveal/")
def needed(world: World, owner: User) -> Values:
    return {"reason": "asked to be called"}


CHANGES_NOTHING["customers/<int:pk>/reveal/"] = "it only reads; who read, of whom and why is in the audit"


@body("customers/<int:pk>/expected/")
def what_may_become(world: World, owner: User) -> Values:
    return {"value": "gold"}


@body("settings/trade/")
def another_trade(world: World, owner: User) -> Values:
    return {"pack": "estate"}


@body("settings/sources/")
def new_source(world: World, owner: User) -> Values:
    return {"name": "Canton Fair"}


@body("settings/sources/retirement/")
def retired_source(world: World, owner: User) -> Values:
    return {"code": "press", "own": ""}


@body("customers/<int:pk>/decline/")
def why_less(world: World, owner: User) -> Values:
    return {"value": "price", "reason": "ten per cent less elsewhere"}


@body("customers/<int:pk>/relation/")
def another_relation(world: World, owner: User) -> Values:
    return {"value": "partner", "reason": "we plan together"}


@objects("insight/runs/<int:pk>/", reach="shared")
def a_night(world: World, owner: User) -> Values:
    """Each sees of it those whom he may read: `test_insight_figures`."""
    run = ScoreRun.objects.get()
    run.folder = f"scores/night-{run.pk}"
    run.save(update_fields=["folder"])
    folder = settings.HOME / run.folder
    folder.mkdir(parents=True, exist_ok=True)
    columns = {"customer": [held.pk for held in world.customers.values()]}
    some = len(columns["customer"])
    told = {"band": ["high"] * some, "grade": ["gold"] * some, "risk": [80] * some}
    money = dict.fromkeys(["value_at_risk", "total_12m"], [100.0] * some)
    pq.write_table(pa.table({**columns, **told, **money}), folder / "scores.parquet")
    return {"pk": run.pk}


@body("insight/classes/levels/")
def levels_of_a_grade(world: World, owner: User) -> Values:
    return {"grade": "lead"}


@objects("purchases/<int:pk>/")
def purchase(world: World, owner: User) -> Values:
    return {"pk": Purchase.objects.get(customer=world.customers[owner.username]).pk}


@objects("customers/views/<int:pk>/", reach="personal")
def saved_view(world: World, owner: User) -> Values:
    return {"pk": SavedView.objects.get(owner=owner).pk}


@body("customers/views/")
def new_view(world: World, owner: User) -> Values:
    return {"name": "A new view"}


# --- key accounts ---


def key_account(world: World, owner: User) -> KeyAccount:
    held = world.customers[owner.username]
    defaults = {"goals": canary(owner), "next_review_on": world.now.date(), "started_at": world.now}
    return KeyAccount.objects.get_or_create(customer=held, ended_at=None, defaults=defaults)[0]


@objects("customers/<int:pk>/account/")
def account_of(world: World, owner: User) -> Values:
    return {"pk": key_account(world, owner).customer_id}


@objects("customers/<int:pk>/account/members/<int:member>/")
def member_of(world: World, owner: User) -> Values:
    account = key_account(world, owner)
    given = {"customer_id": account.customer_id, "role": "sales", "since_at": world.now}
    one = AccountMember.objects.get_or_create(account=account, user=owner, ended_at=None, defaults=given)[0]
    return {"pk": account.customer_id, "member": one.pk}


@body("customers/<int:pk>/account/")
def planned_account(world: World, owner: User) -> Values:
    return {"goals": "more", "review_days": "90", "next_review_on": tomorrow(), "version": "1"}


@body("customers/<int:pk>/account/review/")
def reviewed(world: World, owner: User) -> Values:
    return {"note": "all is well"}


@body("customers/<int:pk>/account/members/")
def more_people(world: World, owner: User) -> Values:
    return {"user": owner.pk, "role": "sales"}


# --- segments: one's own here; those for everybody are tested beside the slice ---


@objects("customers/segments/<int:pk>/", reach="personal")
def segment(world: World, owner: User) -> Values:
    stage = {"field": "stage", "op": "is", "values": ["lead"]}
    defaults = {"tree": {"all": [stage]}, "created_at": world.now, "rule_changed_at": world.now}
    held, _new = Segment.objects.get_or_create(owner=owner, name=canary(owner), defaults=defaults)
    return {"pk": held.pk}


def line_of_a_segment() -> dict[str, object]:
    line = {"what:0.0": "stage", "was:0.0": "stage", "op:0.0": "is", "value:0.0": "lead"}
    return {"how:0": "all", "parts:0": "1", "do": "save", "name": "A new segment"} | line


@body("customers/segments/new/")
@body("customers/segments/<int:pk>/rule/")
def built(world: World, owner: User) -> Values:
    return line_of_a_segment()


@body("customers/segments/<int:pk>/picks/")
def picked(world: World, owner: User) -> Values:
    return {"customer": world.customers[owner.username].pk, "how": "in"}


@body("customers/segment/")
def into_a_segment(world: World, owner: User) -> Values:
    return {
        "ids": [world.customers[owner.username].pk],
        "segment": segment(world, owner)["pk"],
        "how": "in",
    }


@body("customers/new/")
def new_customer(world: World, owner: User) -> Values:
    next_ = {"grade": "gold", "next_by": "visit", "next_on": tomorrow()}
    return {"name": "Somebody new", "kind": "enterprise", "scope": "b2b", "owner": owner.pk, **next_}


@body("customers/<int:pk>/edit/")
def edited(world: World, owner: User) -> Values:
    return {"name": "Another name", "kind": "enterprise", "scope": "b2b", "version": "1"}


@body("customers/<int:pk>/stage/")
def stage(world: World, owner: User) -> Values:
    return {"stage": "prospect", "reason": "asked for a price"}


@objects("customers/<int:pk>/completion/")
def incomplete(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    refresh([held.pk])
    return {"pk": held.pk}


@body("customers/<int:pk>/completion/")
def completed(world: World, owner: User) -> Values:
    return {"source": "another fair"}


@objects("customers/<int:pk>/acceptance/")
def returned(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    return_card(held, note="Who decides?", by=None, now=world.now)
    return {"pk": held.pk}


@body("customers/<int:pk>/return/")
def wanting(world: World, owner: User) -> Values:
    return {"note": "Who decides?"}


@body("customers/<int:pk>/contacts/")
@body("customers/<int:pk>/contacts/<int:contact>/")
def person(world: World, owner: User) -> Values:
    return {"name": "Another person"}


@body("customers/<int:pk>/points/")
@body("customers/<int:pk>/points/<int:point>/")
def address(world: World, owner: User) -> Values:
    return {"kind": "email", "value": "another@example.com"}


@body("customers/<int:pk>/contacts-log/")
def logged(world: World, owner: User) -> Values:
    return {"channel": "phone", "direction": "out", "outcome": "reached", "note": "spoke"}


@body("customers/<int:pk>/purchases/new/")
def ordered(world: World, owner: User) -> Values:
    return {
        "on": timezone.localdate().isoformat(),
        "currency": "CNY",
        "number": f"typed-{owner.username}",
        "line-TOTAL_FORMS": "1",
        "line-INITIAL_FORMS": "0",
        "line-0-product": "A lamp",
        "line-0-price": "5",
        "line-0-is_new": "on",
    }


@objects("purchases/<int:pk>/return/")
def with_lines(world: World, owner: User) -> Values:
    held = Purchase.objects.get(customer=world.customers[owner.username])
    if not held.lines.exists():
        held.lines.create(product=None, quantity_milli=1000, amount_minor=500)
    return {"pk": held.pk}


@body("purchases/<int:pk>/return/")
def given_back(world: World, owner: User) -> Values:
    return {"kind": "refund", "on": timezone.localdate().isoformat(), "whole": "on"}


@body("customers/<int:pk>/notes/")
def note(world: World, owner: User) -> Values:
    return {"note": "a note"}


@objects("customers/<int:pk>/attachments/<int:attachment>/")
def attachment(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    there = Attachment.objects.filter(fact__customer=held, removed_at=None).first()
    if there is None:
        file = ContentFile(canary(owner).encode(), name=f"{canary(owner)}.txt")
        fact = add_note(held, note=canary(owner), attachments=[file], by=owner, now=world.now)
        there = fact.attachments.get()
    return {"pk": held.pk, "attachment": there.pk}


@body("customers/<int:pk>/attachments/<int:attachment>/")
def taken_away(world: World, owner: User) -> Values:
    return {"reason": "the wrong picture"}


@objects("news/mentions/<int:pk>/", reach="personal")
def mention(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    fact = Fact.objects.filter(customer=held).first()
    row, _new = Mention.objects.get_or_create(fact=fact, whom=owner, defaults={"at": world.now})
    Mention.objects.filter(pk=row.pk).update(seen_at=None)
    return {"pk": row.pk}


@objects("news/steps/<int:pk>/", reach="personal")
def told_step(world: World, owner: User) -> Values:
    followup = FollowUp.objects.filter(customer=world.customers[owner.username]).first()
    told = {"what": "reassigned", "at": world.now, "tells": owner}
    return {"pk": FollowUpChange.objects.create(followup=followup, **told).pk}


@body("news/read/")
def read_all(world: World, owner: User) -> Values:
    return {"mention": mention(world, owner)["pk"], "step": told_step(world, owner)["pk"]}


@body("customers/<int:pk>/complaints/")
@body("customers/<int:pk>/complaints/<int:fact>/resolution/")
def complained(world: World, owner: User) -> Values:
    return {"text": "broken on arrival"}


@body("customers/assignment/")
def assignment(world: World, owner: User) -> Values:
    return {
        "ids": [world.customers[owner.username].pk],
        "owner": world.other(owner).pk,
        "reason": "more time",
    }


@body("customers/merging/")
def selected(world: World, owner: User) -> Values:
    return {"ids": twice(world, owner)}


CHANGES_NOTHING["customers/merging/"] = "it lays them side by side; what merges is a page of its own"


@body("customers/merge/")
def merging(world: World, owner: User) -> Values:
    ids = twice(world, owner)
    return {"ids": ids, "survivor": ids[0], "choice.name": ids[1]}


def twice(world: World, owner: User) -> list[int]:
    """His customer, and the same one noted a second time."""
    again, _new = Customer.objects.get_or_create(
        number=f"T-{owner.username}",
        defaults={"name": f"Twice {canary(owner)}", "owner": owner, "team": owner.team},
    )
    return [world.customers[owner.username].pk, again.pk]


@objects("duplicates/<int:pk>/")
def duplicate(world: World, owner: User) -> Values:
    first, second = sorted(twice(world, owner))
    pair, _new = DuplicatePair.objects.get_or_create(
        first_id=first, second_id=second, defaults={"score": 80, "found_at": world.now}
    )
    return {"pk": pair.pk}


@objects("duplicates/<int:pk>/likeness/")
def held_apart(world: World, owner: User) -> Values:
    values = duplicate(world, owner)
    DuplicatePair.objects.filter(pk=values["pk"]).update(state="different", decided_at=world.now)
    return values


@objects("merges/<int:pk>/")
def merged(world: World, owner: User) -> Values:
    held = world.customers[owner.username]
    done = Merge.objects.filter(survivor=held).first()
    return {"pk": (done or merge(held, twice(world, owner)[1:], by=None, now=world.now)).pk}


@body("customers/export/")
def exported(world: World, owner: User) -> Values:
    return {"ids": [world.customers[owner.username].pk]}


CHANGES_NOTHING["customers/export/"] = "it only reads; who took what is in the audit"


# --- imports: who began one goes on with it, and whoever may write everywhere ---

FILE = "客户编号,客户名称\nN-1,{word}\nN-2,{word}\n"


def batch_of(world: World, owner: User, state: str) -> ImportBatch:
    if held := ImportBatch.objects.filter(created_by=owner, state=state).first():
        return held
    content = io.BytesIO(FILE.format(word=canary(owner)).encode())
    held = upload(content, name=f"{canary(owner)}.csv", target="customers", by=None, now=world.now)
    rejects = store(
        io.BytesIO(canary(owner).encode()), name="rejects.csv", purpose="rejects", by=None, now=world.now
    )
    ImportBatch.objects.filter(pk=held.pk).update(created_by=owner, state=state, rejects=rejects)
    return held


@objects("imports/<int:pk>/", reach="own or all")
def begun(world: World, owner: User) -> Values:
    return {"pk": batch_of(world, owner, "checked").pk}


@objects("imports/<int:pk>/reversal/", reach="own or all")
def finished(world: World, owner: User) -> Values:
    return {"pk": batch_of(world, owner, "done").pk}


@objects("imports/presets/<int:pk>/", reach="shared")
def preset(world: World, owner: User) -> Values:
    """The company's: whoever may import such files reads it; it is changed by whoever saved it."""
    return {"pk": preset_of(world, owner).pk}


def preset_of(world: World, owner: User) -> ImportPreset:
    held = remember(
        batch_of(world, owner, "checked"), name=f"preset of {owner.username}", by=None, now=world.now
    )
    ImportPreset.objects.filter(pk=held.pk).update(saved_by=owner)
    return held


@body("imports/presets/<int:pk>/")
def preset_renamed(world: World, owner: User) -> Values:
    return {"name": "another name"}


@body("imports/<int:pk>/preset/")
def preset_used(world: World, owner: User) -> Values:
    return {"preset": str(preset_of(world, owner).pk)}


@objects("imports/samples/<str:target>/", reach="shared")
def sample(world: World, owner: User) -> Values:
    return {"target": "customers"}


@body("imports/new/")
def uploaded(world: World, owner: User) -> Values:
    return {
        "target": "customers",
        "file": SimpleUploadedFile("new.csv", FILE.format(word="somebody").encode()),
    }


@body("imports/<int:pk>/columns/")
def columns(world: World, owner: User) -> Values:
    return {"map-number": "客户编号", "map-name": "客户名称"}


@body("imports/<int:pk>/reading/")
def reading(world: World, owner: User) -> Values:
    return {"encoding": "utf-8", "delimiter": ",", "header_row": "2"}


# --- follow-ups ---


@objects("followups/<int:pk>/")
def followup(world: World, owner: User) -> Values:
    return {"pk": FollowUp.objects.get(assignee=owner).pk}


@objects("followups/<int:pk>/steps/<int:step>/")
def step(world: World, owner: User) -> Values:
    """One that he has just taken; another's can't be taken back, whatever the role."""
    held, now = FollowUp.objects.get(assignee=owner), timezone.now()
    postpone(held, until=now + timedelta(days=2), reason="not reached", by=owner, now=now)
    return {"pk": held.pk, "step": held.changes.latest("id").pk}


@body("customers/<int:pk>/followups/")
def asked(world: World, owner: User) -> Values:
    return {"kind": "task", "title": "call", "due_on": tomorrow(), "assignee": owner.pk}


@body("followups/<int:pk>/postponement/")
def postponed(world: World, owner: User) -> Values:
    return {"days": "3", "reason": "not reached"}


@body("followups/<int:pk>/dismissal/")
def dismissed(world: World, owner: User) -> Values:
    return {"reason": "seasonal"}


@body("followups/<int:pk>/assignment/")
def passed_on(world: World, owner: User) -> Values:
    return {
        "to": world.people["sue" if owner.team_id == world.people["sue"].team_id else "olga"].pk,
        "reason": "ill",
    }


# --- settings. Who manages accounts reaches the colleagues and teams that his own scope covers. ---


@objects("settings/colleagues/<int:pk>/")
def colleague(world: World, owner: User) -> Values:
    return {"pk": owner.pk}


@objects("settings/colleagues/<int:pk>/reactivation/")
def leaver(world: World, owner: User) -> Values:
    gone, _new = User.objects.get_or_create(
        username=f"gone-{owner.username}",
        defaults={"name": "Gone", "role": owner.role, "team": owner.team, "is_active": False},
    )
    return {"pk": gone.pk}


@objects("settings/colleagues/<int:pk>/invitation/")
def newcomer(world: World, owner: User) -> Values:
    new, _new = User.objects.get_or_create(
        username=f"new-{owner.username}",
        defaults={"name": "New", "role": owner.role, "team": owner.team, "password": "!"},
    )
    return {"pk": new.pk}


CHANGES_NOTHING["settings/colleagues/<int:pk>/invitation/"] = (
    "the link is made of what is there; the audit notes it"
)


@body("settings/colleagues/new/")
def hired(world: World, owner: User) -> Values:
    return {"username": "hired", "name": "Hired", "role": owner.role_id, "team": owner.team_id}


@body("settings/colleagues/<int:pk>/")
def promoted(world: World, owner: User) -> Values:
    return {"name": "Another name", "role": owner.role_id, "team": owner.team_id}


@objects("settings/handovers/leave/<int:pk>/end/")
def away(world: World, owner: User) -> Values:
    today = timezone.localdate()
    held = Absence.objects.filter(person=owner).first()
    stand_in = world.people["sam" if owner.username == "charlie" else "sue"]
    held = held or arrange(
        owner, delegate=stand_in, starts_on=today, ends_on=today, by=None, now=timezone.now()
    )
    return {"pk": held.pk}


def handed_over_by(world: World, owner: User) -> Handover:
    """His customer has gone to a colleague beside him, with his word still on it: who read it before still may."""
    held = Handover.objects.filter(person=owner).first()
    if held is None:
        customer = world.customers[owner.username]
        held = Handover.objects.create(
            person=owner,
            at=world.now,
            reason=canary(owner),
            leaves=False,
            state="done",
            undo_until=timezone.now() + timedelta(days=9),
        )
        held.items.create(customer=customer, to=owner, team_before=owner.team, place=0, state="moved")
    return held


@objects("settings/handovers/<int:pk>/")
@objects("handovers/<int:pk>/")
def given_away(world: World, owner: User) -> Values:
    return {"pk": handed_over_by(world, owner).pk}


@objects("settings/handovers/<int:pk>/continuation/")
def stuck(world: World, owner: User) -> Values:
    held = handed_over_by(world, owner)
    Handover.objects.filter(pk=held.pk).update(state="running", job=None)
    return {"pk": held.pk}


@body("settings/handovers/departure/")
def leaves_for_good(world: World, owner: User) -> Values:
    return {"person": owner.pk, "to": [world.other(owner).pk], "by": "turn", "leaves": "on"}


@objects("settings/reading/<int:pk>/")
def reader(world: World, owner: User) -> Values:
    Reading.objects.get_or_create(
        user=owner, what="card", customer=world.customers[owner.username], defaults={"at": timezone.now()}
    )
    return {"pk": owner.pk}


@body("reading/reason/")
def why_so_much(world: World, owner: User) -> Values:
    return {"reason": "checking the addresses of the fair"}


CHANGES_NOTHING["reading/reason/"] = "the reason is in the audit, that it was given in the session"


def large_export(world: World, owner: User, **held: object) -> ExportRequest:
    state = str(held.get("state", "asked"))
    found = ExportRequest.objects.filter(asker=owner, state=state).first()
    defaults = {"reason": canary(owner), "rows": 1, "ids": [], "asked_at": world.now, **held}
    return found or ExportRequest.objects.create(asker=owner, **defaults)


@objects("exports/<int:pk>/approval/")
@objects("exports/<int:pk>/refusal/")
def asked_for(world: World, owner: User) -> Values:
    return {"pk": large_export(world, owner).pk}


@objects("exports/<int:pk>/file/", reach="sue's")
def written(world: World, owner: User) -> Values:
    stored = store(io.BytesIO(b"rows"), name="rows.csv", purpose="export", by=None, now=world.now)
    until = timezone.now() + timedelta(hours=1)
    decided = {"state": "ready", "file": stored, "available_until": until, "decided_at": world.now}
    return {"pk": large_export(world, world.people["sue"], **decided).pk}


CHANGES_NOTHING["exports/<int:pk>/file/"] = "it only reads; who took it is in the audit"


@body("settings/handovers/leave/")
def on_leave(world: World, owner: User) -> Values:
    day = tomorrow()
    return {"person": owner.pk, "delegate": world.other(owner).pk, "starts_on": day, "ends_on": day}


@objects("settings/teams/<int:pk>/")
def team(world: World, owner: User) -> Values:
    return {"pk": owner.team_id}


@objects("settings/teams/<int:pk>/removal/")
def empty_team(world: World, owner: User) -> Values:
    return {"pk": Team.objects.get_or_create(name="Empty", parent=owner.team)[0].pk}


@body("settings/teams/new/")
@body("settings/teams/<int:pk>/")
def named_team(world: World, owner: User) -> Values:
    return {"name": "Another team", "parent": owner.team.parent_id if owner.team else ""}


@objects("settings/roles/<int:pk>/", reach="shared")
def role(world: World, owner: User) -> Values:
    return {"pk": owner.role_id}


@objects("settings/roles/<int:pk>/removal/", reach="shared")
def unused_role(world: World, owner: User) -> Values:
    return {"pk": Role.objects.get_or_create(code="unused")[0].pk}


@body("settings/roles/new/")
@body("settings/roles/<int:pk>/")
def ticked(world: World, owner: User) -> Values:
    return {"name": "Another role", "rights": ["customers.view"], "read_scope": "own", "write_scope": "own"}


@objects("settings/jobs/<int:pk>/", reach="shared")
def waiting_job(world: World, owner: User) -> Values:
    return {"pk": enqueue("platform.tidy", by=owner, now=world.now, key=f"waits for {owner}").pk}


@objects("settings/jobs/<int:pk>/attempts/", reach="shared")
def failed_job(world: World, owner: User) -> Values:
    job = enqueue("platform.tidy", by=owner, now=world.now, key=f"failed for {owner}")
    Job.objects.filter(pk=job.pk).update(state="failed", finished_at=world.now)
    return {"pk": job.pk}


@body("settings/jobs/runs/")
def started(world: World, owner: User) -> Values:
    return {"name": "platform.tidy"}


@body("settings/company/")
def preferences(world: World, owner: User) -> Values:
    return {"company.name-value": "Another company"}


@body("settings/grades/")
def entitlements(world: World, owner: User) -> Values:
    gold = {
        "contact_days": 29,
        "response_hours": 2,
        "goodwill_minor": 9,
        "gift_minor": 9,
        "routing_priority": 2,
    }
    return {f"gold-{name}": value for name, value in gold.items()}


@objects("settings/fields/<int:pk>/", reach="shared")
def own_field(world: World, owner: User) -> Values:
    return {"pk": a_field(world, "Trucks").pk}


@objects("settings/fields/<int:pk>/position/", reach="shared")
def field_below(world: World, owner: User) -> Values:
    a_field(world, "Trucks")
    return {"pk": a_field(world, "Hobby").pk}


@objects("settings/fields/<int:pk>/restoration/", reach="shared")
@objects("settings/fields/<int:pk>/erasure/", reach="shared")
def archived_field(world: World, owner: User) -> Values:
    held = a_field(world, "Archived")
    archive_field(held, by=None, now=world.now)
    return {"pk": held.pk}


def a_field(world: World, name: str) -> CustomField:
    held = CustomField.objects.filter(names={"en": name}).first()
    return held or add_field(type="text", names={"en": name}, by=None, now=world.now)


@body("settings/fields/new/")
@body("settings/fields/<int:pk>/")
def described_field(world: World, owner: User) -> Values:
    return {"name_en": "Number of lorries", "type": "whole", "block": "business", "places": ["list"]}


@body("settings/fields/<int:pk>/position/")
def upwards(world: World, owner: User) -> Values:
    return {"to": "up"}


@body("profile/")
def profile(world: World, owner: User) -> Values:
    return {"name": "Another name", "email": "", "language": "en", "theme": "dark", "zone": ""}


@body("profile/password/")
def changed_password(world: World, owner: User) -> Values:
    return {"old": "a password of some length", "password": PASSWORD, "again": PASSWORD}


# --- tokens of programs ---


def _token(owner: User) -> int:
    token = Program(owner, "customers:read").token
    assert token
    return token.pk


@objects("profile/tokens/<int:pk>/", reach="personal")
def own_token(world: World, owner: User) -> Values:
    return {"pk": _token(owner)}


@body("profile/tokens/")
def new_token(world: World, owner: User) -> Values:
    return {"name": "Shop", "days": "30", "customers": "read", "password": "a password of some length"}


@objects("settings/tokens/<int:pk>/", reach="shared")
def anybodys_token(world: World, owner: User) -> Values:
    """Of whoever manages colleagues: in this company that is the owner, who sees everybody."""
    return {"pk": _token(owner)}


# --- webhooks ---


def _webhook(world: World, owner: User) -> Webhook:
    made, _new = Webhook.objects.get_or_create(
        url=f"https://hooks.example.com/{owner.username}",
        defaults={"owner": world.people["olga"], "topics": ["orders"], "salt": "x", "created_at": world.now},
    )
    return made


@objects("settings/webhooks/<int:pk>/", reach="shared")
def webhook(world: World, owner: User) -> Values:
    """The company's: for whoever manages its settings."""
    return {"pk": _webhook(world, owner).pk}


@objects("settings/webhooks/<int:pk>/deliveries/<int:delivery>/", reach="shared")
def delivery(world: World, owner: User) -> Values:
    hook = _webhook(world, owner)
    sent, _new = Delivery.objects.get_or_create(
        webhook=hook, event="ping", defaults={"state": "dead", "next_at": world.now, "created_at": world.now}
    )
    return {"pk": hook.pk, "delivery": sent.pk}


@body("settings/webhooks/")
def new_webhook(world: World, owner: User) -> Values:
    change("webhooks.hosts", "hooks.example.com", by=None, now=world.now)
    return {"url": "https://hooks.example.com/new", "topics": ["orders"]}
