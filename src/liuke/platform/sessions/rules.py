"""How long a session lives, and what every response tells the browser."""

from __future__ import annotations

from datetime import datetime, timedelta

IDLE = timedelta(hours=2)  # a lunch and a long meeting; not a night
WHOLE = timedelta(hours=12)  # one working day; then everybody signs in again
NOTE_EVERY = timedelta(minutes=5)  # the instant last seen is written this often, not on every click

# No script and no style but our own files: what a customer typed can never run. data: is for pictures.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def over(*, began_at: datetime, seen_at: datetime, now: datetime) -> str:
    """Why the session has ended ("idle", "day"), or nothing. A clock set back ends nothing."""
    if now - began_at > WHOLE:
        return "day"
    if now - seen_at > IDLE:
        return "idle"
    return ""
