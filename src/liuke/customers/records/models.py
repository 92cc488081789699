from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    Q,
    QuerySet,
    SmallIntegerField,
    UniqueConstraint,
    Value,
    When,
)
from django.db.models.functions import StrIndex, Substr
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

import liuke.customers.lookup.models  # noqa: F401 - text__holds
from liuke.customers.lookup.rules import HIDDEN_FROM_HERE, near_question, nearness, opening
from liuke.customers.places.rules import Place, split_address
from liuke.customers.records.rules import (
    ATTITUDES,
    AUTHORITY,
    CONTACT_ROLES,
    DECISION_POWERS,
    LEAST_INFLUENCE,
    MOST_INFLUENCE,
    point_link,
    search_words,
)
from liuke.customers.scope.models import among_all, ids_of_team, in_team, own
from liuke.platform.access.rules import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def kinds() -> list[tuple[str, StrOrPromise]]:
    return [("enterprise", _("enterprise")), ("individual", _("individual"))]


def scopes() -> list[tuple[str, StrOrPromise]]:
    """The four customer scopes (SC07)."""
    return [
        ("consumer", _("consumer customer")),
        ("b2b", _("business customer")),
        ("channel", _("channel customer")),
        ("internal", _("internal customer")),
    ]


def stages() -> list[tuple[str, StrOrPromise]]:
    """The customer's life (SC05)."""
    return [
        ("lead", pgettext_lazy("stage", "potential customer")),
        ("prospect", pgettext_lazy("stage", "prospective customer")),
        ("customer", pgettext_lazy("stage", "customer")),
        ("loyal", pgettext_lazy("stage", "loyal customer")),
        ("dormant", pgettext_lazy("stage", "dormant")),
        ("lost", pgettext_lazy("stage", "lost")),
        ("won_back", pgettext_lazy("stage", "won back")),
        ("non_customer", pgettext_lazy("stage", "not a customer")),
    ]


def purposes() -> list[tuple[str, StrOrPromise]]:
    """Why they buy (SC08)."""
    return [("", _("not known")), ("end_consumer", _("end customer")), ("middleman", _("middleman"))]


def levels() -> list[tuple[str, StrOrPromise]]:
    """How closely a customer is looked after (CL09); standings decides it."""
    return [
        ("basic", pgettext_lazy("relation level", "Basic")),
        ("reactive", pgettext_lazy("relation level", "Reactive")),
        ("proactive", pgettext_lazy("relation level", "Proactive")),
        ("accountable", pgettext_lazy("relation level", "Accountable")),
        ("partnership", pgettext_lazy("relation level", "Partnership")),
    ]


def attitudes() -> list[tuple[str, StrOrPromise]]:
    """How a customer sees what we sell (CL11)."""
    return [
        ("loyal", pgettext_lazy("attitude", "Loyal to us")),
        ("favourable", pgettext_lazy("attitude", "Favourable")),
        ("neutral", pgettext_lazy("attitude", "Neutral, changes brands")),
        ("indifferent", pgettext_lazy("attitude", "Indifferent")),
        ("hostile", pgettext_lazy("attitude", "Hostile")),
    ]


NEAR_WORDS, NEAR_LINES = 2, 200  # words that may have a slip, and lines that are looked at for each
RANKED = 1_000  # customers that a search puts in order; of more it takes so many


