"""What may be noted of a person's background (CT06): only with his consent, and read by few. No database."""

from __future__ import annotations

from collections.abc import Mapping


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


FIELDS: Mapping[str, str] = {
    "education": gettext_noop("Education"),
    "career": gettext_noop("Career"),
    "hobbies": gettext_noop("Hobbies"),
    "family": gettext_noop("Family"),
    "taboos": gettext_noop("What to avoid"),
}
LIMIT = 1000
