from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.access.rules import Denied, Right
from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import Role, Team, User
from liuke.platform.users import actions
from liuke.platform.users.rules import fit_username, folded, new_code, plain_code, within_reach

NEW = "quite another one 9"


def keys(error: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return set(error.value.message_dict) if hasattr(error.value, "error_dict") else set()


def add(by: User | None, now: datetime, **changes: object) -> User:
    given = {"username": "dora", "name": "Dora", "role": Role.objects.get(code="salesperson"), "team": None}
    return actions.add_user(**(given | changes), by=by, now=now)  # type: ignore[arg-type]


def test_a_new_colleague_is_there_and_noted(olga: User, now: datetime) -> None:
    dora = add(olga, now, username=" Dora ", team=olga.team)
    assert (dora.username, dora.is_active, dora.has_usable_password()) == ("dora", True, False)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == ("users.add", olga, dora.pk)
    assert entry.changes["role"] == [None, "salesperson"]


@pytest.mark.parametrize("username", ["OLGA", "o l", "", "o\u200bl", "x" * 61, "<b>"])
def test_a_taken_or_unfit_name_is_refused(olga: User, now: datetime, username: str) -> None:
    with pytest.raises(ValidationError) as error:
        add(olga, now, username=username)
    assert keys(error) == {"username"}


def test_a_chinese_user_name_is_fine(olga: User, now: datetime) -> None:
    assert add(olga, now, username="王小明").username == "王小明"


def test_a_weak_password_is_refused(olga: User, now: datetime) -> None:
    with pytest.raises(ValidationError):
        add(olga, now, password="password")


def test_only_who_manages_colleagues_may(alice: User, sue: User, now: datetime) -> None:
    for verb in (actions.deactivate, actions.reactivate, actions.reset_password):
        with pytest.raises(Denied):
            verb(alice, by=sue, now=now)
    with pytest.raises(Denied):
        add(sue, now)


def test_nobody_gives_a_role_that_is_more_than_his_own(
    sue: User, alice: User, olga: User, now: datetime
) -> None:
    sue.role.rights = [*sue.role.rights, Right.MANAGE_USERS.value]
    sue.role.save()
    add(sue, now, team=sue.team)
    with pytest.raises(Denied):
        add(sue, now, username="eve", role=olga.role, team=sue.team)
    everybody = Role.objects.create(code="wide", rights=[], read_scope="all", write_scope="none")
    with pytest.raises(Denied):  # the same rights, but everybody's rows
        add(sue, now, username="eve", role=everybody, team=sue.team)
    for verb in (actions.deactivate, actions.reset_password):  # nor takes over who is more than he is
        with pytest.raises(Denied):
            verb(olga, by=sue, now=now)
    with pytest.raises(Denied):
        actions.edit_user(alice, name="A", email="", role=olga.role, team=sue.team, by=sue, now=now)


def test_who_manages_a_team_manages_that_team_only(
    sue: User, alice: User, charlie: User, teams: dict[str, Team], now: datetime
) -> None:
    sue.role.rights = [*sue.role.rights, Right.MANAGE_USERS.value]
    sue.role.save()
    actions.deactivate(alice, by=sue, now=now)
    with pytest.raises(Denied):
        actions.deactivate(charlie, by=sue, now=now)
    for team in (teams["west"], teams["company"], None):
        with pytest.raises(Denied):
            add(sue, now, team=team)
        with pytest.raises(Denied):
            actions.edit_user(alice, name="A", email="", role=alice.role, team=team, by=sue, now=now)


def test_nobody_changes_their_own_role_or_puts_themselves_out(olga: User, alice: User, now: datetime) -> None:
    add(olga, now, role=olga.role)
    with pytest.raises(ValidationError):
        actions.edit_user(olga, name="O", email="", role=alice.role, team=None, by=olga, now=now)
    with pytest.raises(ValidationError):
        actions.deactivate(olga, by=olga, now=now)


def test_somebody_who_manages_is_always_left(olga: User, alice: User, now: datetime) -> None:
    with override("en"), pytest.raises(ValidationError, match=r"(?i)somebody"):
        actions.deactivate(olga, by=None, now=now)
    with override("en"), pytest.raises(ValidationError, match=r"(?i)somebody"):
        actions.edit_user(olga, name="O", email="", role=alice.role, team=None, by=None, now=now)
    olga.refresh_from_db()
    assert (olga.is_active, olga.role.code) == (True, "owner")
    second = add(None, now, role=olga.role)
    actions.deactivate(olga, by=second, now=now)
    assert not User.objects.get(pk=olga.pk).is_active


def test_deactivated_then_back_again(alice: User, olga: User, now: datetime) -> None:
    gone = actions.deactivate(alice, by=olga, now=now, reason="left")
    assert (gone.is_active, str(gone.left_on), gone.epoch) == (False, "2026-03-02", 2)
    back = actions.reactivate(alice, by=olga, now=now)
    assert (back.is_active, back.left_on, back.epoch) == (True, None, 3)
    assert [e.action for e in AuditEntry.objects.all()] == ["users.reactivate", "users.deactivate"]
    assert AuditEntry.objects.last().reason == "left"


def test_doing_it_twice_is_doing_it_once(alice: User, olga: User, now: datetime) -> None:
    actions.deactivate(alice, by=olga, now=now)
    actions.deactivate(alice, by=olga, now=now)
    assert AuditEntry.objects.count() == 1


def test_an_edit_tells_old_and_new(alice: User, olga: User, now: datetime) -> None:
    actions.edit_user(
        alice, name="Alicia", email="a@example.com", role=alice.role, team=None, by=olga, now=now
    )
    assert AuditEntry.objects.get().changes == {
        "name": ["Alice", "Alicia"],
        "email": ["", "a@example.com"],
        "team": ["East", ""],
    }


# --- passwords ---


def test_a_password_is_changed_by_who_knows_the_old_one(alice: User, now: datetime) -> None:
    with pytest.raises(ValidationError) as error:
        actions.change_password(alice, old="wrong", new=NEW, now=now)
    assert keys(error) == {"old"}
    with pytest.raises(ValidationError):
        actions.change_password(alice, old="a password of some length", new="12345678901", now=now)
    changed = actions.change_password(alice, old="a password of some length", new=NEW, now=now)
    assert changed.check_password(NEW)
    assert changed.epoch == 2
    assert NEW not in str(AuditEntry.objects.values_list())


def test_an_invited_colleague_sets_a_password_by_the_link(client: Client, olga: User, now: datetime) -> None:
    who, token = actions.password_link(add(olga, now))
    response = client.get(f"/password/{who}/{token}/", follow=True)
    assert response.redirect_chain == [("/password/", 302)]  # the key is out of the address
    page = client.post("/password/", {"password": NEW, "again": "something else"})
    assert page.status_code == 200
    assert client.post("/password/", {"password": "dora", "again": "dora"}).status_code == 200
    assert client.post("/password/", {"password": NEW, "again": NEW})["Location"] == "/sign-in/"
    assert client.post("/sign-in/", {"username": "dora", "password": NEW})["Location"] == "/"


def test_a_link_works_once_and_dies_with_a_reset_or_the_account(olga: User, now: datetime) -> None:
    dora = add(olga, now)
    used = actions.password_link(dora)
    actions.set_password_by_link(*used, new=NEW, now=now)
    with pytest.raises(ValidationError):
        actions.set_password_by_link(*used, new=NEW, now=now)
    older = actions.password_link(User.objects.get(pk=dora.pk))
    newer = actions.password_link(actions.reset_password(dora, by=olga, now=now))
    assert actions.user_of_link(*older) is None
    assert actions.user_of_link(*newer) == dora
    assert actions.user_of_link(newer[0], older[1]) is None
    actions.deactivate(dora, by=olga, now=now)
    assert actions.user_of_link(*newer) is None


def test_a_link_dies_after_three_days(olga: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    who, token = actions.password_link(add(olga, now))
    later = datetime.now() + timedelta(days=3, minutes=1)  # noqa: DTZ005 - Django's own token counts in naive local time
    monkeypatch.setattr(actions.PasswordLinks, "_now", lambda self: later)
    assert actions.user_of_link(who, token) is None


@pytest.mark.parametrize("who", ["", "AA", "MQ", "%00", "999999999999999999999999"])
def test_a_made_up_link_opens_nothing(db: None, who: str) -> None:
    assert actions.user_of_link(who, "abc-def") is None


def test_a_reset_takes_the_old_password_away(client: Client, alice: User, olga: User, now: datetime) -> None:
    actions.reset_password(alice, by=olga, now=now)
    body = {"username": "alice", "password": "a password of some length"}
    assert client.post("/sign-in/", body).status_code == 200


# --- rules ---


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert folded(folded(name)) == folded(name) or not fit_username(folded(name))


def test_a_code_reads_the_same_however_it_is_typed() -> None:
    code = new_code()
    assert plain_code(code.lower().replace("-", " ")) == plain_code(code)
    assert len(plain_code(code)) == 12


RIGHTS = st.sets(st.sampled_from([r.value for r in Right]))
SCOPES = st.tuples(*[st.sampled_from(["none", "own", "team", "all"])] * 2)


@given(RIGHTS, SCOPES, RIGHTS, SCOPES)
def test_within_reach_never_lets_anything_grow(
    rights: set[str], scopes: tuple[str, str], own: set[str], own_scopes: tuple[str, str]
) -> None:
    order = ["none", "own", "team", "all"]
    narrower = all(order.index(a) <= order.index(b) for a, b in zip(scopes, own_scopes, strict=True))
    assert within_reach(rights, scopes, of_rights=own, of_scopes=own_scopes) == (rights <= own and narrower)
