"""Who gets in by a token, and what is answered to everybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.models import ApiToken, AuditEntry, User
from liuke.platform.preferences.actions import change
from liuke.platform.tokens.actions import create_token, revoke_token
from liuke.platform.users.actions import close_sessions, deactivate

from .calls import Program, problem_of


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def test_a_token_reads_what_its_person_reads(alice: User, lantern: Customer) -> None:
    response = Program(alice, "customers:read").get(f"customers/{lantern.pk}")
    assert response.status_code == 200
    assert response.json()["name"] == "Lantern Ltd"
    assert response["ETag"] == '"1"'
    assert response["Cache-Control"] == "private, no-store"
    assert ApiToken.objects.get().used_at is not None


def test_pl08_without_a_token_it_is_401(lantern: Customer) -> None:
    response = Program(None).get(f"customers/{lantern.pk}")
    problem_of(response, "unauthenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_session_opens_no_door_of_the_api(alice: User, lantern: Customer) -> None:
    """Else another site's form could use it: the door asks for no CSRF token because no cookie opens it."""
    program = Program(None)
    program.client.force_login(alice)
    assert program.get(f"customers/{lantern.pk}").status_code == 401


def test_the_secret_is_kept_nowhere(alice: User, now: datetime) -> None:
    token, secret = create_token(name="Shop", scopes=["customers:read"], days=30, by=alice, now=now)
    kept = str(ApiToken.objects.filter(pk=token.pk).values().get()) + str(list(AuditEntry.objects.values()))
    assert secret.startswith("lk_")
    assert len(secret) > 40
    assert secret not in kept
    assert secret[12:] not in kept
    entry = AuditEntry.objects.get(action="tokens.create")
    assert (entry.actor, entry.changes["scopes"]) == (alice, [None, ["customers:read"]])


def test_a_revoked_token_is_refused_at_once(alice: User, now: datetime) -> None:
    program = Program(alice)
    assert program.get("customers").status_code == 200
    revoke_token(ApiToken.objects.get(), by=alice, now=now)
    problem_of(program.get("customers"), "token-refused")
    assert AuditEntry.objects.filter(action="tokens.revoke", actor=alice).count() == 1


def test_one_that_is_used_after_its_end_is_noted_once_an_hour(alice: User, now: datetime) -> None:
    program = Program(alice, expires_at=datetime.now(UTC) - timedelta(days=1))
    for _ in range(3):
        problem_of(program.get("customers"), "token-refused")
    assert [entry.reason for entry in AuditEntry.objects.filter(action="tokens.refused")] == ["expired"]


def test_whoever_left_or_has_another_password_is_out_at_once(alice: User, bob: User, now: datetime) -> None:
    hers, his = Program(alice), Program(bob)
    deactivate(alice, by=None, now=now)
    close_sessions(bob)
    problem_of(hers.get("customers"), "token-refused")
    problem_of(his.get("customers"), "token-refused")


def test_a_token_does_not_do_what_it_was_not_made_for(alice: User, lantern: Customer) -> None:
    told = problem_of(
        Program(alice, "customers:read").patch(f"customers/{lantern.pk}", {"name": "X"}, If_Match="*"),
        "scope-missing",
    )
    assert told["scope"] == "customers:write"
    assert AuditEntry.objects.get(action="access.denied").reason.startswith("customers:write: PATCH")
    lantern.refresh_from_db()
    assert lantern.name == "Lantern Ltd"


def test_a_token_gives_nobody_a_right_that_he_lacks(anna: User, lantern: Customer) -> None:
    """The analyst reads everybody and writes nobody, whatever the token says."""
    program = Program(anna, "customers:write")
    assert program.get(f"customers/{lantern.pk}").status_code == 200
    problem_of(program.patch(f"customers/{lantern.pk}", {"name": "X"}, If_Match="*"), "not-allowed")
    assert AuditEntry.objects.filter(action="access.denied", actor=anna).count() == 1


