from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from liuke.platform.bulk.actions import insert_rows
from liuke.platform.models import Job, Preference, User

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def job_rows(*, by: User) -> list[tuple[object, ...]]:
    return [
        (f"job {i}", {"字": [i, None, "é\"'\\\n\t"]}, None, "waiting", AT, by.pk, 0, 5, "", 0, "", "", AT)
        for i in range(3)
    ]


COLUMNS = (  # noqa: SIM905 - as a line, like the rows
    "name params key state run_at originator_id attempts max_attempts worker progress_done"
    " progress_note error created_at"
).split()


def test_rows_come_out_as_the_model_would_have_written_them(olga: User) -> None:
    insert_rows(Job, COLUMNS, job_rows(by=olga))
    job = Job.objects.get(name="job 1")
    assert (job.params, job.run_at, job.originator, job.key) == (
        {"字": [1, None, "é\"'\\\n\t"]},
        AT,
        olga,
        None,
    )


def test_constraints_hold(olga: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Job, COLUMNS, [(*row[:3], "running", *row[4:]) for row in job_rows(by=olga)])
    assert not Job.objects.exists()


def test_a_conflict_can_be_told_what_to_do(olga: User) -> None:
    columns = ["key", "value", "changed_at"]
    insert_rows(Preference, columns, [("a", 1, AT)])
    insert_rows(Preference, columns, [("a", 2, AT), ("b", 3, AT)], on_conflict="ON CONFLICT (key) DO NOTHING")
    assert dict(Preference.objects.values_list("key", "value")) == {"a": 1, "b": 3}
