from __future__ import annotations

import pytest

from liuke.platform.lists.rules import Column, Field, Kind, Listing


@pytest.fixture
def listing() -> Listing:
    """A list of jobs, which have something of every kind."""
    return Listing(
        place="jobs",
        sort="-id",
        columns=(
            Column("id", "Number", "id", Kind.NUMBER),
            Column("name", "Name", "name"),
            Column("started", "Started", "started_at", Kind.INSTANT, nullable=True, standard=False),
            Column("error", "Error", right="jobs.manage"),
        ),
        fields=(
            Field("state", "State", Kind.CHOICE, "state", [("waiting", "Waiting"), ("done", "Done")]),
            Field("lane", "Lane", Kind.CHOICE, "lane"),
            Field("who", "Who", Kind.PERSON, "originator"),
            Field("attempts", "Attempts", Kind.NUMBER, "attempts"),
            Field("started", "Started", Kind.INSTANT, "started_at"),
            Field("name", "Name", Kind.TEXT, "name"),
            Field("error", "Error", Kind.TEXT, "error", right="jobs.manage"),
        ),
    )
