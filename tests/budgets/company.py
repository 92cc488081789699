"""A company with as many of everything as is asked for, so that a page that asks once per row shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.base import ContentFile

from liuke.catalog.models import Product
from liuke.customers.fields.actions import add_field, definitions, fill
from liuke.customers.fields.rules import LISTS, TYPES
from liuke.customers.imports.actions import upload
from liuke.customers.imports.models import ImportBatch
from liuke.customers.merging.actions import merge
from liuke.customers.models import (
    AccountMember,
    Attachment,
    Background,
    Contact,
    ContactPoint,
    Customer,
    CustomerSearch,
    Department,
    DuplicatePair,
    ExportRequest,
    Fact,
    FollowUp,
    FollowUpChange,
    Handover,
    Holding,
    ImportantDate,
    KeepingPlan,
    KeyAccount,
    Mention,
    Need,
    PlanStep,
    Purchase,
    PurchaseLine,
    Reading,
    ReadingDay,
    Relation,
    StageChange,
    Visit,
)
from liuke.customers.presets.actions import remember
from liuke.platform.access.actions import ensure_starting_roles
from liuke.platform.audit.actions import record
from liuke.platform.files.actions import store
from liuke.platform.models import Absence, Job, Role, SavedView, Team, User
from liuke.scores.models import CurrentRun, GradeChange, Score, ScoreRun, Segment, SegmentMember, TrackRecord
from liuke.scores.track.rules import CAME, SCORES

ROLES = {"salesperson": "alice", "supervisor": "sue", "owner": "olga"}
MONEY = 120_000


class Company:
    """`rows` of everything that a page may list, all of it Alice's; Sue leads her team, Olga owns the company."""

    def __init__(self, rows: int, now: datetime) -> None:
        self.rows, self.now = rows, now
        ensure_starting_roles()
        self.top = Team.objects.create(name="Company")
        self.team = Team.objects.create(name="East", parent=self.top)
        self.people = {
            "alice": self._person("alice", "salesperson", self.team),
            "sue": self._person("sue", "supervisor", self.team),
            "olga": self._person("olga", "owner", self.top),
        }
        for place in range(rows):
            Team.objects.create(name=f"Team {place}", parent=self.team)
            self._person(f"seller{place}", "salesperson", self.team)
            Role.objects.create(code=f"role{place}", name=f"Role {place}", rights=[])
            SavedView.objects.create(
                owner=self.people["sue"], place="customers", name=f"View {place}", shared=True, query={}
            )
            Segment.objects.create(
                owner=self.people["sue"],
                name=f"Segment {place}",
                shared=True,
                tree={"all": [{"field": "owner", "op": "is", "values": [self.people["alice"].pk]}]},
                created_at=now,
                rule_changed_at=now,
            )
            Job.objects.create(name="platform.tidy_jobs", key=f"job {place}", run_at=now, created_at=now)
            record("customers.export", by=self.people["alice"], now=now, changes={"rows": [None, place]})
        self._imports()
        self._absences()
        types = [code for code in TYPES if code not in LISTS] * (rows // 10 + 1)
        self.fields = [
            add_field(type=type, names={"en": f"Field {place}"}, by=None, now=now)
            for place, type in enumerate(types)
        ]
        self.customers = [self._customer(place) for place in range(rows)]
        self._surroundings(self.customers[0])
        for customer in self.customers:
            self._fill(customer)
        self._merged(self.customers[1])
        for first, second in pairwise(self.customers):
            DuplicatePair.objects.create(first=first, second=second, score=70, found_at=now)
        self._judge()
        self._handovers()
        self._readings()
        self._exports()

    def _exports(self) -> None:
        for place in range(self.rows):
            asker = self.people["sue" if place % 2 else "olga"]
            ExportRequest.objects.create(asker=asker, asked_at=self.now, reason="letters", rows=place)

    def _readings(self) -> None:
        for place, customer in enumerate(self.customers):
            at = self.now - timedelta(days=place)
            Reading.objects.create(user=self.people["alice"], what="card", customer=customer, at=at)
            ReadingDay.objects.create(user=self.people["alice"], what="card", on=at.date(), count=9)
            record(
                "customers.reveal", by=self.people["alice"], now=at, subject=customer, reason="to call back"
            )

    def _handovers(self) -> None:
        """Each of all the customers, as if Alice had once had them from a colleague."""
        for place in range(self.rows):
            held = Handover.objects.create(
                person=User.objects.get(username=f"seller{place}"),
                at=self.now,
                leaves=False,
                state="done",
                undo_until=self.now + timedelta(days=9),
            )
            for at, customer in enumerate(self.customers):
                held.items.create(
                    customer=customer,
                    to=self.people["alice"],
                    place=at,
                    state="kept" if at % 3 == 1 else "moved",
                )

    def _absences(self) -> None:
        """One after another, the first of them over."""
        for place in range(self.rows):
            starts_at = self.now + timedelta(days=place - 2)
            Absence.objects.create(
                person=self.people["alice"],
                delegate=self.people["sue"],
                starts_on=starts_at.date(),
                ends_on=starts_at.date(),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(days=1),
                created_at=self.now,
            )

    def _person(self, name: str, role: str, team: Team) -> User:
        user = User(
            username=name, name=name.title(), role=Role.objects.get(code=role), team=team, language="en"
        )
        user.set_unusable_password()
        user.save()
        return user

    def _imports(self) -> None:
        file = ContentFile("客户编号,客户名称\nC1,Lantern\n".encode())
        olga = self.people["olga"]
        real = upload(file, name="c.csv", target="customers", by=olga, now=self.now)
        for place in range(self.rows):
            remember(real, name=f"Preset {place}", by=olga, now=self.now)
        for place in range(self.rows * 3):
            ImportBatch.objects.create(
                target="customers",
                state=("done", "checked", "uploaded")[place % 3],
                file=real.file,
                reading=real.reading,
                mapping=real.mapping,
                counts={"rows": 3, "created": 3},
                created_by=olga,
                created_at=self.now,
            )

    def _customer(self, place: int) -> Customer:
        alice, now = self.people["alice"], self.now
        customer = Customer.objects.create(
            number=f"C{place:06d}",
            name=f"Lantern {place}",
            owner=alice,
            team=self.team,
            stage="customer",
            first_purchase_at=now - timedelta(days=400),
            last_purchase_at=now - timedelta(days=9),
            last_contact_at=now - timedelta(days=90),
        )
        CustomerSearch.objects.create(customer=customer, text=f"\nlantern {place}\nc{place:06d}\n")
        # The first customer is the busy one, whose card is looked at; the others only fill the lists.
        for number in range(1 if place else self.rows):
            contact = Contact.objects.create(customer=customer, name=f"P {number}", is_primary=not number)
            mail = f"p{number}@c{place}.example"
            for owner in (contact, None):
                kind = "email" if owner else "wechat"
                ContactPoint.objects.create(
                    customer=customer, contact=owner, kind=kind, value=mail, normal=mail
                )
            self._purchase(customer, number)
            self._happened(customer, number)
            self._matter(customer, number)
        at = self.now - timedelta(days=30)
        account = KeyAccount.objects.create(customer=customer, next_review_on=at.date(), started_at=at)
        for user in list(self.people.values())[: 1 if place else 3]:
            AccountMember.objects.create(
                account=account, customer=customer, user=user, role="sales", since_at=at
            )
        return customer

    def _surroundings(self, customer: Customer) -> None:
        """Departments, relations, days and possessions of the busy one."""
        Background.objects.create(customer=customer, hobbies="chess", consent="said so", updated_at=self.now)
        contact = Contact.objects.filter(customer=customer).first()
        Background.objects.create(customer=customer, contact=contact, consent="said so", updated_at=self.now)
        for place in range(self.rows):
            Department.objects.create(customer=customer, name=f"Department {place}", office=f"Room {place}")
            soon = self.now.date() + timedelta(days=place)
            ImportantDate.objects.create(customer=customer, kind="birthday", month=3, day=1, next_on=soon)
            Need.objects.create(customer=customer, what=f"Lamp {place}", level="need", noted_on=soon)
            Holding.objects.create(customer=customer, kind="vehicle", name=f"Car {place}", bought_on=soon)
        alice, day = self.people["alice"], self.now.date()
        for place in range(self.rows):
            started = self.now - timedelta(days=place + 3)
            Visit.objects.create(customer=customer, by=alice, started_at=started)
        plan = KeepingPlan.objects.create(
            customer=customer, goal="Stay", owner=alice, review_on=day, opened_at=self.now
        )
        for followup in FollowUp.objects.filter(customer=customer):
            PlanStep.objects.create(plan=plan, followup=followup)
        for other in self.customers[1:]:
            Relation.objects.create(whose=customer, who=other, kind="friend", created_at=self.now)

    def _merged(self, survivor: Customer) -> None:
        for place in range(self.rows):
            twice = Customer.objects.create(
                number=f"M{place:06d}", name=f"Twice {place}", owner=survivor.owner
            )
            merge(survivor, [twice], by=self.people["olga"], now=self.now)

    def _fill(self, customer: Customer) -> None:
        """Every field of every customer, as a card that is complete."""
        other = self.customers[0] if customer.pk != self.customers[0].pk else self.customers[-1]
        known = {one.name: one for one in definitions()}
        given = {"text": "words", "long": "words", "date": "2026-01-01", "flag": "yes", "link": "a.example"}
        given |= {"phone": "13800138000", "email": "a@b.example", "identity": "330702199001011234"}
        typed = {name: given.get(one.type, other.pk) for name, one in known.items()}
        fill(customer, typed, by=None, now=self.now)

    def _purchase(self, customer: Customer, number: int) -> None:
        at = self.now - timedelta(days=30 * number + 9)
        product, _ = Product.objects.get_or_create(code=f"P{number}", defaults={"name": f"Product {number}"})
        order = Purchase.objects.create(
            number=f"O{customer.pk}-{number}",
            customer=customer,
            at=at,
            currency="CNY",
            amount_minor=MONEY,
            line_count=self.rows,
        )
        lines = [
            PurchaseLine(
                purchase=order, product=product, quantity_milli=1000, amount_minor=MONEY // self.rows
            )
            for _ in range(self.rows)
        ]
        PurchaseLine.objects.bulk_create(lines)
        back = Purchase.objects.create(
            number=f"R{customer.pk}-{number}",
            kind="refund",
            customer=customer,
            at=at + timedelta(days=1),
            currency="CNY",
            amount_minor=-100,
            reverses=order,
        )
        for kind, told in (("purchased", order), ("refunded", back)):
            data = {"number": told.number} | ({"kind": "refund"} if told is back else {})
            money = {"amount_minor": told.amount_minor, "currency": "CNY"}
            self._fact(
                customer, kind, told.at, data, subject_type="customers.Purchase", subject_id=told.pk, **money
            )

    def _fact(self, customer: Customer, kind: str, at: datetime, data: dict[str, Any], **more: Any) -> Fact:
        return Fact.objects.create(
            customer=customer,
            kind=kind,
            at=at,
            recorded_at=self.now,
            actor=self.people["alice"],
            data=data,
            **more,
        )

    def _happened(self, customer: Customer, number: int) -> None:
        at = self.now - timedelta(days=10 * number, hours=1)
        spoke = {"channel": "phone", "direction": "out", "outcome": "reached", "note": f"note {number}"}
        self._fact(customer, "contacted", at, spoke)
        self._fact(customer, "complained", at, {"text": f"broken {number}"})
        self._noted(customer, at)
        StageChange.objects.create(
            customer=customer, from_stage="lead", to_stage="customer", at=at, reason="first_order"
        )

    def _noted(self, customer: Customer, at: datetime) -> None:
        """A note that names everybody and brings a file."""
        note = self._fact(customer, "noted", at, {"note": "@Sue @Olga look"})
        file = store(ContentFile(b"a"), name="a.txt", purpose="attachment", by=None, now=self.now)
        held = Attachment.objects.create(fact=note, file=file, name="a.txt", size=1, at=self.now)
        told = {"note": note.data["note"], "files": [{"id": held.pk, "name": "a.txt", "size": 1}]}
        named = [{"id": user.pk, "name": user.name, "as": f"@{user.name}"} for user in self.people.values()]
        Fact.objects.create(
            customer=customer, kind="noted", at=at, recorded_at=self.now, data=told | {"mentions": named}
        )
        Mention.objects.bulk_create(
            Mention(fact=note, whom=user, at=self.now) for user in self.people.values()
        )

    def _matter(self, customer: Customer, number: int) -> None:
        kind = ("risk", "promise", "task")[number % 3]
        matter = FollowUp.objects.create(
            customer=customer,
            assignee=self.people["alice"],
            kind=kind,
            title=f"matter {number}",
            reasons=[{"code": "contact_gap", "days": 40, "cadence": 30}],
            due_at=self.now - timedelta(hours=number),
            source="person",
            created_by=self.people["sue"],
            created_at=self.now,
        )
        FollowUpChange.objects.create(
            followup=matter, what="created", at=self.now, by=self.people["sue"], tells=self.people["alice"]
        )

    def _judge(self) -> None:
        runs = [
            ScoreRun.objects.create(
                as_of=self.now.date() - timedelta(days=days),
                state="done",
                started_at=self.now,
                finished_at=self.now,
                currency="CNY",
                customers=self.rows,
                totals={"grades": {}, "at_risk": 0, "value_at_risk_minor": 0, "expected_minor": 0},
                by=self.people["olga"],
            )
            for days in range(self.rows, -1, -1)
        ]
        CurrentRun.objects.update_or_create(pk=1, defaults={"run": runs[-1]})
        self._nights()
        for place, customer in enumerate(self.customers):
            Score.objects.create(
                run=runs[-1],
                customer=customer,
                grade=("gold", "iron", "lead")[place % 3],
                grade_before=("iron", "lead", "gold")[place % 3],
                moved=("rose", "rose", "fell")[place % 3],
                band=("high", "low", "watch")[place % 3],
                risk=70,
                p_alive=0.5,
                p_buy=0.4,
                expected_purchases=1.2,
                expected_value_minor=MONEY,
                value_at_risk_minor=MONEY,
                clv_minor=MONEY,
                value_12m_minor=MONEY,
                total_minor=MONEY,
                purchases=self.rows,
                rfm="333",
                first_on=self.now.date() - timedelta(days=400),
                last_on=self.now.date() - timedelta(days=9),
                usual_gap_days=30.0,
                gap_days=9,
                gap_percentile=0.2,
                next_on=self.now.date() + timedelta(days=21),
                reasons=[{"code": "contact_gap", "days": 40, "cadence": 30}],
            )
            GradeChange.objects.create(
                customer=customer, what="grade", before="iron", after="gold", at=self.now, run=runs[-1]
            )
        for run in runs:
            self._files(run)
        for run in runs[:-1]:
            self._track(run)

    def _files(self, run: ScoreRun) -> None:
        """What a night leaves beside its rows: read for whoever sees a part of the company."""
        folder = settings.HOME / "scores" / f"budget-{run.pk}"
        folder.mkdir(parents=True, exist_ok=True)
        ids = [customer.pk for customer in self.customers]
        names = [
            "value_at_risk",
            "total_12m",
            "profit",
            "p_buy",
            "expected_purchases",
            "expected_value",
            "value",
        ]
        columns = dict.fromkeys(names, [1.0] * len(ids)) | dict.fromkeys(
            ["month", "purchases"], [24_300] * len(ids)
        )
        table = pa.table(
            {
                "customer": ids,
                "band": ["high"] * len(ids),
                "grade": ["gold"] * len(ids),
                "risk": [80] * len(ids),
                **columns,
            }
        )
        for name in (SCORES, CAME, "months.parquet"):
            pq.write_table(table, folder / name)
        run.folder = str(folder.relative_to(settings.HOME))
        run.save(update_fields=["folder"])

    def _track(self, run: ScoreRun) -> None:
        TrackRecord.objects.create(
            run=run,
            horizon_days=90,
            judged_on=self.now.date(),
            customers=self.rows,
            expected_buyers=1.0,
            actual_buyers=1,
            expected_purchases=1.0,
            actual_purchases=1,
            expected_minor=1,
            actual_minor=1,
            log_loss=0.1,
            brier=0.1,
            calibration=[{"forecast": 0.1, "came": 0.1, "customers": 3}],
        )

    def _nights(self) -> None:
        """A month in which every customer came into the first segment, and some went."""
        first = Segment.objects.first()
        since = self.now.date() - timedelta(days=30)
        Segment.objects.filter(pk=first.pk).update(first_on=since, measured_on=self.now.date())
        for place, customer in enumerate(self.customers):
            on = since + timedelta(days=place % 20)
            left = on + timedelta(days=5) if place % 3 else None
            SegmentMember.objects.create(segment=first, customer=customer, entered_on=on, left_on=left)
