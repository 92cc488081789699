from liuke.scores.grades.models import GradeChange
from liuke.scores.policy.models import GradePolicy
from liuke.scores.runs.models import CurrentRun, Score, ScoreRun
from liuke.scores.segments.models import Segment, SegmentMember, SegmentPick
from liuke.scores.track.models import TrackRecord

__all__ = [
    "CurrentRun",
    "GradeChange",
    "GradePolicy",
    "Score",
    "ScoreRun",
    "Segment",
    "SegmentMember",
    "SegmentPick",
    "TrackRecord",
]
