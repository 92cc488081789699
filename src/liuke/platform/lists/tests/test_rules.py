from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liuke.platform.lists.rules import Listing, Op, Query, Selection, Unfit


def asked(query: Query) -> list[tuple[str, str, tuple[Any, ...]]]:
    return [(c.field.name, c.op.value, c.values) for c in query.filter.conditions()]


def test_an_address_says_what_is_asked(listing: Listing) -> None:
    query = listing.from_address(
        {
            "state": ["waiting", "done"],
            "started.over_days": ["30"],
            "attempts.least": [""],
            "q": ["", "  江南  礼品 "],
            "sort": ["-started"],
            "columns": ["started", "name"],
            "after": ["whatever"],
        }
    )
    assert asked(query) == [("state", "is", ("waiting", "done")), ("started", "over_days", (30,))]
    assert (query.search, query.sort, query.columns) == ("江南 礼品", "-started", ("name", "started"))
    assert query.parameters() == [
        ("q", "江南 礼品"),
        ("state", "waiting"),
        ("state", "done"),
        ("started.over_days", "30"),
        ("sort", "-started"),
        ("columns", "name"),
        ("columns", "started"),
    ]


def test_an_address_that_says_nothing_asks_for_everything(listing: Listing) -> None:
    assert listing.from_address({}) == Query()
    assert [column.name for column in listing.shown()] == ["id", "name", "error"]
    assert listing.order().name == "-id"


@pytest.mark.parametrize(
    "parameters",
    [
        {"password": ["x"]},
        {"originator__password": ["x"]},
        {"state": ["gone"]},
        {"state.least": ["waiting"]},
        {"state.__class__": ["waiting"]},
        {"attempts": ["1 OR 1=1"]},
        {"attempts.least": ["1", "2"]},
        {"started.since": ["2026-02-30"]},
        {"started.within_days": ["-1"]},
        {"name.has": ["a\0b"]},
        {"name.has": ["\ud800"]},
        {"name.has": ["x" * 201]},
        {"who": ["mine"]},
        {"who": [str(n) for n in range(1, 103)]},
        {"sort": ["originator__password"]},
        {"sort": ["error"]},
        {"sort": ["--id"]},
        {"columns": ["password"]},
    ],
)
def test_what_the_list_does_not_offer_is_refused(listing: Listing, parameters: dict[str, list[str]]) -> None:
    with pytest.raises(Unfit):
        listing.from_address(parameters)


def test_what_somebody_may_not_see_he_cannot_filter_sort_or_show(listing: Listing) -> None:
    narrow = listing.for_rights(lambda right: False)
    assert listing.from_address({"error.has": ["Timeout"], "columns": ["error"]})
    for parameters in ({"error.has": ["Timeout"]}, {"columns": ["error"]}):
        with pytest.raises(Unfit):
            narrow.from_address(parameters)


def test_a_saved_view_comes_back_as_it_was(listing: Listing) -> None:
    tree = {
        "any": [
            {"field": "state", "op": "is", "values": ["done"]},
            {"none": [{"field": "who", "op": "is", "values": ["me", 7]}]},
            {
                "all": [
                    {"field": "started", "op": "since", "values": ["2026-01-31"]},
                    {"field": "lane", "op": "empty"},
                ]
            },
        ]
    }
    query = listing.from_plain({"filter": tree, "sort": "name", "search": "x", "columns": ["id"]})
    assert listing.from_plain(json.loads(json.dumps(query.plain()))) == query


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6), inner, max_size=4)
        | st.fixed_dictionaries(
            {
                "field": st.sampled_from(["state", "who", "started"]),
                "op": st.sampled_from(list(Op)),
                "values": inner,
            }
        )
        | st.dictionaries(st.sampled_from(["all", "any", "none"]), inner, max_size=2)
        | st.dictionaries(st.sampled_from(["filter", "search", "sort", "columns"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=anything)
def test_whatever_a_saved_view_holds_is_read_or_refused(listing: Listing, raw: Any) -> None:
    for candidate in (raw, {"filter": raw}):
        try:
            query = listing.from_plain(candidate)
        except Unfit:
            continue
        assert listing.from_plain(json.loads(json.dumps(query.plain()))) == query


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parameters=st.dictionaries(
        st.sampled_from(
            ["state", "who", "who.not", "attempts.least", "started.since", "name.has", "q", "sort"]
        ),
        st.lists(
            st.sampled_from(["waiting", "done", "none", "me", "1", "2026-01-01", "", "-id"]) | st.text(),
            max_size=3,
        ),
    )
)
def test_whatever_an_address_says_is_read_or_refused(
    listing: Listing, parameters: dict[str, list[str]]
) -> None:
    try:
        query = listing.from_address(parameters)
    except Unfit:
        return
    again: dict[str, list[str]] = {}
    for name, value in query.parameters():
        again.setdefault(name, []).append(value)
    assert listing.from_address(again) == query


def test_a_tree_has_its_bounds(listing: Listing) -> None:
    leaf: dict[str, Any] = {"field": "state", "op": "is", "values": ["done"]}
    deep: dict[str, Any] = leaf
    for _ in range(5):
        deep = {"all": [deep]}
    for tree in (deep, {"all": [leaf] * 41}, {"all": [{"any": [leaf] * 21}] * 2}, leaf):
        with pytest.raises(Unfit):
            listing.from_plain({"filter": tree})


def test_a_selection_is_the_ticked_rows_or_all_that_match() -> None:
    assert Selection.read({"ids": ["3", "3", "9"]}) == Selection(ids=frozenset({3, 9}))
    assert Selection.read({"ids": ["3"], "all": ["1"]}) == Selection(everything=True)
    for wrong in (
        {},
        {"all": ["0"]},
        {"ids": ["x"]},
        {"ids": ["-1"]},
        {"ids": [str(n) for n in range(1, 1002)]},
    ):
        with pytest.raises(Unfit):
            Selection.read(wrong)
