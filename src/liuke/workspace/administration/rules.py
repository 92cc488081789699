"""What the audit's actions are called, and how a change is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.customers.background.rules import FIELDS as BACKGROUND
from liuke.customers.fields.rules import BLOCKS, PLACES, TYPES
from liuke.customers.holdings.rules import KINDS as HOLDINGS
from liuke.customers.masking.rules import GROUPS as MASKED_KINDS
from liuke.customers.masking.rules import veiled
from liuke.customers.occasions.rules import KINDS as OCCASIONS
from liuke.customers.records.models import kinds
from liuke.customers.records.models import scopes as scopes_of_customers
from liuke.customers.records.rules import ATTITUDES, CONTACT_ROLES, DECISION_POWERS
from liuke.customers.relations.rules import KINDS as RELATIONS
from liuke.customers.timeline.rules import STAGES
from liuke.platform.access.models import scopes
from liuke.platform.access.rules import RIGHT_NAMES
from liuke.platform.kit.templatetags.badges import ROLES

if TYPE_CHECKING:
    from liuke.platform.audit.models import AuditEntry

# action -> what people call it. One that is missing here is shown by its code.
ACTIONS: dict[str, Any] = {
    "access.denied": _("Refused attempt"),
    "users.sign_in": _("Signed in"),
    "users.sign_in_failed": _("Failed to sign in"),
    "users.sign_out": _("Signed out"),
    "users.add": _("Colleague added"),
    "users.edit": _("Colleague edited"),
    "users.edit_profile": _("Own profile edited"),
    "users.deactivate": _("Colleague deactivated"),
    "users.reactivate": _("Colleague let in again"),
    "users.invite": _("Link for a password made"),
    "users.reset_password": _("Password reset"),
    "users.change_password": _("Own password changed"),
    "users.set_password": _("Password set by link"),
    "absences.arrange": _("Leave arranged"),
    "absences.end": _("Leave ended early"),
    "webhooks.add": _("Webhook set up"),
    "webhooks.edit": _("Webhook paused or resumed"),
    "webhooks.rotate": _("Webhook given a new secret"),
    "webhooks.remove": _("Webhook removed"),
    "webhooks.ping": _("Test message sent by a webhook"),
    "webhooks.send_again": _("Message of a webhook sent again"),
    "tokens.create": _("Access token made"),
    "tokens.revoke": _("Access token revoked"),
    "tokens.refused": _("Access token refused that is no longer valid"),
    "handovers.start": _("Customers handed over"),
    "handovers.undo": _("Handover taken back"),
    "teams.add": _("Team added"),
    "teams.edit": _("Team edited"),
    "teams.remove": _("Team removed"),
    "roles.add": _("Role added"),
    "roles.edit": _("Role edited"),
    "roles.remove": _("Role removed"),
    "preferences.change": _("Company setting changed"),
    "system.restore": _("Backup restored"),
    "jobs.run": _("Job started by hand"),
    "jobs.cancel": _("Job cancelled"),
    "jobs.retry": _("Job tried again"),
    "lists.save_view": _("View saved"),
    "lists.remove_view": _("View removed"),
    "customers.register": _("Customer added"),
    "customers.edit": _("Customer edited"),
    "customers.assign": _("Customers given to another owner"),
    "customers.merge": _("Customers merged"),
    "customers.unmerge": _("Merge undone"),
    "customers.keep_apart": _("Held apart as not the same"),
    "customers.stage": _("Stage changed"),
    "customers.verify": _("Card checked"),
    "customers.return": _("Card returned to be completed"),
    "customers.accept": _("Completed card accepted"),
    "customers.standing": _("Level, attitude or relationship decided"),
    "customers.export": _("Customers exported"),
    "reading.asked": _("A reason was asked for: read very much"),
    "reading.reason": _("Reason given for reading much"),
    "customers.reveal": _("Hidden numbers or addresses shown"),
    "customers.reveal_refused": _("Refused to show hidden numbers: too many in a day"),
    "exports.ask": _("Large export asked for"),
    "exports.approve": _("Large export approved"),
    "exports.refuse": _("Large export refused"),
    "exports.take": _("Approved export fetched"),
    "customers.remove_file": _("File on a timeline taken away"),
    "customers.vcard": _("Persons taken as vCards"),
    "contacts.add": _("Contact person added"),
    "contacts.edit": _("Contact person edited"),
    "contacts.remove": _("Contact person removed"),
    "points.add": _("Phone or address added"),
    "points.edit": _("Phone or address edited"),
    "points.remove": _("Phone or address removed"),
    "departments.add": _("Department added"),
    "departments.edit": _("Department edited"),
    "departments.remove": _("Department removed"),
    "relations.add": _("Relation added"),
    "relations.remove": _("Relation removed"),
    "dates.add": _("Day to remember added"),
    "dates.edit": _("Day to remember edited"),
    "dates.remove": _("Day to remember removed"),
    "holdings.add": _("Possession added"),
    "holdings.edit": _("Possession edited"),
    "holdings.remove": _("Possession removed"),
    "sources.add": _("Source added"),
    "sources.retire": _("Source retired"),
    "sources.restore": _("Source offered again"),
    "visits.blind": _("Visit begun without a look at the card"),
    "visits.take_back": _("Visit taken back that was begun by mistake"),
    "credit.agree": _("Credit agreed"),
    "needs.add": _("Need noted"),
    "needs.edit": _("Need edited"),
    "needs.promote": _("Need raised"),
    "needs.end": _("Need met or gone"),
    "keeping.open": _("Loyalty plan opened"),
    "keeping.close": _("Loyalty plan closed"),
    "background.read": _("Background notes read"),
    "background.write": _("Background notes written"),
    "background.erase": _("Background notes erased"),
    "accounts.begin": _("Made a key account"),
    "accounts.plan": _("Account plan changed"),
    "accounts.review": _("Account plan reviewed"),
    "accounts.end": _("Key account ended"),
    "accounts.member_add": _("Colleague added to a key account"),
    "accounts.member_remove": _("Colleague taken off a key account"),
    "segments.save": _("Segment saved"),
    "segments.pick": _("Customers picked for a segment by hand"),
    "segments.remove": _("Segment removed"),
    "fields.add": _("Field of the card added"),
    "fields.edit": _("Field of the card edited"),
    "fields.move": _("Field of the card moved"),
    "fields.archive": _("Field of the card archived"),
    "fields.restore": _("Field of the card put back"),
    "fields.erase": _("Field of the card erased"),
    "imports.run": _("Import run"),
    "imports.undo": _("Import undone"),
    "presets.save": _("Import preset saved"),
    "presets.rename": _("Import preset renamed"),
    "presets.remove": _("Import preset removed"),
    "audit.verified": _("Audit verified"),
}

FIELDS: dict[str, Any] = {
    "name": _("name"),
    "email": _("e-mail"),
    "role": _("role"),
    "team": _("team"),
    "active": _("active"),
    "parent": pgettext_lazy("of a team", "below"),
    "rights": _("rights"),
    "read_scope": _("may see"),
    "write_scope": _("may change"),
    "mobile": _("mobile"),
    "phone": _("phone"),
    "wechat": _("WeChat"),
    "preferred": _("preferred"),
    "owner": _("owner"),
    "note": _("note"),
    "address": _("address"),
    "contact": _("contact person"),
    "customers": _("customers"),
    "stage": _("stage"),
    "department": _("department"),
    "office": _("office"),
    "influence": _("influence"),
    "decision_power": _("say in the decision"),
    "attitude": _("attitude to us"),
    "person": _("person"),
    "limit_minor": _("credit limit (minor units)"),
    "days": _("days to pay"),
    "notes": _("notes"),
    "cards": _("vCards"),
    "names": _("names"),
    "helps": _("help"),
    "type": _("type"),
    "kind": _("kind"),
    "scope": _("scope"),
    "block": _("block of the card"),
    "options": _("choices"),
    "required": _("needed for a complete card"),
    "places": _("also offered as"),
    "values": _("values"),
    "hidden": _("what was hidden"),
    "pages": _("pages within ten minutes"),
    "masked": _("hidden of others' customers"),
    "delegate": _("who stands in"),
    "successors": _("successors"),
    "from": _("first day"),
    "until": _("last day"),
    "scopes": _("for"),
    "topics": _("told of"),
    "url": _("address"),
    "expires_at": _("valid until"),
    # of relations, days and possessions the kind is what was changed
    **{code: _(name) for table in (RELATIONS, OCCASIONS, HOLDINGS) for code, name in table.items()},
}
# Codes that a field is kept in -> what people call them.
CODES: dict[str, Mapping[str, str]] = {
    "decision_power": DECISION_POWERS,
    "attitude": ATTITUDES,
    "roles": CONTACT_ROLES,
    "notes": BACKGROUND,
}
# What an import or an export counts, in the order in which it is told: one line, without the zeros.
COUNTS: dict[str, Any] = {
    "rows": _("rows"),
    "created": _("new"),
    "updated": _("changed"),
    "unchanged": _("as before"),
    "rejected": _("left out"),
    "orders_created": _("new orders"),
    "orders_updated": _("changed orders"),
    "customers_created": _("new customers"),
    "aside": _("rows without a customer"),
}
NOT_TOLD = frozenset({"orders"})  # the same again as new and changed ones together

# Codes that the audit keeps, in words.
WORDS: Mapping[str, Mapping[str, Any]] = {
    "kind": dict(kinds()),
    "scope": dict(scopes_of_customers()),
    "block": BLOCKS,
    "type": TYPES,
    "places": PLACES,
}


def _veiled(field: str, pair: Any, masked: Collection[str], own: Mapping[str, str]) -> Any:
    kind = own.get(field, field)
    if MASKED_KINDS.get(kind) not in masked:
        return pair
    return [veiled(kind, one) if isinstance(one, str) else one for one in pair]


def action_name(code: str) -> str:
    return str(ACTIONS.get(code, code))


def subject_name(entry: AuditEntry) -> str:
    """What the entry is about. An import has no name but its number, and the audit keeps it as code."""
    if entry.subject_type == "customers.importbatch":
        return gettext("Import %(number)s") % {"number": entry.subject_id}
    return entry.subject_label


def told(
    changes: Mapping[str, Any],
    names: Mapping[str, str],
    masked: Collection[str] = (),
    own: Mapping[str, str] | None = None,
) -> list[tuple[str, str, str]]:
    """(field, old, new) as a person reads them, blank where there was nothing; `names` are the settings' own.

    What the reader's role does not see of customers (`masked`) is veiled here too; `own` are the kinds of the company's
    own fields, by the names that the audit keeps them under.
    """
    changes = {field: _veiled(field, pair, masked, own or {}) for field, pair in changes.items()}
    if changes and changes.keys() <= COUNTS.keys() | NOT_TOLD:
        return [("", "", _counted(changes))]
    said = [
        (names.get(field) or str(FIELDS.get(field, field)), _said(field, pair[0]), _said(field, pair[1]))
        for field, pair in changes.items()
        if isinstance(pair, list) and len(pair) == 2
    ]
    return [line for line in said if line[1] or line[2]]


def _counted(changes: Mapping[str, Any]) -> str:
    counts = {name: pair[1] for name, pair in changes.items() if isinstance(pair, list) and len(pair) == 2}
    return " · ".join(f"{name} {counts[key]}" for key, name in COUNTS.items() if counts.get(key))


def _said(field: str, value: Any) -> str:
    match value:
        case None | "" | []:
            return ""
        case True:
            return gettext("yes")
        case False:
            return gettext("no")
        case list():
            return ", ".join(_said(field, item) for item in value)
        case dict():
            return ", ".join(f"{key} {_said(field, item)}" for key, item in value.items())
        case _:
            return _coded(field, str(value))


def _coded(field: str, value: str) -> str:
    """What the audit keeps as a code, in words."""
    if value in CODES.get(field, {}):
        return gettext(CODES[field][value])
    match field:
        case "role":
            return str(ROLES.get(value, value))
        case "rights":
            return gettext(RIGHT_NAMES[value]) if value in RIGHT_NAMES else value
        case "stage":
            return str(STAGES.get(value, value))
        case "kind" | "scope" | "block" | "type" | "places" if value in WORDS[field]:
            return gettext(str(WORDS[field][value]))
        case "read_scope" | "write_scope":
            return str(dict(scopes()).get(value, value))
        case _:
            return value


GROUPS: dict[str, Any] = {
    "company": _("Company"),
    "grading": _("Value grades"),
    "relationship": _("Budget"),
    "score": _("Forecast"),
    "risk": _("Churn risk"),
    "churn": _("Dormant and lost"),
    "loyal": _("Loyal customers"),
    "service": _("Cost of service"),
    "level": _("Relation levels"),
    "money": _("Exchange rates"),
    "today": _("Today"),
    "followups": _("Follow-ups"),
    "holdings": _("What they own"),
    "card": _("Customer card"),
    "tips": _("Advice on the card"),
    "api": _("API"),
    "exports": _("Exports"),
    "accounts": _("Key accounts"),
    "reading": _("Reading very much"),
    "price": _("Customers who buy by price"),
    "masking": _("Hidden numbers and addresses"),
    "handovers": _("Handovers"),
    "visits": _("Visits"),
    "credit": _("Credit"),
    "webhooks": _("Webhooks"),
}


def group_name(code: str) -> str:
    return str(GROUPS.get(code, code))


# The overview of the settings: what each page is for, in groups. A page that one may not open is left out.
OVERVIEW: tuple[tuple[Any, Mapping[str, Any]], ...] = (
    (
        pgettext_lazy("group of settings", "People"),
        {
            "colleagues": _("Who works here, with which role and in which team."),
            "teams": _("Who sees whose customers."),
            "roles": _("What each role may see and do."),
            "handovers": _(
                "Stand-ins for days of absence, and customers that change hands when somebody goes."
            ),
            "reading": _("Who opens more cards and lists than usual."),
        },
    ),
    (
        _("Customer data"),
        {
            "imports": _("Bring in customers and orders from files, and undo what came in."),
            "duplicates": _("The same customer noted twice: laid side by side and merged."),
            "exports": _("Approve large exports that somebody has asked for."),
            "fields": _("Fields of your own on cards, lists, imports and exports."),
            "sources": _("Where customers come from: the list to choose from."),
        },
    ),
    (
        _("Company"),
        {
            "preferences": _("Name, currency, hours, thresholds: what is reckoned with everywhere."),
            "entitlements": _("What each grade of customer is owed."),
            "trade": _("What customers own, and when it is asked about."),
        },
    ),
    (
        _("Running it"),
        {
            "all-tokens": _("Programs that act for somebody."),
            "webhooks": _("Programs that are told what happens."),
            "jobs": _("What runs in the background: the night's judgement, imports, reminders."),
            "audit": _("Who changed what and when; nobody can alter it."),
        },
    ),
)
