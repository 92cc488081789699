"""What a role does not see of others' customers, and how it is shown instead. No database.

One's own customers are never hidden, nor those of a colleague for whom one stands in: work needs the number.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Final

from liuke.customers.places.rules import split_address

if TYPE_CHECKING:
    from liuke.platform.models import User

VEIL: Final = "•••"
# kind of a contact point -> what a role hides it with (platform.access.rules.MASKS)
GROUPS: Final = {
    "mobile": "phone",
    "phone": "phone",
    "whatsapp": "phone",
    "other": "phone",
    "email": "email",
    "wechat": "wechat",
    "address": "address",
    "identity": "identity",  # of fields of the company's own, as telephones and addresses may be too
}
OF_FIELDS: Final = frozenset(
    {"phone", "email", "identity"}
)  # types of the company's own fields that are hidden so
NOTHING: Final[frozenset[str]] = frozenset()


def hidden_from(user: User, owner_id: int | None, now: datetime) -> frozenset[str]:
    """What `user` does not see of a customer of this owner: groups of MASKS."""
    masked = user.role.masked
    if not masked or owner_id in user.acts_for(now):
        return NOTHING
    return frozenset(masked)


def is_hidden(kind: str, hidden: Collection[str]) -> bool:
    return GROUPS.get(kind, "phone") in hidden


def veiled(kind: str, value: str) -> str:
    """Enough to tell two apart on one card, too little to use: two digits, a mail's house, a town."""
    if not value:
        return ""
    match GROUPS.get(kind, "phone"):
        case "phone":
            digits = [letter for letter in value if letter.isdigit()]
            return VEIL + "".join(digits[-2:] if len(digits) > 6 else [])
        case "email":
            house = value.rpartition("@")[2] if "@" in value else ""
            return f"{VEIL}@{VEIL}{house[house.rfind('.') :] if '.' in house else ''}"
        case "address":
            place = split_address(value)
            return f"{place.province}{place.city}{place.district}{VEIL}"
        case _:  # of an identity number the last digits would be half of what is asked on the telephone
            return VEIL
