from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile

from liuke.customers.models import Attachment, Fact
from liuke.platform.api.tests.calls import Form, Program, problem_of
from liuke.platform.models import StoredFile, User
from liuke.workspace.conftest import Add


def plan(content: bytes = b"four rooms", name: str = "plan.pdf", **more: Any) -> Form:
    return Form({"note": "the plan", "files": ContentFile(content, name=name), **more})


def test_a_program_brings_a_file_takes_it_along_and_takes_it_away(add: Add, alice: User) -> None:
    program, here = Program(alice), f"customers/{add(alice, 'Lantern').pk}/attachments"
    entry = program.post(here, plan()).json()
    (told,) = entry["data"]["files"]
    assert (entry["data"]["note"], told["name"], told["size"]) == ("the plan", "plan.pdf", 10)
    (kept,) = program.get(here).json()["items"]
    assert (kept["id"], kept["fact_id"], kept["by"]) == (told["id"], entry["id"], "Alice")
    file = program.get(f"{here}/{told['id']}/content")
    assert b"".join(file.streaming_content) == b"four rooms"
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    gone = program.post(f"{here}/{told['id']}/removal", {"reason": "the wrong plan"}).json()
    assert gone["removed_at"]
    problem_of(program.get(f"{here}/{told['id']}/content"), "not-found")
    assert not StoredFile.objects.exists()


def test_sent_again_with_the_same_key_it_is_kept_once(add: Add, alice: User) -> None:
    program, here = Program(alice), f"customers/{add(alice, 'Lantern').pk}/attachments"
    first = program.post(here, plan(), Idempotency_Key="plan-1").json()
    again = program.post(here, plan(), Idempotency_Key="plan-1")
    assert (again.json()["id"], again["Idempotency-Replayed"]) == (first["id"], "true")
    problem_of(program.post(here, plan(b"five rooms"), Idempotency_Key="plan-1"), "key-used")
    assert Attachment.objects.count() == 1


def test_what_is_no_form_or_a_program_is_refused_and_nothing_kept(add: Add, alice: User) -> None:
    program, here = Program(alice), f"customers/{add(alice, 'Lantern').pk}/attachments"
    before = Fact.objects.count()
    problem_of(program.post(here, {"note": "the plan"}), "not-a-form")
    problem_of(program.post(here, Form({"note": "the plan"})), "invalid")
    told = problem_of(program.post(here, plan(b"MZ\x90", "plan.exe")), "invalid")
    assert "plan.exe" in told["errors"][0]["detail"]
    problem_of(program.post(here, plan(note="a\0b")), "invalid")
    problem_of(program.post(f"customers/{add(alice, 'Ann').pk}/notes", plan()), "not-json")
    assert (Fact.objects.count() - before, StoredFile.objects.count()) == (1, 0)  # Ann's registration


def test_only_who_brought_it_or_leads_takes_it_away(add: Add, alice: User, sue: User) -> None:
    here = f"customers/{add(alice, 'Lantern').pk}/attachments"
    by_sue = Program(sue).post(here, plan()).json()["data"]["files"][0]["id"]
    wanted = {"reason": "no longer true"}
    problem_of(Program(alice).post(f"{here}/{by_sue}/removal", wanted), "not-allowed")
    by_alice = Program(alice).post(here, plan()).json()["data"]["files"][0]["id"]
    assert (
        Program(sue).post(f"{here}/{by_alice}/removal", wanted).json()["removal_reason"] == wanted["reason"]
    )
