"""What a customer needs, and how far it has come: need, want, demand (SC06). No database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop, pgettext_lazy

# In the order in which one becomes the next: a want is a need with something in mind, a demand a want that can be paid.
LEVELS: Mapping[str, Any] = {
    "need": pgettext_lazy("level of a need", "Need"),
    "want": pgettext_lazy("level of a need", "Want"),
    "demand": pgettext_lazy("level of a need", "Demand"),
}
# M and N of the MAN check: is the money there, how much is it needed? Blank is not known.
MONEY: Mapping[str, Any] = {
    "": pgettext_lazy("money for a need", "not known"),
    "yes": pgettext_lazy("money for a need", "is there"),
    "no": pgettext_lazy("money for a need", "is not there"),
}
STRENGTHS: Mapping[str, Any] = {
    "": pgettext_lazy("strength of a need", "not known"),
    "small": pgettext_lazy("strength of a need", "small"),
    "large": pgettext_lazy("strength of a need", "large"),
}
ENDINGS: Mapping[str, Any] = {
    "met": pgettext_lazy("end of a need", "Met"),
    "gone": pgettext_lazy("end of a need", "No longer there"),
}
NOT_PAID_FOR = gettext_noop(
    "A demand is a want that can be paid: it takes the money to be there and the need to be large."
)


def stands(level: str, *, money: str, strength: str) -> bool:
    """Whether a need may be called so: a demand takes money and a large need."""
    return level != "demand" or (money == "yes" and strength == "large")


def promotion(level: str, *, money: str, strength: str) -> str:
    """The level that is offered next, "" where there is none yet."""
    names = list(LEVELS)
    following = names[names.index(level) + 1] if level in names[:-1] else ""
    return following if following and stands(following, money=money, strength=strength) else ""
