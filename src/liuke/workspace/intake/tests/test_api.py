from __future__ import annotations

from django.core.files.base import ContentFile
from django.utils import timezone

from liuke.customers.models import Customer, ImportBatch
from liuke.platform.api.tests.calls import Form, Program, problem_of
from liuke.platform.jobs.actions import work
from liuke.platform.models import StoredFile, User

LIST = "number,name,phone\nN-1,Lantern Ltd,13800138000\nN-2,,13800138001\n"


def brought(content: str = LIST, name: str = "list.csv", **more: str) -> Form:
    return Form({"file": ContentFile(content.encode(), name=name), **more})


def done(program: Program, at: str) -> dict[str, object]:
    work(now=timezone.now())
    told: dict[str, object] = program.get(at).json()
    return told


def test_a_program_brings_a_file_tries_it_out_runs_it_and_takes_it_back(olga: User) -> None:
    program = Program(olga)
    made = program.post("imports", brought(), Idempotency_Key="list-1").json()
    assert program.post("imports", brought(), Idempotency_Key="list-1").json()["id"] == made["id"]
    assert (made["state"], made["target"], made["columns"]) == (
        "uploaded",
        "customers",
        ["number", "name", "phone"],
    )
    at = f"imports/{made['id']}"
    assert program.post(f"{at}/check").json()["progress"]
    tried = done(program, at)
    assert (tried["state"], Customer.objects.count()) == ("checked", 0)
    assert tried["counts"]["created"] == 1  # type: ignore[index]  # counts are a dict
    program.post(f"{at}/run")
    ran = done(program, at)
    assert (ran["state"], ran["has_rejects"]) == ("done", True)
    assert "N-2" in b"".join(program.get(f"{at}/rejects").streaming_content).decode("utf-8-sig")
    assert Customer.objects.get().name == "Lantern Ltd"
    problem_of(program.patch(at, {"clear_blanks": True}), "not-now")
    problem_of(program.delete(at), "not-now")
    program.post(f"{at}/undoing")
    assert done(program, at)["state"] == "undone"
    assert not Customer.objects.exists()
    assert program.get(f"{at}/kept").json()["items"] == []


def test_columns_are_chosen_and_what_is_no_choice_is_named(olga: User) -> None:
    program = Program(olga)
    made = program.post("imports", brought("a,b\nN-1,Lantern Ltd\n", target="customers")).json()
    at = f"imports/{made['id']}"
    assert made["missing"] == ["name"]
    problem_of(program.post(f"{at}/run"), "invalid")
    wrong = problem_of(program.patch(at, {"mapping": {"name": "c"}}), "invalid")
    assert wrong["errors"][0]["pointer"] == "/mapping/name"
    wrong = problem_of(program.patch(at, {"mapping": {"shoe_size": "b"}}), "invalid")
    assert wrong["errors"][0]["field"] == "shoe_size"
    problem_of(program.patch(at, {"sheet": "Sheet 1"}), "invalid")  # a CSV has none
    problem_of(program.patch(at, {"delimiter": ";", "mapping": {"name": "c"}}), "invalid")
    assert program.get(at).json()["columns"] == ["a", "b"]  # half of a change is none
    told = program.patch(at, {"mapping": {"name": "b", "number": "a"}}).json()
    assert (told["missing"], told["mapping"]["name"]) == ([], "b")
    assert program.delete(at).status_code == 204
    assert not StoredFile.objects.exists()


def test_a_file_of_which_nothing_can_be_made_is_refused_and_not_kept(olga: User, sue: User) -> None:
    told = problem_of(Program(olga).post("imports", brought("")), "invalid")
    assert told["errors"][0]["detail"]
    assert (ImportBatch.objects.count(), StoredFile.objects.count()) == (0, 0)
    problem_of(Program(olga, "customers:write").post("imports", brought()), "scope-missing")
