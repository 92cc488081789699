from __future__ import annotations

from typing import TYPE_CHECKING

from liuke.platform.access.models import Role
from liuke.platform.access.rules import STARTING_MASKS, STARTING_ROLES, Right

if TYPE_CHECKING:
    from liuke.platform.models import User


def permit(by: User | None, right: Right) -> None:
    """Raises Denied when `by` lacks `right`. None is Liuke itself: clock, reaction, terminal."""
    if by is not None:
        by.require(right)


def ensure_starting_roles() -> None:
    """The six roles of a new company; roles that an owner has changed stay as they are."""
    for code, (read_scope, write_scope, rights) in STARTING_ROLES.items():
        Role.objects.get_or_create(
            code=code,
            defaults={
                "rights": [str(right) for right in rights],
                "read_scope": read_scope.value,
                "write_scope": write_scope.value,
                "masked": STARTING_MASKS.get(code, []),
            },
        )