def test_others_customers_are_not_there(bob: User, lantern: Customer) -> None:
    problem_of(Program(bob).get(f"customers/{lantern.pk}"), "not-found")


def test_a_problem_speaks_the_callers_language(alice: User) -> None:
    assert (
        problem_of(Program(alice, language="zh-Hans").get("customers/9"), "not-found")["title"]
        == "这里没有内容"
    )
    alice.language = "zh-hant"
    alice.save()
    response = Program(alice, language="").get("customers/9")
    assert response["Content-Language"] == "zh-hant"


@pytest.mark.parametrize("path", ["nowhere", "customers/1/nothing", "customers/x"])
def test_an_address_that_is_none_is_a_problem_too(alice: User, path: str) -> None:
    problem_of(Program(alice).get(path), "not-found")


def test_a_number_beyond_all_ids_is_nobody(alice: User) -> None:
    problem_of(Program(alice).get(f"customers/{10**40}"), "not-found")


def test_a_method_that_is_not_taken_says_which_are(alice: User, lantern: Customer) -> None:
    response = Program(alice).delete(f"customers/{lantern.pk}")
    problem_of(response, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD, PATCH"


def test_head_is_get_without_the_body(alice: User, lantern: Customer) -> None:
    response = Program(alice).call("HEAD", f"customers/{lantern.pk}")
    assert (response.status_code, response.content, response["ETag"]) == (200, b"", '"1"')


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"{", "bad-request"),
        (b"\xff\xfe", "bad-request"),
        (b"[" * 100_000, "bad-request"),
        (b"x" * ((1 << 20) + 1), "too-large"),
        (b"[]", "invalid"),
        (b'"name"', "invalid"),
    ],
)
def test_what_cannot_be_read_is_told_apart(alice: User, body: bytes, name: str) -> None:
    problem_of(Program(alice).call("POST", "customers", body), name)


def test_what_is_not_json_is_told_so(alice: User) -> None:
    program = Program(alice)
    response = program.client.post("/api/v1/customers", {"name": "X"}, headers=program.headers)
    problem_of(response, "not-json")


def test_what_does_not_fit_names_field_and_remedy(alice: User) -> None:
    body = {"kind": "robot", "nmae": "X", "points": [{"kind": "mobile"}], "note": "\x01"}
    told = problem_of(Program(alice).post("customers", body), "invalid")
    assert {(error["pointer"], error["detail"]) for error in told["errors"]} == {
        ("/kind", "Please choose one of these: 'enterprise' or 'individual'."),
        ("/nmae", "There is no such field."),
        ("/name", "Please fill this in."),
        ("/points/0/value", "Please fill this in."),
    }
    told = problem_of(Program(alice, language="zh-hans").post("customers", {"name": "X\x01"}), "invalid")
    assert told["errors"][0]["pointer"] == "/name"


def test_too_many_calls_are_asked_to_wait(alice: User, now: datetime) -> None:
    change("api.per_minute", 10, by=None, now=now)
    program, answers = Program(alice), []
    for _ in range(25):  # the minute may turn in between once
        answers.append(program.get("views"))
    refused = [response for response in answers if response.status_code == 429]
    assert len(refused) >= 5
    problem_of(refused[0], "too-many")
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert answers[0]["RateLimit-Policy"] == '"token";q=10;w=60'
    assert answers[0]["RateLimit"].startswith('"token";r=9;t=')
    assert refused[0]["RateLimit"].startswith('"token";r=0;t=')
    assert Program(alice).get("views").status_code == 200, "another token has a limit of its own"


def test_a_parameter_that_is_misspelt_is_refused(alice: User) -> None:
    """Passed over, it would silently find everybody."""
    told = problem_of(Program(alice).get("followups?sate=done"), "invalid")
    assert told["errors"] == [{"field": "sate", "parameter": "sate", "detail": "There is no such parameter."}]
