"""A merged customer is in a segment by hand once, and has one history there: the survivor's, where both have one."""

from __future__ import annotations

from liuke.customers.moving.actions import carry_unless, moves

moves("scores.SegmentPick.customer", "scores.SegmentMember.customer")(carry_unless("segment_id"))
