from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from liuke.platform.models import Job
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
STARTED = Column("started", "Started", "started_at", Kind.INSTANT, nullable=True)
NAME = Column("name", "Name", "name")
TOTAL = Column("total", "Total", "progress_total", Kind.NUMBER, nullable=True)


def make(totals: list[int | None]) -> list[Job]:
    return Job.objects.bulk_create(
        [
            Job(
                name=f"j{(total or 0) % 3}",
                run_at=AT,
                created_at=AT,
                progress_total=total,
                started_at=None if total is None else AT + timedelta(microseconds=total),
            )
            for total in totals
        ]
    )


def walk(keyset: Keyset, limit: int, whole: QuerySet[Job] | None = None) -> list[int]:
    seen: list[int] = []
    after = ""
    for _ in range(50):
        shown = page(Job.objects.all(), keyset, after=after, limit=limit, whole=whole)
        seen += [job.pk for job in shown]
        assert len(shown) <= limit
        if not shown.after:
            return seen
        assert len(shown) == limit
        after = shown.after
    raise AssertionError("the pages don't end")


class EveryRowOnce(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(
        totals=st.lists(st.none() | st.integers(0, 4), max_size=12),
        descending=st.booleans(),
        limit=st.integers(1, 5),
        column=st.sampled_from([STARTED, NAME, TOTAL]),
    )
    def test_in_order_with_what_is_blank_at_the_end(
        self, totals: list[int | None], descending: bool, limit: int, column: Column
    ) -> None:
        Job.objects.all().delete()
        make(totals)
        sign = -1 if descending else 1
        rows = [(getattr(job, column.sort), job.pk) for job in Job.objects.order_by("pk")]
        valued = sorted(((v, pk) for v, pk in rows if v is not None), reverse=descending)
        blank = sorted((pk for v, pk in rows if v is None), key=lambda pk: sign * pk)
        expected = [pk for _, pk in valued] + blank
        assert walk(Keyset(column, descending), limit) == expected
        assert walk(Keyset(column, descending), limit, Job.objects.all()) == expected


@pytest.mark.django_db
def test_a_row_added_or_removed_meanwhile_moves_no_other() -> None:
    jobs = make([1, 2, 3, 4])
    keyset = Keyset(TOTAL, descending=False)
    first = page(Job.objects.all(), keyset, limit=2)
    make([0])
    jobs[1].delete()
    second = page(Job.objects.all(), keyset, after=first.after, limit=2)
    assert [job.progress_total for job in second] == [3, 4]


@pytest.mark.django_db
def test_a_page_is_one_statement_and_the_one_that_reaches_the_blanks_two(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make([1, 2, None])
    with django_assert_num_queries(1):
        page(Job.objects.all(), Keyset(TOTAL, descending=True), limit=1)
    with django_assert_num_queries(2):
        page(Job.objects.all(), Keyset(TOTAL, descending=True), limit=2)


@pytest.mark.django_db
def test_where_nothing_was_counted_nothing_is_asked_for(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        found = page(Job.objects.all(), Keyset(TOTAL, descending=True), total=0)
    assert (found.rows, found.after, found.total) == ([], "", 0)


@pytest.mark.django_db
def test_an_index_finds_the_place() -> None:
    """On (state, run_at): no step of the plan reads the table from end to end."""
    keyset = Keyset(Column("run", "", "run_at", Kind.INSTANT), descending=False)
    with CaptureQueriesContext(connection) as captured:
        page(Job.objects.filter(state="waiting"), keyset, after=keyset.token(AT, 5), limit=50)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_seqscan = off"
            )  # a table as small as this one would be read whole
            cursor.execute("EXPLAIN " + captured[0]["sql"])
            plan = " ".join(line for (line,) in cursor.fetchall())
            assert "job_due" in plan
            assert "Index Cond: (((state)::text = 'waiting'::text) AND (run_at >=" in plan
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + captured[0]["sql"])
            plan = " ".join(line[3] for line in cursor.fetchall())
            assert "SEARCH platform_job USING INDEX job_due (state=? AND run_at>?)" in plan
            assert "SCAN" not in plan
