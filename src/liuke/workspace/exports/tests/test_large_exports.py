"""A large export: asked for with a reason, approved by another, fetched by the asker alone and for a time, marked."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from liuke.customers.exports.actions import approve, ask, keep, refuse, take, tidy
from liuke.customers.models import Customer, ExportRequest
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.jobs.actions import work
from liuke.platform.models import AuditEntry, StoredFile, User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Add, Desk


@pytest.fixture
def shops(add: Add, alice: User, bob: User, moment: datetime) -> list[Customer]:
    change("exports.approve_from", 3, by=None, now=moment)
    return [add(alice if place % 2 else bob, f"Shop {place}") for place in range(4)]


def body(response: object) -> list[list[str]]:
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def ask_for_all(client: Client, reason: str = "letters for the fair") -> None:
    assert "needs somebody" in client.get("/customers/export/").content.decode().replace("need ", "needs ")
    assert client.post("/customers/export/", {"all": "1", "reason": reason}).status_code == 302


def test_below_the_threshold_it_comes_at_once_and_each_line_names_who_took_it(
    desk: Desk, shops: list[Customer], sue: User
) -> None:
    rows = body(desk(sue).post("/customers/export/", {"ids": [shops[0].pk, shops[1].pk]}))
    entry = AuditEntry.objects.get(action="customers.export")
    assert rows[0][-1] == "Export"
    assert {row[-1].rpartition(" ")[0].rpartition(" ")[0] for row in rows[1:]} == {f"A-{entry.pk} sue"}


def test_from_the_threshold_on_somebody_else_approves_and_only_the_asker_fetches_it(
    desk: Desk, shops: list[Customer], sue: User, olga: User, anna: User
) -> None:
    client = desk(sue)
    ask_for_all(client)
    asked = ExportRequest.objects.get()
    assert (asked.asker, asked.rows, asked.state, asked.reason) == (sue, 4, "asked", "letters for the fair")
    assert client.post(f"/exports/{asked.pk}/approval/").status_code == 403
    assert client.post(f"/exports/{asked.pk}/file/").status_code == 404
    assert "letters for the fair" in desk(olga).get("/exports/").content.decode()
    assert desk(olga).post(f"/exports/{asked.pk}/approval/").status_code == 302
    work(now=timezone.now())
    for other in (olga, anna):
        assert desk(other).post(f"/exports/{asked.pk}/file/").status_code == 404
    assert "Fetch" in client.get("/exports/").content.decode()
    rows = body(client.post(f"/exports/{asked.pk}/file/"))
    assert [row[1] for row in rows[1:]] == [one.name for one in Customer.objects.order_by("name")]
    assert all(row[-1].startswith(f"E-{asked.pk} sue ") for row in rows[1:])
    told = AuditEntry.objects.filter(subject_type="customers.exportrequest").order_by("id")
    assert [(one.action, one.actor) for one in told] == [
        ("exports.ask", sue),
        ("exports.approve", olga),
        ("customers.export", sue),
        ("exports.take", sue),
    ]


def test_whoever_approves_others_needs_no_approval(desk: Desk, shops: list[Customer], olga: User) -> None:
    assert len(body(desk(olga).get("/customers/export/"))) == 5


def test_the_file_is_written_with_what_the_asker_may_read_then(
    desk: Desk, shops: list[Customer], sue: User, olga: User, charlie: User
) -> None:
    ask_for_all(desk(sue))
    asked = ExportRequest.objects.get()
    Customer.objects.filter(pk=shops[0].pk).update(owner=charlie, team=charlie.team)
    approve(asked, by=olga, now=timezone.now())
    work(now=timezone.now())
    asked.refresh_from_db()
    assert (asked.state, asked.rows, asked.ids) == ("ready", 3, [])
    assert "Shop 0" not in str(body(desk(sue).post(f"/exports/{asked.pk}/file/")))


def test_a_right_that_is_gone_by_then_opens_nothing(
    desk: Desk, shops: list[Customer], sue: User, olga: User
) -> None:
    ask_for_all(desk(sue))
    asked = ExportRequest.objects.get()
    sue.role.rights = [right for right in sue.role.rights if right != "customers.export"]
    sue.role.save()
    approve(asked, by=olga, now=timezone.now())
    work(now=timezone.now())
    asked.refresh_from_db()
    assert (asked.state, asked.file) == ("approved", None)
    assert desk(sue).post(f"/exports/{asked.pk}/file/").status_code == 403


def test_its_time_is_over_and_the_file_is_gone(
    shops: list[Customer], sue: User, olga: User, now: datetime
) -> None:
    asked = ask([one.pk for one in shops], reason="letters", by=sue, now=now)
    approve(asked, by=olga, now=now)
    work(now=now)
    assert take(asked, by=sue, now=now + timedelta(hours=47)) is not None
    assert take(asked, by=sue, now=now + timedelta(hours=48)) is None
    assert tidy(now=now + timedelta(hours=48)) == 1
    asked.refresh_from_db()
    assert asked.file is None
    assert not StoredFile.objects.filter(purpose="export").exists()


def test_decided_once_and_never_about_ones_own(
    shops: list[Customer], sue: User, olga: User, charlie: User, now: datetime
) -> None:
    asked = ask([one.pk for one in shops], reason="letters", by=sue, now=now)
    refuse(asked, note="not before the fair", by=olga, now=now)
    with pytest.raises(Unfit):
        approve(asked, by=olga, now=now)
    own = ask([one.pk for one in shops], reason="letters", by=olga, now=now)
    with pytest.raises(Denied):
        approve(own, by=olga, now=now)
    with pytest.raises(Denied):
        approve(own, by=charlie, now=now)


def test_a_job_that_runs_again_keeps_one_file(
    shops: list[Customer], sue: User, olga: User, now: datetime
) -> None:
    asked = ask([one.pk for one in shops], reason="letters", by=sue, now=now)
    approve(asked, by=olga, now=now)
    assert keep(asked, io.BytesIO(b"one"), name="a.csv", rows=1, now=now)
    assert not keep(asked, io.BytesIO(b"two"), name="a.csv", rows=1, now=now)
    assert StoredFile.objects.filter(purpose="export").count() == 1
    assert AuditEntry.objects.filter(action="customers.export").count() == 1