class CustomerQuerySet(QuerySet["Customer"]):
    def for_user(self, user: User) -> CustomerQuerySet:
        """The customers `user` may read: own, own team's and below, or all; and whom he stands in for."""
        return self.filter(self.reach(user, user.role.read_scope))

    def writable_by(self, user: User) -> CustomerQuerySet:
        return self.filter(self.reach(user, user.role.write_scope))

    def reach(self, user: User, scope: str, *, path: str = "") -> Q:
        """The condition by which `for_user` chooses, also for rows that hang on a customer by `path` ("customer__").

        A team's are asked of the joined row, not as "customer in (all whom he may read)": that list of a hundred thousand
        is made anew for every statement (measured: 80 ms of a count that takes 3). One's own are few, and asked for as
        such a list: it then leads the statement, whatever the order of the rows (measured: 4 ms of a page instead of 58).
        """
        if not user.is_active:
            return Q(pk__in=[])
        match Scope(scope):
            case Scope.ALL:
                return Q()
            case Scope.TEAM if user.team:
                return in_team(user.team.path, path) | self._own(user, path)
            case Scope.OWN | Scope.TEAM:
                return self._own(user, path)
            case _:
                return Q(pk__in=[])

    def reach_of_sums(self, user: User, *, path: str) -> Q:
        """As `reach` for reading, where everything that hangs on a customer is summed: of a team, by the shorter list.

        Who leads all of sales sees nearly everybody, so the list of the rest is short; who leads one team of many has
        a short list himself. No row needs to look its customer up (measured on 100,000 customers, the pyramid of
        either: 18 ms, instead of 54 and 42).
        """
        scope = user.role.read_scope
        if user.is_active and Scope(scope) == Scope.TEAM and user.team:
            return among_all(user.team.path, _whose(user), path)
        return self.reach(user, scope, path=path)

    def summed_for(self, user: User) -> CustomerQuerySet:
        """As `for_user`, where many rows are gone through, to be counted or sorted: an index alone then says which."""
        return self.filter(self.reach_of_sums(user, path=""))

    def ids_for(self, user: User) -> QuerySet[Customer, Any]:
        """The ids of those of `for_user`, to be counted or read one after the other: of a team by its index, and the rest
        of one's own (measured for a team of 8,000 among 100,000: 1 ms instead of 8)."""
        scope = user.role.read_scope
        if user.is_active and Scope(scope) == Scope.TEAM and user.team:
            return ids_of_team(user.team.path, _whose(user))
        return self.filter(self.reach(user, scope)).order_by().values("pk")

    def _own(self, user: User, path: str) -> Q:
        """His own; and, as long as it is open, whoever a follow-up was given to him for: a stand-in must know and write;
        and key accounts on which he works beside their owner, as long as he does.

        Of a colleague who is away both, for as long as `user` stands in for him: reach ends with the clock, by itself.
        """
        return own(_whose(user), path)

    def search(self, text: str, *, by: User | None) -> CustomerQuerySet:
        """As `found_by`, best first: the whole of a number, name or address is better than a beginning, and that better

        than something inside. Of a word that thousands have (有限公司) the first few thousand are looked at, beginnings
        for themselves: nobody reads them to the end, and to sort a million would be waited for.
        """
        if not (words := search_words(text)):
            return self
        rank = Case(
            When(search__text__contains=f"\n{' '.join(words)}\n", then=Value(0)),
            When(search__text__contains=f"\n{words[0]}", then=Value(1)),
            default=Value(2),
            output_field=SmallIntegerField(),
        )
        scope = by.role.read_scope if by else Scope.ALL
        if by and scope == Scope.OWN and not by.role.masked:
            return self._read(words, text).annotate(rank=rank).order_by("rank", "name", "id")
        # Some of the lines will do only for whoever sees all: within a part, the few might be all others'.
        how = "few" if scope == Scope.ALL else "every"
        found = self._found(words, text, by, how)
        if scope != Scope.OWN:  # one's own are no thousands
            begun = self._found([f"\n{words[0]}", *words[1:]], text, by, how).order_by().values("pk")
            inside = found.order_by().values("pk")
            found = self.filter(Q(pk__in=begun[:RANKED]) | Q(pk__in=inside[:RANKED]))
        return found.annotate(rank=rank).order_by("rank", "name", "id")

    def similar(self, text: str, *, by: User, limit: int) -> list[Customer]:
        """Whose name is what was typed but for one slip in one word: a Latin letter wrong, missing, surplus or two swapped,
        in pinyin too; one Chinese letter wrong among three or more.

        Digits tolerate none, for a wrong one is somebody else's; and nothing is found by how a customer is reached.
        """
        words = search_words(text)
        if len(words) > NEAR_WORDS:
            return []
        found: dict[int, tuple[int, Customer]] = {}
        for place, word in enumerate(words):
            found |= self._near(word, [*words[:place], *words[place + 1 :]], by)
        best = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].name, pair[1].pk))
        return [one for _near, one in best[:limit]]

    def _near(self, word: str, others: Sequence[str], by: User) -> dict[int, tuple[int, Customer]]:
        """id -> how near and who, of those whose line has the word but for a slip, and the others as they are."""
        if not (cases := near_question(word)):
            return {}
        # Of a word that thousands bear the first lines will do for whoever sees all; others' might be all they hold.
        how = "near_few" if by.role.read_scope == Scope.ALL else "near"
        rows = self.filter(**{f"search__text__{how}": cases})
        if others:
            rows = rows.filter(search__text__holds=others)
        found = {}
        for one in rows.order_by().select_related("owner", "search")[:NEAR_LINES]:
            line = one.search.text
            if all(other in opening(line) for other in others) and (near := nearness(word, line)):
                found[one.pk] = (near, one)
        return found

    def found_by(self, text: str, *, by: User | None) -> CustomerQuerySet:
        """Those in whose line every word of `text` stands, and whoever placed the order of that number.

        Whoever does not see how others' customers are reached (`Role.masked`) does not find them by it either.
        """
        words = search_words(text)
        return self._found(words, text, by, "every") if words else self

    def _read(self, words: Sequence[str], text: str) -> CustomerQuerySet:
        """As `_found` "every", where the rows are one's own: to read their few thousand lines is quicker than to ask the index
        for all lines of a common word (measured at a million customers: a quarter to a twentieth of the time)."""
        held = Q()
        for word in words:
            held &= Q(search__text__contains=word)
        return self.filter(held | Q(pk__in=self._ordered(words, text)))

    def _ordered(self, words: Sequence[str], text: str) -> QuerySet[Any, Any]:
        """Who placed the order of that number."""
        asked = " ".join(text.split()) if text.isprintable() else words[0]
        orders = apps.get_model("customers", "Purchase").objects  # by name: purchases lie above the records
        return orders.filter(number__in={asked, asked.upper(), asked.lower()}).values("customer_id")

    def _found(self, words: Sequence[str], text: str, by: User | None, how: str) -> CustomerQuerySet:
        """`how`: "every" line that holds the words, or a "few" of what may be a million."""
        lines = CustomerSearch.objects.filter(
            **{"text__holds" if how == "every" else "text__holds_few": words}
        )
        found = Q(pk__in=lines.values("customer_id"))
        if by and by.role.masked:
            mine = Q(owner_id__in=by.acts_for(timezone.now()))
            found = (found & mine) | self._found_in_the_open(words)
        return self.filter(found | Q(pk__in=self._ordered(words, text)))

    def _found_in_the_open(self, words: Sequence[str]) -> Q:
        """By number, name and persons, which stand first in a line; a line of before is known by name and number."""
        end = StrIndex("text", Value(f"\n{HIDDEN_FROM_HERE}\n"))
        lines, named = (
            CustomerSearch.objects.filter(text__holds=words).annotate(open=Substr("text", 1, end)),
            Q(),
        )
        for word in words:
            lines = lines.filter(open__contains=word)
            named &= Q(name__icontains=word) | Q(number__icontains=word)
        return Q(pk__in=lines.values("customer_id")) | named


