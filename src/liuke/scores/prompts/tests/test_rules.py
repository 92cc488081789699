from __future__ import annotations

from liuke.scores.prompts.rules import Candidate, chosen


def test_each_person_gets_the_heaviest_up_to_the_limit() -> None:
    mine = [Candidate(i, 1, "risk", 100 * i) for i in range(1, 6)]
    hers = [Candidate(9, 2, "risk", 1)]
    assert [c.customer_id for c in chosen([*hers, *mine], limit=2)] == [5, 4, 9]


def test_a_customer_is_asked_about_once_by_the_heaviest_matter() -> None:
    both = [Candidate(1, 1, "rhythm", 50), Candidate(1, 1, "risk", 80), Candidate(2, 1, "gap", 10)]
    assert [(c.customer_id, c.kind) for c in chosen(both, limit=9)] == [(1, "risk"), (2, "gap")]


def test_customers_without_an_owner_have_a_list_of_their_own() -> None:
    found = chosen([Candidate(1, None, "risk", 5), Candidate(2, 7, "risk", 5)], limit=1)
    assert {c.owner_id for c in found} == {None, 7}
