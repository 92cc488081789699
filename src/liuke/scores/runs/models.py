from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import QuerySet, Subquery, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.customers.models import Customer
from liuke.customers.standings.rules import RELATIONS
from liuke.scores.runs.rules import STALE_DAYS

if TYPE_CHECKING:
    from datetime import date

    from django_stubs_ext import StrOrPromise

    from liuke.insight import Judgement
    from liuke.platform.models import User

COSTED_FROM = 0.5  # of the sales
LIKELY = 0.5  # from this chance on of still being a customer, a next order is expected


def states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("running", _("running")),
        ("done", _("done")),
        ("failed", _("failed")),
        ("nothing", _("nothing to judge")),
    ]


def relations() -> list[tuple[str, StrOrPromise]]:
    return list(RELATIONS.items())


class ScoreRun(models.Model):
    """One night's judgement of everybody. Its rows are written beside the old ones; `CurrentRun` then points to it."""

    as_of = models.DateField()
    horizon_days = models.PositiveSmallIntegerField(default=90)
    state = models.CharField(max_length=8, choices=states, default="running")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    seconds = models.JSONField(default=dict)  # step -> seconds
    customers = models.PositiveIntegerField(default=0)
    purchases = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    totals = models.JSONField(default=dict)  # grades, at_risk, value_at_risk, gini …
    fits = models.JSONField(default=dict)  # model name -> parameters and log-likelihood
    forecast = models.JSONField(default=dict)  # weights and backtest
    looked_back = models.BooleanField(
        default=False
    )  # made later from what was known then, for the track record
    fallback = models.CharField(max_length=200, blank=True)  # why no model could be used; blank: a model was
    folder = models.CharField(max_length=200, blank=True)  # the Parquet files, below LIUKE_HOME
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.as_of} #{self.pk}"

    @property
    def quiet_days(self) -> int:
        """Days without any order, where they are so many that the last order's day was judged instead of the day itself."""
        days = (self.started_at.date() - self.as_of).days
        return days if days > STALE_DAYS else 0

    @property
    def costs_known(self) -> bool:
        """Whether most of the sales came with a cost: profit, and not what is left of the sales."""
        return bool(self.totals.get("costed", 0) >= COSTED_FROM)

    @property
    def profit_name(self) -> StrOrPromise:
        """Where few orders came with a cost, the figure is called what it is."""
        return _("Profit after service") if self.costs_known else _("Sales less service")

    def models_from(self, judgement: Judgement) -> None:
        """Takes over how the judgement was reached."""
        self.fits, self.forecast = judgement.models, judgement.forecast
        self.fallback = judgement.fallback or ""


class CurrentRun(models.Model):
    """The one row that says which run is read. Moved in one small transaction: old night or new one, never both."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"run {self.run_id}"


class ScoreQuerySet(QuerySet["Score"]):
    def current(self) -> ScoreQuerySet:
        """Of the run that is read now; none before the first night."""
        return self.filter(run_id=Subquery(CurrentRun.objects.filter(pk=1).values("run_id")[:1]))

    def for_user(self, user: User) -> ScoreQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def summed_for(self, user: User) -> ScoreQuerySet:
        """As `for_user`, where all of them are gone through: no row looks its customer up."""
        return self.filter(Customer.objects.reach_of_sums(user, path="customer__"))


class Score(models.Model):
    """A customer as a run saw him. Grade `""`: no business in the window, so ungraded (CL02)."""

    run = models.ForeignKey(ScoreRun, on_delete=models.CASCADE, related_name="scores")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="scores")
    grade = models.CharField(max_length=8, blank=True)
    grade_before = models.CharField(max_length=8, blank=True, default="")  # as it would have been a month ago
    moved = models.CharField(max_length=4, blank=True, default="")  # since then: rose, fell
    band = models.CharField(
        max_length=8, blank=True
    )  # blank: never bought; rules of insight: high, watch, low, new …
    risk = models.PositiveSmallIntegerField()  # 0–100
    p_alive = models.FloatField()
    p_buy = models.FloatField()
    expected_purchases = models.FloatField()
    expected_value_minor = models.BigIntegerField()  # in the horizon
    # the expected loss; that of all at high risk is the money at risk
    value_at_risk_minor = models.BigIntegerField()
    clv_minor = models.BigIntegerField()
    value_12m_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    purchases = models.PositiveIntegerField()
    about_now = models.BooleanField(default=False)  # within the window in which his own gaps usually end
    rfm = models.CharField(max_length=3, blank=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    usual_gap_days = models.FloatField(null=True)
    gap_days = models.PositiveIntegerField(null=True)
    gap_percentile = models.FloatField(null=True)
    next_on = models.DateField(null=True)
    next_from_on = models.DateField(null=True)
    next_to_on = models.DateField(null=True)
    reasons = models.JSONField(default=list)
    # the kinds of customers (scores/classes); "" for whoever is not in business
    sales_class = models.CharField(max_length=1, blank=True, default="")
    profit_cell = models.CharField(max_length=16, blank=True, default="")
    future_cell = models.CharField(max_length=8, blank=True, default="")
    relation = models.CharField(max_length=12, choices=relations, blank=True, default="")
    loyalty = models.PositiveSmallIntegerField(default=0)  # 0–100
    profit_minor = models.BigIntegerField(default=0)  # of the window: margin less service
    service_minor = models.BigIntegerField(default=0)  # what looking after him cost in it

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["run", "customer"]
        constraints = [UniqueConstraint(fields=["run", "customer"], name="score_once_per_run")]
        indexes = [
            # serve: the customer list by money at risk, by value, and its facets, within the current run
            models.Index(fields=["run", "-value_at_risk_minor", "customer"], name="score_at_risk"),
            models.Index(fields=["run", "-value_12m_minor", "customer"], name="score_value"),
            # the band with its money also serves: what is slipping away, on Today
            models.Index(fields=["run", "band", "customer", "value_at_risk_minor"], name="score_band"),
            models.Index(fields=["run", "moved", "customer"], name="score_moved"),
            # serves: the grade facet, and the pyramid: counts and sums by grade and band, read from the index alone
            models.Index(
                fields=["run", "grade", "band", "customer", "value_12m_minor", "value_at_risk_minor"],
                name="score_layers",
            ),
            # serves: the classes, counted and summed from the index alone, and the list of one relationship
            models.Index(
                fields=[
                    "run",
                    "relation",
                    "profit_cell",
                    "future_cell",
                    "sales_class",
                    "customer",
                    "value_12m_minor",
                    "profit_minor",
                ],
                name="score_classes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.grade} {self.risk}"

    @property
    def expected_on(self) -> date | None:
        """The day of the next order; of who has more likely left than not, none is told."""
        return self.next_on if self.p_alive >= LIKELY else None
