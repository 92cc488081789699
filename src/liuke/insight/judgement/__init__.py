"""One judgement of every customer: grade, risk, value, next purchase, and the reasons."""

from liuke.insight.judgement.judge import Judgement, judge
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.judgement.stages import stage

__all__ = ["JudgeSettings", "Judgement", "judge", "stage"]