def _whose(user: User) -> tuple[int, ...]:
    return tuple(user.acts_for(timezone.now()))


class Customer(models.Model):
    """The master record: who they are and who looks after them. What happened is in the ledger of facts."""

    number = models.CharField(_("customer number"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=kinds, default="enterprise")
    scope = models.CharField(_("scope"), max_length=10, choices=scopes, default="b2b")
    purpose = models.CharField(_("purchase purpose"), max_length=16, choices=purposes, blank=True, default="")
    stage = models.CharField(_("stage"), max_length=12, choices=stages, default="lead")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        "platform.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("team"),
    )
    source = models.CharField(_("source"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)  # ISO 3166 alpha-2; blank is not known
    province = models.CharField(_("province"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=240, blank=True)
    # what only one scope has (SC07): household, resale, area, department
    profile = models.JSONField(default=dict, blank=True)
    note = models.TextField(_("note"), blank=True)
    # where he stands now (standings): how closely we look after him, how he sees us; "" is undecided
    level = models.CharField(
        _("relation level"), max_length=12, choices=levels, blank=True, default="", db_default=""
    )
    attitude = models.CharField(
        _("attitude"), max_length=12, choices=attitudes, blank=True, default="", db_default=""
    )
    first_purchase_at = models.DateTimeField(null=True, blank=True)
    last_purchase_at = models.DateTimeField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    stage_since_at = models.DateTimeField(null=True, blank=True)  # empty: since he was registered
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    # raised by every edit; an edit of an older version is a conflict
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["number"], name="customer_number_unique"),
            CheckConstraint(condition=~Q(number="") & ~Q(name=""), name="customer_has_number_and_name"),
        ]
        indexes = [
            # serve: "my customers" and "my team's", in each order the list offers by a column of the record
            models.Index(fields=["owner", "id"], name="customer_owner"),
            models.Index(fields=["team", "id"], name="customer_team"),
            models.Index(fields=["name", "id"], name="customer_name"),
            models.Index(fields=["last_contact_at", "id"], name="customer_last_contact"),
            models.Index(fields=["last_purchase_at", "id"], name="customer_last_purchase"),
            # serves: the stage facet and its count
            models.Index(fields=["stage", "id"], name="customer_stage"),
            # serve: the series by level and by attitude; most customers have neither
            models.Index(fields=["level", "id"], condition=~Q(level=""), name="customer_level"),
            models.Index(fields=["attitude", "id"], condition=~Q(attitude=""), name="customer_attitude"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerSearch(models.Model):
    """What the search box looks through: one folded line per customer (rules.search_text). Narrow, so a scan is quick."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="search"
    )
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


def point_kinds() -> list[tuple[str, StrOrPromise]]:
    return [
        ("mobile", _("mobile")),
        ("phone", _("phone")),
        ("email", _("e-mail")),
        ("wechat", _("WeChat")),
        ("whatsapp", _("WhatsApp")),
        ("address", _("address")),
        ("other", _("other")),
    ]


class Contact(models.Model):
    """A person at the customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=80)
    title = models.CharField(_("position"), max_length=80, blank=True)
    roles = models.JSONField(default=list, blank=True)  # purchasing, payment, decision, user …
    department = models.ForeignKey(
        "customers.Department", on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    influence = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 5; empty is not known
    # With a default of the database: imports write many persons at once without these.
    decision_power = models.CharField(
        max_length=8, blank=True, default="", db_default=""
    )  # rules.DECISION_POWERS
    attitude = models.CharField(max_length=10, blank=True, default="", db_default="")  # rules.ATTITUDES
    is_primary = models.BooleanField(default=False)
    note = models.CharField(_("note"), max_length=240, blank=True)
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-is_primary", "id"]
        constraints = [
            UniqueConstraint(fields=["customer"], condition=Q(is_primary=True), name="contact_one_primary"),
            CheckConstraint(condition=~Q(name=""), name="contact_has_name"),
            CheckConstraint(
                condition=Q(influence__isnull=True) | Q(influence__range=(LEAST_INFLUENCE, MOST_INFLUENCE)),
                name="contact_influence_within_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_names(self) -> list[str]:
        return [gettext(CONTACT_ROLES[code]) for code in self.roles if code in CONTACT_ROLES]

    @property
    def power_name(self) -> str:
        return gettext(DECISION_POWERS[self.decision_power]) if self.decision_power in DECISION_POWERS else ""

    @property
    def attitude_name(self) -> str:
        return gettext(ATTITUDES[self.attitude]) if self.attitude in ATTITUDES else ""

    @property
    def authority(self) -> str:
        """decide, propose, oppose, or nothing (CT03)."""
        return AUTHORITY.get(self.decision_power, "")


class ContactPoint(models.Model):
    """A way to reach the customer or one of its contacts, as given and in normal form (E.164, lower-case e-mail)."""

    # of an address, which is as long as a street, a building and a floor are
    LONGEST = 240

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="points")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="points"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=point_kinds)
    value = models.CharField(_("value"), max_length=LONGEST)
    normal = models.CharField(max_length=LONGEST)
    is_preferred = models.BooleanField(default=False)
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="points"
    )

    class Meta:
        ordering = ["-is_preferred", "id"]
        constraints = [
            UniqueConstraint(fields=["customer", "kind", "normal"], name="contact_point_unique"),
            CheckConstraint(condition=~Q(value=""), name="contact_point_has_value"),
        ]
        # serves: who has this number or address (duplicates on entry, caller look-up)
        indexes = [models.Index(fields=["normal"], name="contact_point_normal")]

    def __str__(self) -> str:
        return self.value

    @property
    def link(self) -> str:
        """tel: or mailto:, where it is one and may be seen."""
        return point_link(self.kind, self.normal)

    @property
    def place(self) -> Place | None:
        """Province, city and district of an address."""
        return split_address(self.value) if self.kind == "address" else None
