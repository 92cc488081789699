"""`text__holds=[…]`: every word stands in the line, found by the index. Both databases keep theirs themselves, by trigger
and by generated column (migration 0024), so no way of writing a line can leave it behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.backends.signals import connection_created
from django.db.models import Lookup, TextField

from liuke.customers.lookup.rules import Case, match_text, near_match, near_tsquery, tokens, tsquery_text

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:
    AnyLookup = Lookup

INDEX = "customers_searchindex"  # of SQLite; PostgreSQL has a column beside the line


class Holds(AnyLookup):
    lookup_name = "holds"
    prepare_rhs = False
    most = 0  # lines that the index is asked for; 0: all
    rhs: Any

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        words: Sequence[str] = self.rhs
        text, values = compiler.compile(self.lhs)
        beside, _dot, _column = text.rpartition(".")
        if connection.vendor == "postgresql":
            question = tsquery_text(words)
            asked = f"{beside}.grams @@ %s::tsquery"
            if self.most:
                some = f"SELECT customer_id FROM customers_customersearch WHERE grams @@ %s::tsquery LIMIT {self.most}"  # noqa: S608
                asked = f"{beside}.customer_id IN ({some})"
            stands = f"strpos({text}, %s) > 0"
        else:
            some = f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s"  # noqa: S608 - names only
            asked = f"{beside}.customer_id IN ({some}{f' LIMIT {self.most}' if self.most else ''})"
            question, stands = match_text(words), f"instr({text}, %s) > 0"
        every = " AND ".join([asked, *[stands] * len(words)])
        held = [value for word in words for value in (*values, word)]
        return f"({every})", (*values, question, *held)


class HoldsFew(Holds):
    """Of a word that more lines hold some are enough: a search shows fifty."""

    lookup_name = "holds_few"
    most = 10_000


class Near(AnyLookup):
    """`text__near=…`: lines that may hold one of `near_question`'s cases; `is_near` looks at them."""

    lookup_name = "near"
    prepare_rhs = False
    most = 0  # lines that the index is asked for; 0: all
    rhs: Any

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        cases: Sequence[Case] = self.rhs
        text, values = compiler.compile(self.lhs)
        beside, _dot, _column = text.rpartition(".")
        some = f" LIMIT {self.most}" if self.most else ""
        if connection.vendor != "postgresql":
            asked = f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s{some}"  # noqa: S608 - names only
            return f"{beside}.customer_id IN ({asked})", (*values, near_match(cases))
        if not some:
            return f"{beside}.grams @@ %s::tsquery", (*values, near_tsquery(cases))
        asked = f"SELECT customer_id FROM customers_customersearch WHERE grams @@ %s::tsquery{some}"  # noqa: S608
        return f"{beside}.customer_id IN ({asked})", (*values, near_tsquery(cases))


class NearFew(Near):
    lookup_name = "near_few"
    most = 2_000


TextField.register_lookup(NearFew)
TextField.register_lookup(Holds)
TextField.register_lookup(Near)
TextField.register_lookup(HoldsFew)


def teach(sender: Any, connection: Any, **_more: Any) -> None:
    """SQLite's triggers ask Python for the threes of letters; PostgreSQL has a function of its own."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("liuke_threes", 1, tokens, deterministic=True)


connection_created.connect(teach, dispatch_uid="customers.lookup")
