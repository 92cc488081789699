from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from liuke.customers.models import Customer
from liuke.platform.access.rules import RIGHT_NAMES, Right
from liuke.platform.audit.models import AuditEntry
from liuke.platform.jobs.actions import work
from liuke.platform.models import Role, Team, User
from liuke.platform.users.actions import deactivate

Teams = dict[str, Team]
NEW = "quite another one 9"


@pytest.fixture
def office(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def body(user: User, **changes: object) -> dict[str, object]:
    given = {"name": user.name, "email": user.email, "role": user.role_id, "team": user.team_id or ""}
    return given | changes


def test_us12_a_colleague_is_added_gets_a_link_and_signs_in(
    office: Client, alice: User, teams: Teams
) -> None:
    given = {
        "username": "Dora",
        "name": "Dora",
        "role": alice.role_id,
        "team": teams["east"].pk,
        "language": "en",
    }
    response = office.post("/settings/colleagues/new/", given)
    dora = User.objects.get(username="dora")
    assert response["Location"] == f"/settings/colleagues/{dora.pk}/"
    page = text(office.post(f"/settings/colleagues/{dora.pk}/invitation/"))
    link = re.search(r"http://testserver(/password/[^/<]+/[^/<]+/)", page)
    assert link
    theirs = Client()
    theirs.get(link[1], follow=True)
    theirs.post("/password/", {"password": NEW, "again": NEW})
    assert theirs.post("/sign-in/", {"username": "dora", "password": NEW})["Location"] == "/"
    # the link is gone from the page, and a second one is not made for who has a password
    assert "/password/" not in text(office.get(f"/settings/colleagues/{dora.pk}/"))
    assert office.post(f"/settings/colleagues/{dora.pk}/invitation/").status_code == 422


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(office: Client, alice: User) -> None:
    given = {"username": "alice", "name": "Second Alice", "role": alice.role_id, "team": ""}
    response = office.post("/settings/colleagues/new/", given)
    assert response.status_code == 422
    assert "This user name is taken." in text(response)
    assert "Second Alice" in text(response)


def test_a_colleague_is_edited(office: Client, alice: User, anna: User) -> None:
    office.post(f"/settings/colleagues/{alice.pk}/", body(alice, name="Alicia", role=anna.role_id))
    alice.refresh_from_db()
    assert (alice.name, alice.role, alice.epoch) == ("Alicia", anna.role, 2)


def test_pl01_a_leaver_is_deactivated_and_let_in_again(office: Client, alice: User) -> None:
    office.post(f"/settings/colleagues/{alice.pk}/deactivation/", {"reason": "moved away"})
    alice.refresh_from_db()
    assert not alice.is_active
    assert AuditEntry.objects.first().reason == "moved away"
    assert "Alice" in text(office.get("/settings/colleagues/?state=gone"))
    assert "Alice" not in text(office.get("/settings/colleagues/"))
    office.post(f"/settings/colleagues/{alice.pk}/reactivation/")
    assert User.objects.get(pk=alice.pk).is_active


def test_nobody_leaves_by_his_own_hand(office: Client, olga: User) -> None:
    response = office.post(f"/settings/colleagues/{olga.pk}/deactivation/")
    assert response.status_code == 422
    assert "Nobody deactivates themselves." in text(response)


def test_a_reset_takes_the_password_and_offers_the_link(office: Client, alice: User) -> None:
    office.post(f"/settings/colleagues/{alice.pk}/password-reset/")
    alice.refresh_from_db()
    assert not alice.has_usable_password()
    assert "Make the link to set a password" in text(office.get(f"/settings/colleagues/{alice.pk}/"))


def test_us12_the_customers_of_a_leaver_are_handed_over(
    office: Client, alice: User, bob: User, now: datetime
) -> None:
    """In one way: the page of a colleague leads to the plan of a handover."""
    for number in "123":
        Customer.objects.create(number=number, name=number, owner=alice, team=alice.team, created_at=now)
    deactivate(alice, by=None, now=now)
    page = text(office.get(f"/settings/colleagues/{alice.pk}/"))
    assert "Looks after 3 customers" in page
    plan = f"/settings/handovers/departure/?person={alice.pk}"
    assert f'href="{plan}"' in page
    assert "handover/" not in page.replace("handovers/", "")
    office.post(plan, {"person": alice.pk, "to": [bob.pk], "by": "turn", "reason": "left"})
    work(now=timezone.now())
    assert Customer.objects.filter(owner=bob).count() == 3


def test_a_handover_needs_somebody_at_work(office: Client, alice: User, bob: User, now: datetime) -> None:
    Customer.objects.create(number="1", name="1", owner=alice, team=alice.team, created_at=now)
    deactivate(bob, by=None, now=now)
    plan = "/settings/handovers/departure/"
    sent = {"person": alice.pk, "to": [bob.pk], "by": "turn", "reason": "left"}
    assert office.post(plan, sent).status_code == 422
    assert Customer.objects.get().owner == alice


def test_the_list_is_searched(office: Client, alice: User, bob: User) -> None:
    page = text(office.get("/settings/colleagues/?q=ali"))
    assert "Alice" in page
    assert "Bob" not in page


def test_who_manages_a_team_sees_that_team_only(
    client: Client, sue: User, alice: User, charlie: User, teams: Teams
) -> None:
    sue.role.rights = [*sue.role.rights, Right.MANAGE_USERS.value]
    sue.role.save()
    client.force_login(sue)
    page = text(client.get("/settings/colleagues/"))
    assert "Alice" in page
    assert "Charlie" not in page
    assert client.get(f"/settings/colleagues/{charlie.pk}/").status_code == 404
    assert client.post(f"/settings/colleagues/{charlie.pk}/deactivation/").status_code == 404
    assert "West" not in text(client.get("/settings/teams/"))
    # the form offers no role that is more than hers, and takes none
    owner = Role.objects.get(code="owner")
    assert client.post(f"/settings/colleagues/{alice.pk}/", body(alice, role=owner.pk)).status_code == 422
    assert User.objects.get(pk=alice.pk).role.code == "salesperson"


def test_teams_stand_as_a_tree_and_move(office: Client, teams: Teams) -> None:
    office.post("/settings/teams/new/", {"name": "Shop", "parent": teams["east"].pk})
    page = text(office.get("/settings/teams/"))
    places = [page.index(f">{name}</a>") for name in ("Company", "East", "Shop", "West")]
    assert places == sorted(places)
    shop = Team.objects.get(name="Shop")
    office.post(f"/settings/teams/{shop.pk}/", {"name": "Shop", "parent": teams["west"].pk})
    shop.refresh_from_db()
    assert shop.path.startswith(teams["west"].path)
    office.post(f"/settings/teams/{shop.pk}/removal/")
    assert not Team.objects.filter(name="Shop").exists()


def test_a_team_is_not_offered_its_own_branch(office: Client, teams: Teams) -> None:
    response = office.post(
        f"/settings/teams/{teams['company'].pk}/", {"name": "Company", "parent": teams["east"].pk}
    )
    assert response.status_code == 422


def test_pl02_a_role_is_ticked_together_and_holds_at_the_next_click(office: Client, alice: User) -> None:
    hers = Client()
    hers.force_login(alice)
    assert hers.get("/settings/audit/").status_code == 403
    given = {
        "name": "Salesperson",
        "read_scope": "own",
        "write_scope": "own",
        "rights": [Right.VIEW_AUDIT.value],
    }
    assert office.post(f"/settings/roles/{alice.role_id}/", given)["Location"] == "/settings/roles/"
    assert hers.get("/settings/audit/").status_code == 200
    assert Role.objects.get(pk=alice.role_id).name == ""  # still the built-in name, in every language


def test_an_owner_is_told_why_he_cannot_lock_himself_out(office: Client, olga: User) -> None:
    given = {"name": "Owner", "read_scope": "all", "write_scope": "all", "rights": []}
    response = office.post(f"/settings/roles/{olga.role_id}/", given)
    assert response.status_code == 422
    assert "Nobody changes their own role" in text(response)


def test_a_new_role_is_given_and_an_unused_one_removed(office: Client) -> None:
    given = {"name": "Trainee", "read_scope": "own", "write_scope": "none", "rights": ["customers.view"]}
    office.post("/settings/roles/new/", given)
    trainee = Role.objects.get(name="Trainee")
    assert trainee.rights == ["customers.view"]
    office.post(f"/settings/roles/{trainee.pk}/removal/")
    assert not Role.objects.filter(name="Trainee").exists()


def test_every_right_has_a_name_to_tick_it_by() -> None:
    assert set(RIGHT_NAMES) == {right.value for right in Right}


@pytest.mark.parametrize("path", ["colleagues", "teams", "roles"])
def test_the_lists_ask_the_same_number_of_questions_however_long(
    office: Client, teams: Teams, path: str, django_assert_max_num_queries: object
) -> None:
    role = Role.objects.get(code="salesperson")
    for n in range(20):
        Team.objects.create(name=f"t{n}", parent=teams["east"])
        Role.objects.create(code=f"r{n}", name=f"r{n}")
        User.objects.create(username=f"u{n}", name=f"U{n}", role=role, team=teams["east"])
    office.get("/profile/")  # notes the session as seen
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        office.get(f"/settings/{path}/")
