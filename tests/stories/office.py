"""A sales office with a seller who leaves: 520 customers of his, promises and calls among them. Run as a program on an
empty instance; its data directory is then served.
"""

from __future__ import annotations

from datetime import timedelta

from liuke.cli.main import start_django

start_django()

from django.core.files.base import ContentFile  # noqa: E402
from django.utils import timezone  # noqa: E402

from liuke.cli.database import bring_up_to_date  # noqa: E402
from liuke.customers.followups.actions import ask  # noqa: E402
from liuke.customers.imports.actions import run, upload  # noqa: E402
from liuke.customers.models import Customer  # noqa: E402
from liuke.customers.timeline.actions import add_note, promise  # noqa: E402
from liuke.platform.models import Role, Team  # noqa: E402
from liuke.platform.organisation.actions import create_owner  # noqa: E402
from liuke.platform.users.actions import add_user  # noqa: E402
from tests.stories.cast import PASSWORD  # noqa: E402

HELD, PROMISED = 520, 8
STAFF = {
    "sun": ("孙立", "supervisor"),
    "gao": ("高远", "salesperson"),
    "luo": ("罗敏", "salesperson"),
    "ming": ("明月", "salesperson"),
}


def main() -> None:
    bring_up_to_date()
    now = timezone.now()
    owner = create_owner(
        username="olga", name="Olga", password=PASSWORD, company="Liuke", language="en", now=now
    )
    team = Team.objects.create(name="华东", parent=owner.team)
    people = {
        username: add_user(
            username=username,
            name=name,
            role=Role.objects.get(code=role),
            team=team,
            language="zh-hans",
            password=PASSWORD,
            by=None,
            now=now,
        )
        for username, (name, role) in STAFF.items()
    }
    rows = [
        f"G{place:04},客户第{place:04}号商行,1380000{place:04},高远,{'杭州' if place % 2 else '宁波'}"
        for place in range(HELD)
    ]
    rows += [f"M{place:02},明月客户{place:02}号,,明月,绍兴" for place in range(12)]
    file = ContentFile("\n".join(["客户编号,客户名称,电话,业务员,城市", *rows]).encode())
    run(upload(file, name="office.csv", target="customers", by=owner, now=now), by=None, now=now)
    his = list(Customer.objects.filter(owner=people["gao"]).order_by("number"))
    assert len(his) == HELD, f"{len(his)} customers came in"
    for customer in his[:PROMISED]:
        made, due = now - timedelta(days=1), now - timedelta(hours=1)
        promise(customer, text="周五前寄样品", due_at=due, by=people["gao"], now=made)
    for customer in his[PROMISED : 2 * PROMISED]:
        ask(
            customer,
            kind="task",
            assignee=people["gao"],
            due_at=now - timedelta(hours=1),
            title="回电",
            source="person",
            by=people["gao"],
            now=now,
        )
    add_note(his[0], note="老板喜欢先看样品再谈价", by=people["gao"], now=now)


main()
