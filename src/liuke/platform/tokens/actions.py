"""Making a token, taking it back, and telling whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _

from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.audit.rules import Changes
from liuke.platform.tokens.models import ApiToken
from liuke.platform.tokens.rules import (
    LIFETIMES,
    NAME_LENGTH,
    REFUSAL_NOTED_EVERY,
    SCOPES,
    SHOWN,
    hashed,
    new_secret,
    rights_of,
)
from liuke.platform.users.models import User

MOST = 20  # living tokens of one person


def create_token(
    *, name: str, scopes: Iterable[str], days: int, by: User, now: datetime
) -> tuple[ApiToken, str]:
    """A token of one's own, and its secret, which nobody can see again. Its scopes only narrow one's rights."""
    title, wanted = " ".join(name.split()), set(scopes)
    if not title or len(title) > NAME_LENGTH:
        raise ValidationError({"name": _("A token needs a name of at most 60 characters.")})
    chosen = [scope for scope in SCOPES if scope in wanted]
    if not chosen or wanted - set(SCOPES):
        raise ValidationError({"scopes": _("Choose what the token is for.")})
    if days not in LIFETIMES:
        raise ValidationError({"days": _("Please choose from the list.")})
    secret = new_secret()
    with transaction.atomic():
        holder = User.objects.select_for_update().get(pk=by.pk)
        living = ApiToken.objects.of(holder).filter(revoked_at=None, expires_at__gt=now, epoch=holder.epoch)
        if living.count() >= MOST:
            raise ValidationError(_("You have twenty tokens already. Revoke one that is no longer needed."))
        token = ApiToken.objects.create(
            user=holder,
            name=title,
            start=secret[:SHOWN],
            digest=hashed(secret),
            scopes=chosen,
            epoch=holder.epoch,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        told: Changes = {"scopes": [None, chosen], "expires_at": [None, token.expires_at]}
        record("tokens.create", by=by, now=now, subject=token, changes=told)
    return token, secret


def revoke_token(token: ApiToken, *, by: User, now: datetime) -> None:
    """One's own, or anybody's by who manages colleagues and sees this one. From the next call on it opens nothing."""
    if token.user_id != by.pk:
        permit(by, Right.MANAGE_USERS)
        if not User.objects.visible_to(by).filter(pk=token.user_id).exists():
            raise ApiToken.DoesNotExist("its person is out of reach")
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now, revoked_by=by):
            record("tokens.revoke", by=by, now=now, subject=token)


def token_of(secret: str) -> ApiToken | None:
    """The token of this secret with its person; whether it still lives is `why_dead`'s to say."""
    rows = ApiToken.objects.select_related("user__role", "user__team")
    return rows.filter(digest=hashed(secret)).first()


def acting(token: ApiToken) -> User:
    """Its person, with no more rights than the token's scopes leave him."""
    user: User = token.user
    user.limited_to = rights_of(token.scopes)
    return user


def count_call(token: ApiToken, now: datetime) -> int:
    """Notes a use; how many there were in this minute, over all processes."""
    minute = int(now.timestamp()) // 60
    ours = ApiToken.objects.filter(pk=token.pk)
    ours.update(
        calls=Case(When(minute=minute, then=F("calls") + 1), default=Value(1)), minute=minute, used_at=now
    )
    return ours.values_list("calls", flat=True).get()


def note_refusal(token: ApiToken, why: str, *, now: datetime, address: str) -> None:
    """A dead token that is still used, in the audit once an hour."""
    due = Q(refused_at=None) | Q(refused_at__lte=now - REFUSAL_NOTED_EVERY)
    with transaction.atomic():
        if ApiToken.objects.filter(due, pk=token.pk).update(refused_at=now):
            record("tokens.refused", by=None, now=now, subject=token, reason=why, address=address)
