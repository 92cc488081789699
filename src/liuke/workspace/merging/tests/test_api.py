from __future__ import annotations

from liuke.customers.models import Customer
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User
from liuke.workspace.conftest import Add


def test_a_program_lays_side_by_side_merges_and_undoes(add: Add, sue: User, alice: User) -> None:
    first, second = add(alice, "Lantern Ltd"), add(alice, "Lantern Limited")
    program, here = Program(sue), f"customers/{first.pk}"
    both = program.get(f"{here}/comparison?other={second.pk}").json()
    (name,) = [one for one in both["units"] if one["unit"] == "name"]
    assert [(one["text"], one["is_chosen"]) for one in name["said"]] == [
        ("Lantern Ltd", True),
        ("Lantern Limited", False),
    ]
    wanted = {
        "other_ids": [second.pk],
        "choices": {"name": second.pk},
        "versions": both["versions"],
    }
    done = program.post(f"{here}/merges", wanted).json()
    assert (done["survivor"]["name"], done["state"], done["by"]) == ("Lantern Limited", "done", "Sue")
    assert second.number in done["former"]
    assert program.get(f"customers/{second.pk}").json()["id"] == first.pk  # the old id leads on
    assert [one["id"] for one in program.get("merges").json()["items"]] == [done["id"]]
    back = program.post(f"merges/{done['id']}/undoing").json()
    assert ([one["id"] for one in back["back"]], back["merge"]["state"]) == ([second.pk], "undone")
    assert set(Customer.objects.values_list("name", flat=True)) == {"Lantern Ltd", "Lantern Limited"}
    told = problem_of(program.post(f"merges/{done['id']}/undoing"), "invalid")
    assert told["detail"] == "This merge has been undone already."


def test_what_changed_in_between_or_is_no_choice_merges_nothing(add: Add, sue: User, alice: User) -> None:
    first, second = add(alice, "Lantern Ltd"), add(alice, "Lantern Limited")
    program, here = Program(sue), f"customers/{first.pk}/merges"
    old = {str(second.pk): second.version}
    Program(alice).patch(f"customers/{second.pk}", {"city": "Leeds"}, If_Match="*")
    problem_of(program.post(here, {"other_ids": [second.pk], "versions": old}), "invalid")
    problem_of(program.post(here, {"other_ids": [second.pk], "choices": {"shoe_size": second.pk}}), "invalid")
    problem_of(program.post(here, {"other_ids": [first.pk]}), "invalid")
    problem_of(Program(alice).post(here, {"other_ids": [second.pk]}), "not-allowed")
    assert Customer.objects.count() == 2
