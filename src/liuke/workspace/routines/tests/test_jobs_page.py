from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from liuke.platform.jobs.actions import claim, declared, enqueue, work
from liuke.platform.jobs.rules import REGISTER, ClockTime, GiveUp, JobRun, job
from liuke.platform.models import Job, User
from liuke.workspace.routines.rules import duration_text, schedule_text

PAGE = "/settings/jobs/"


@pytest.fixture(autouse=True)
def _jobs() -> Iterator[None]:
    everything = dict(declared())
    REGISTER.clear()
    job("test.night", every="02:10", label="Count the stars")(lambda run: None)

    @job("test.hopeless", label="Reach the moon")
    def hopeless(run: JobRun) -> None:
        raise GiveUp("No ladder is long enough.")

    yield
    REGISTER.clear()
    REGISTER.update(everything)


@pytest.fixture
def office(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_pl04_the_log_shows_what_ran_for_whom_and_what_came_of_it(office: Client, alice: User) -> None:
    now = datetime.now(UTC)
    enqueue("test.night", by=None, now=now)
    enqueue("test.hopeless", by=alice, now=now)
    work()
    page = text(office.get(PAGE))
    for word in (
        "Count the stars",
        "the clock",
        "done",
        "Reach the moon",
        "Alice",
        "failed",
        "No ladder is long enough.",
    ):
        assert word in page
    assert "every 2s" not in page  # nothing is at work, so the page leaves the server alone


def test_pl04_a_routine_is_started_by_hand(office: Client, olga: User) -> None:
    response = office.post(f"{PAGE}runs/", {"name": "test.night"}, follow=True)
    assert (Job.objects.get().name, Job.objects.get().originator) == ("test.night", olga)
    assert "“Count the stars” has been started." in text(response)
    assert "every 2s" in text(response)
    assert office.post(f"{PAGE}runs/", {"name": "test.hopeless"}).status_code == 404


def test_progress_is_shown_while_it_lasts(office: Client) -> None:
    now = datetime.now(UTC)
    enqueue("test.night", by=None, now=now)
    held = claim(worker="w", now=now)
    assert held is not None
    Job.objects.update(progress_done=30, progress_total=120, progress_note="reading")
    page = text(office.get(PAGE))
    for word in ('max="120" value="30"', "25%", "reading", "every 2s"):
        assert word in page


def test_a_job_is_cancelled_and_tried_again(office: Client) -> None:
    waiting = enqueue("test.night", by=None, now=datetime.now(UTC))
    assert "has been cancelled" in text(office.post(f"{PAGE}{waiting.pk}/cancellation/", follow=True))
    assert "was over already" in text(office.post(f"{PAGE}{waiting.pk}/cancellation/", follow=True))
    assert "is tried again" in text(office.post(f"{PAGE}{waiting.pk}/attempts/", follow=True))
    assert Job.objects.get().state == "waiting"
    assert "Only what has failed" in text(office.post(f"{PAGE}{waiting.pk}/attempts/", follow=True))


def test_only_who_manages_jobs_gets_there(client: Client, alice: User, sue: User, now: datetime) -> None:
    waiting = enqueue("test.night", by=alice, now=now)
    for user in (alice, sue):
        client.force_login(user)
        assert client.get(PAGE).status_code == 403
        for door in ("runs/", f"{waiting.pk}/cancellation/", f"{waiting.pk}/attempts/"):
            assert client.post(PAGE + door, {"name": "test.night"}).status_code == 403
    assert list(Job.objects.values_list("state", flat=True)) == ["waiting"]


def test_it_is_narrowed_and_says_so_when_nothing_is_left(office: Client) -> None:
    enqueue("test.night", by=None, now=datetime.now(UTC))
    assert "No run matches" in text(office.get(PAGE, {"state": "failed"}))
    assert f"job-{Job.objects.get().pk}" in text(office.get(PAGE, {"state": "waiting", "name": "test.night"}))


def test_a_page_costs_the_same_whatever_the_log(
    office: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = datetime.now(UTC)
    for _ in range(60):
        enqueue("test.night", by=alice, now=now)
    office.get(PAGE)
    with django_assert_max_num_queries(10):
        page = text(office.get(PAGE))
    assert page.count("data-row ") == 50
    assert "after=" in page


@pytest.mark.parametrize(
    ("every", "told"),
    [
        (ClockTime.read("02:10"), "every day at 02:10"),
        (ClockTime.read("mon 07:30"), "Monday at 07:30"),
        (ClockTime.read("day 1 03:00"), "day 1 of the month at 03:00"),
        (timedelta(minutes=15), "every 15 minutes"),
        (timedelta(hours=1), "every hour"),
        (timedelta(hours=6), "every 6 hours"),
    ],
)
def test_a_schedule_is_told_in_words(every: ClockTime | timedelta, told: str) -> None:
    with translation.override("en"):
        assert schedule_text(every) == told


def test_how_long_it_took() -> None:
    with translation.override("en"):
        assert [duration_text(s) for s in (0.04, 9.96, 59.4, 61, 3725)] == [
            "0.0 s",
            "10.0 s",
            "59 s",
            "1 min 1 s",
            "62 min 5 s",
        ]
