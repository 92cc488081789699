"""The tables of the customers domain; each lives in its slice."""

from liuke.customers.accounts.models import AccountMember, KeyAccount
from liuke.customers.attachments.models import Attachment
from liuke.customers.background.models import Background
from liuke.customers.completeness.models import Card
from liuke.customers.credit.models import Credit
from liuke.customers.departments.models import Department
from liuke.customers.duplicates.models import DuplicatePair
from liuke.customers.exports.models import ExportRequest
from liuke.customers.facts.models import Fact
from liuke.customers.fields.models import CustomField, FieldValue
from liuke.customers.followups.models import FollowUp, FollowUpChange
from liuke.customers.former.models import Former
from liuke.customers.handovers.models import Handover, HandoverItem
from liuke.customers.holdings.models import Holding
from liuke.customers.imports.models import ImportBatch, ImportKept, ImportPart, ImportReplacement
from liuke.customers.keeping.models import KeepingPlan, PlanStep
from liuke.customers.mentions.models import Mention
from liuke.customers.moving.models import Merge, MergeStep
from liuke.customers.needs.models import Need, NeedStep
from liuke.customers.occasions.models import ImportantDate
from liuke.customers.presets.models import ImportPreset
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.readings.models import Reading, ReadingDay
from liuke.customers.records.models import Contact, ContactPoint, Customer, CustomerSearch
from liuke.customers.relations.models import Relation
from liuke.customers.sources.models import SourceChoice
from liuke.customers.stages.models import StageChange
from liuke.customers.standings.models import Standing
from liuke.customers.visits.models import Visit

__all__ = [
    "AccountMember",
    "Attachment",
    "Background",
    "Card",
    "Contact",
    "ContactPoint",
    "Credit",
    "CustomField",
    "Customer",
    "CustomerSearch",
    "Department",
    "DuplicatePair",
    "ExportRequest",
    "Fact",
    "FieldValue",
    "FollowUp",
    "FollowUpChange",
    "Former",
    "Handover",
    "HandoverItem",
    "Holding",
    "ImportBatch",
    "ImportKept",
    "ImportPart",
    "ImportPreset",
    "ImportReplacement",
    "ImportantDate",
    "KeepingPlan",
    "KeyAccount",
    "Mention",
    "Merge",
    "MergeStep",
    "Need",
    "NeedStep",
    "PlanStep",
    "Purchase",
    "PurchaseLine",
    "Reading",
    "ReadingDay",
    "Relation",
    "SourceChoice",
    "StageChange",
    "Standing",
    "Visit",
]
