from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, models, transaction
from django.db.models import CheckConstraint, F, Max, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.platform.jobs.rules import WORKER_DIED

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("waiting", _("waiting")),
        ("running", _("running")),
        ("done", _("done")),
        ("failed", _("failed")),
        ("cancelled", _("cancelled")),
    ]


# One statement picks and takes. The inner query is a CTE so that PostgreSQL runs it once; SKIP LOCKED lets
# several workers pick without waiting for each other. SQLite has one writer at a time and needs neither.
CLAIM = """
WITH picked AS (
    SELECT j.id FROM {table} j
    WHERE j.run_at <= %s AND j.attempts < j.max_attempts AND j.name IN ({names})
      AND (j.state = 'waiting' OR (j.state = 'running' AND j.lease_until < %s))
      AND (j.lane = '' OR NOT EXISTS (
          SELECT 1 FROM {table} r WHERE r.lane = j.lane AND r.state = 'running' AND r.id <> j.id))
    ORDER BY j.run_at, j.id LIMIT 1 {lock}
)
UPDATE {table}
SET state = 'running', worker = %s, lease_until = %s, attempts = attempts + 1, started_at = %s, error = ''
WHERE id IN (SELECT id FROM picked)
RETURNING id
"""


class JobQuerySet(QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=["waiting", "running"])

    def newest_of(self, names: Collection[str]) -> JobQuerySet:
        """The last run of each of these jobs, in one statement."""
        last = self.filter(name__in=names).order_by().values("name").annotate(last=Max("pk")).values("last")
        return self.filter(pk__in=last)

    def claimable(self, now: datetime) -> JobQuerySet:
        """Due, or left behind by a worker that let its lease run out."""
        return self.filter(run_at__lte=now, attempts__lt=F("max_attempts")).filter(
            Q(state="waiting") | Q(state="running", lease_until__lt=now)
        )

    def claim(self, names: Collection[str], *, worker: str, now: datetime, lease: timedelta) -> Job | None:
        """Takes the job that has been due longest, fresh or left behind; None when there is none."""
        # Asked first without a lock: idle workers must not write once a second.
        if not names or not self.claimable(now).filter(name__in=names).exists():
            return None
        sql = CLAIM.format(
            table=connection.ops.quote_name(self.model._meta.db_table),
            names=", ".join(["%s"] * len(names)),
            lock="FOR UPDATE OF j SKIP LOCKED"
            if connection.features.has_select_for_update_skip_locked
            else "",
        )
        at = connection.ops.adapt_datetimefield_value(now)
        until = connection.ops.adapt_datetimefield_value(now + lease)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [at, *names, at, worker, until, at])
                rows = cursor.fetchall()
        except IntegrityError:  # two workers picked from one lane at the same instant; the other one has it
            return None
        return self.select_related("originator__role").get(pk=rows[0][0]) if rows else None

    def bury(self, now: datetime) -> int:
        """Gives up those whose every attempt took its worker down."""
        gone = self.filter(state="running", lease_until__lt=now, attempts__gte=F("max_attempts"))
        if not gone.exists():
            return 0
        return gone.update(state="failed", finished_at=now, lease_until=None, error=WORKER_DIED)

    def release(self, worker: str, *, now: datetime) -> int:
        """Lets go of what a worker held that is known to be dead, before its leases run out."""
        return self.filter(state="running", worker=worker).update(lease_until=now - timedelta(microseconds=1))


class Job(models.Model):
    """A piece of background work: whoever holds its lease works on it, an expired lease is taken over."""

    name = models.CharField(max_length=80)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(
        max_length=120, null=True, blank=True
    )  # a clock's tick or a caller's own: never twice
    lane = models.CharField(
        max_length=80, blank=True, default=""
    )  # of one lane, one runs at a time; blank: no lane
    state = models.CharField(max_length=10, choices=states, default="waiting")
    run_at = models.DateTimeField()
    originator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            UniqueConstraint(
                fields=["lane"], condition=Q(state="running") & ~Q(lane=""), name="job_lane_runs_one"
            ),
            UniqueConstraint(fields=["key"], condition=Q(key__isnull=False), name="job_key_unique"),
            CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False) | ~Q(state="running"),
                name="job_running_has_lease",
            ),
        ]
        indexes = [
            # serves: the claim of the next due job
            models.Index(fields=["state", "run_at"], name="job_due"),
            # serves: the log of one kind of job
            models.Index(fields=["name", "-id"], name="job_log"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} {self.state}"
