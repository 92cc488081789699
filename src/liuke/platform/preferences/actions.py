from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.signals import request_finished, request_started
from django.db import transaction

from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.preferences.models import Preference
from liuke.platform.preferences.rules import SETTINGS, Unfit, declared, stored

if TYPE_CHECKING:
    from liuke.platform.models import User

log = logging.getLogger(__name__)

# What one request or job has read: it sees one set of choices for one query, and the next one sees what
# another process has changed since. None outside of both: there every read asks the table.
_seen: ContextVar[dict[str, Any] | None] = ContextVar("preferences_seen", default=None)


def get(key: str) -> Any:
    """The company's choice for `key`, in the type that its declaration checks for."""
    setting = declared(key)
    seen = _seen.get()
    if seen is None:
        return _checked(key, dict(Preference.objects.filter(key=key).values_list("key", "value")))
    if not seen:
        chosen = dict(Preference.objects.values_list("key", "value"))
        seen.update({name: _checked(name, chosen) for name in SETTINGS})
    return deepcopy(seen.get(setting.key, setting.default))


def _checked(key: str, chosen: Mapping[str, Any]) -> Any:
    setting = declared(key)
    if key not in chosen:
        return deepcopy(setting.default)
    try:
        return setting.check(chosen[key])
    except Unfit as problem:
        # A release may narrow what is allowed. The company must still be able to work, and to read why.
        log.warning("preference %s holds what is no longer allowed, its default is used: %s", key, problem)
        return deepcopy(setting.default)


def change(key: str, value: Any, *, by: User | None, now: datetime) -> Any:
    """Sets `key` for the whole company and returns the value as kept. The default removes the row."""
    permit(by, Right.MANAGE_SETTINGS)
    setting = declared(key)
    chosen = setting.check(value)
    with transaction.atomic():
        rows = Preference.objects.select_for_update().filter(key=key)
        before = _checked(key, dict(rows.values_list("key", "value")))
        if chosen == setting.default:
            Preference.objects.filter(key=key).delete()
        else:
            Preference.objects.update_or_create(
                key=key, defaults={"value": stored(chosen), "changed_by": by, "changed_at": now}
            )
        if chosen != before:
            record("preferences.change", by=by, now=now, changes={key: [stored(before), stored(chosen)]})
    _forget()
    return chosen


def stamp(key: str, *, now: datetime) -> None:
    """A new token under `key`, in the caller's transaction: who keeps a copy of something compares it and reads anew."""
    if declared(key).kind != "token":
        raise ValueError(f"{key} is no token")
    Preference.objects.update_or_create(key=key, defaults={"value": secrets.token_hex(8), "changed_at": now})
    _forget()


def reset(key: str, *, by: User | None, now: datetime) -> Any:
    """Back to what holds when nobody has chosen."""
    return change(key, declared(key).default, by=by, now=now)


@contextmanager
def reading_once() -> Iterator[None]:
    """Within this block the table is read at most once; jobs run in one, requests open theirs by signal."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def _forget() -> None:
    # Not refilled: a transaction around the change may still be rolled back, and the table alone knows.
    _seen.set(None)


def _begin(**_: object) -> None:
    _seen.set({})


def _end(**_: object) -> None:
    _seen.set(None)


request_started.connect(_begin, dispatch_uid="preferences.begin")
request_finished.connect(_end, dispatch_uid="preferences.end")
