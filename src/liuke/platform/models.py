"""The platform's tables; each lives in its slice."""

from liuke.platform.absences.models import Absence
from liuke.platform.access.models import Role, Team
from liuke.platform.api.models import KeptAnswer
from liuke.platform.audit.models import AuditEntry
from liuke.platform.files.models import StoredFile
from liuke.platform.jobs.models import Job
from liuke.platform.lists.models import SavedView
from liuke.platform.preferences.models import Preference
from liuke.platform.tokens.models import ApiToken
from liuke.platform.users.models import User
from liuke.platform.webhooks.models import Delivery, Webhook

__all__ = [
    "Absence",
    "ApiToken",
    "AuditEntry",
    "Delivery",
    "Job",
    "KeptAnswer",
    "Preference",
    "Role",
    "SavedView",
    "StoredFile",
    "Team",
    "User",
    "Webhook",
]
