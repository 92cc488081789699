from __future__ import annotations

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from liuke.customers.models import Customer
from liuke.platform.access.rules import Denied, Right
from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import Role, Team, User
from liuke.platform.organisation.actions import add_team, edit_team, remove_role, remove_team, save_role

Teams = dict[str, Team]


def test_a_team_is_added_below_another(olga: User, teams: Teams, now: datetime) -> None:
    south = add_team(name=" South ", parent=teams["west"], by=olga, now=now)
    assert (south.name, south.path) == ("South", f"{teams['west'].path}{south.pk}/")
    assert AuditEntry.objects.get().changes == {"name": [None, "South"], "parent": [None, "West"]}


def test_a_branch_moves_with_all_that_hangs_on_it_and_so_does_the_view(
    olga: User, sue: User, charlie: User, teams: Teams, now: datetime
) -> None:
    Customer.objects.create(number="1", name="Charlie's", owner=charlie, team=teams["west"])
    assert not Customer.objects.for_user(sue).exists()
    edit_team(teams["west"], name="West", parent=teams["east"], by=olga, now=now)
    assert Customer.objects.for_user(User.objects.get(pk=sue.pk)).exists()
    assert AuditEntry.objects.get().changes == {"parent": ["Company", "East"]}


def test_a_team_never_hangs_below_itself(olga: User, teams: Teams, now: datetime) -> None:
    for below in ("company", "east"):
        with pytest.raises(ValidationError):
            edit_team(teams["company"], name="Company", parent=teams[below], by=olga, now=now)


@pytest.mark.parametrize("name", ["", "West"])
def test_a_name_is_needed_and_unique_among_sisters(
    olga: User, teams: Teams, now: datetime, name: str
) -> None:
    with pytest.raises(ValidationError):
        add_team(name=name, parent=teams["company"], by=olga, now=now)
    with pytest.raises(ValidationError):
        edit_team(teams["east"], name=name, parent=teams["company"], by=olga, now=now)


def test_only_an_empty_team_is_removed(olga: User, alice: User, teams: Teams, now: datetime) -> None:
    for full in ("company", "east"):
        with pytest.raises(ValidationError):
            remove_team(teams[full], by=olga, now=now)
    assert not AuditEntry.objects.exists()
    remove_team(teams["west"], by=olga, now=now)
    assert not Team.objects.filter(name="West").exists()


def test_teams_and_roles_are_for_who_manages(sue: User, teams: Teams, now: datetime) -> None:
    with pytest.raises(Denied):
        add_team(name="x", parent=None, by=sue, now=now)
    with pytest.raises(Denied):
        edit_team(teams["east"], name="x", parent=None, by=sue, now=now)
    with pytest.raises(Denied):
        remove_team(teams["west"], by=sue, now=now)
    with pytest.raises(Denied):
        save_role(None, name="x", rights=[], read_scope="own", write_scope="own", by=sue, now=now)
    with pytest.raises(Denied):
        remove_role(sue.role, by=sue, now=now)


def test_who_manages_a_branch_manages_that_branch_only(sue: User, teams: Teams, now: datetime) -> None:
    sue.role.rights = [*sue.role.rights, Right.MANAGE_USERS.value]
    sue.role.save()
    shop = add_team(name="Shop", parent=teams["east"], by=sue, now=now)
    edit_team(teams["east"], name="Far East", parent=teams["company"], by=sue, now=now)
    for parent in (teams["west"], teams["company"], None):
        with pytest.raises(Denied):
            add_team(name="x", parent=parent, by=sue, now=now)
        with pytest.raises(Denied):
            edit_team(shop, name="Shop", parent=parent, by=sue, now=now)
    with pytest.raises(Denied):
        remove_team(teams["west"], by=sue, now=now)


# --- roles ---


def changed(role: Role | None, by: User | None, now: datetime, **changes: object) -> Role:
    given: dict[str, object] = (
        {
            "name": role.name,
            "rights": role.rights,
            "read_scope": role.read_scope,
            "write_scope": role.write_scope,
        }
        if role
        else {"name": "Trainee", "rights": [], "read_scope": "own", "write_scope": "none"}
    )
    return save_role(role, **(given | changes), by=by, now=now)  # type: ignore[arg-type]


def test_a_right_taken_away_holds_at_the_next_click(
    client: Client, olga: User, alice: User, now: datetime
) -> None:
    changed(alice.role, olga, now, rights=[Right.VIEW_CUSTOMERS.value])
    assert not User.objects.get(pk=alice.pk).may(Right.EDIT_CUSTOMERS)
    before, after = AuditEntry.objects.get().changes["rights"]
    assert "customers.edit" in before
    assert after == ["customers.view"]


def test_new_roles_get_codes_of_their_own(olga: User, now: datetime) -> None:
    codes = [changed(None, olga, now, name=name).code for name in ("Trainee", "trainee", "实习生", "学徒")]
    assert codes == ["trainee", "trainee-2", "role", "role-2"]


def test_what_is_no_right_is_left_out(olga: User, now: datetime) -> None:
    assert changed(None, olga, now, rights=["customers.view", "root"]).rights == ["customers.view"]


def test_nobody_locks_themselves_out(olga: User, now: datetime) -> None:
    with pytest.raises(ValidationError):
        changed(olga.role, olga, now, rights=[Right.VIEW_CUSTOMERS.value])
    with pytest.raises(ValidationError):  # nor the terminal the last who manages
        changed(olga.role, None, now, rights=[Right.VIEW_CUSTOMERS.value])
    olga.refresh_from_db()
    assert olga.may(Right.MANAGE_USERS)


def test_the_own_role_may_be_renamed(olga: User, now: datetime) -> None:
    assert changed(olga.role, olga, now, name="Boss").name == "Boss"


def test_nobody_makes_a_role_of_more_than_he_has(olga: User, sue: User, now: datetime) -> None:
    sue.role.rights = [*sue.role.rights, Right.MANAGE_USERS.value]
    sue.role.save()
    changed(None, sue, now, rights=[Right.VIEW_CUSTOMERS.value])
    for more in ({"rights": [Right.VIEW_AUDIT.value]}, {"read_scope": "all"}, {"write_scope": "all"}):
        with pytest.raises(Denied):
            changed(None, sue, now, **more)
    with pytest.raises(Denied):  # nor makes a greater one smaller
        changed(olga.role, sue, now, rights=[])


def test_a_role_that_somebody_has_stays(olga: User, alice: User, now: datetime) -> None:
    with pytest.raises(ValidationError):
        remove_role(alice.role, by=olga, now=now)
    trainee = changed(None, olga, now)
    remove_role(trainee, by=olga, now=now)
    assert AuditEntry.objects.first().action == "roles.remove"
