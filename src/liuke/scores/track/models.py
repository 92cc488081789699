from __future__ import annotations

from django.db import models
from django.db.models import UniqueConstraint


class TrackRecord(models.Model):
    """A forecast of the past against what came: made once its horizon is over, from the run's own files."""

    run = models.ForeignKey("scores.ScoreRun", on_delete=models.CASCADE, related_name="track_records")
    horizon_days = models.PositiveSmallIntegerField()
    judged_on = models.DateField()
    customers = models.PositiveIntegerField()
    expected_buyers = models.FloatField()
    actual_buyers = models.PositiveIntegerField()
    expected_purchases = models.FloatField()
    actual_purchases = models.PositiveIntegerField()
    expected_minor = models.BigIntegerField()
    actual_minor = models.BigIntegerField()
    log_loss = models.FloatField()
    brier = models.FloatField()
    auc = models.FloatField(null=True)
    calibration = models.JSONField(default=list)  # ten bins: forecast, came, customers

    class Meta:
        ordering = ["-judged_on", "-id"]
        constraints = [UniqueConstraint(fields=["run", "horizon_days"], name="track_record_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.horizon_days} d"
