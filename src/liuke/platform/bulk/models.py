"""`filter(pk__among=ids)`: as `in`, with the whole list as one value.

Django makes a parameter of each, looks at it four times and writes a place for it: of an import that names a thousand
customers in every statement that was an eighth of its time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Field, ForeignKey, Lookup

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:
    AnyLookup = Lookup


class Among(AnyLookup):
    lookup_name = "among"
    prepare_rhs = False
    rhs: Any

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, values = compiler.compile(self.lhs)
        wanted: Iterable[str | int] = self.rhs
        if connection.vendor == "postgresql":
            kind = (
                self.lhs.output_field.db_type(connection) if not self.lhs.output_field.is_relation else None
            )
            cast = f"::{kind.split('(')[0]}[]" if kind else "::bigint[]"
            return f"{text} = ANY(%s{cast})", (*values, list(wanted))
        return f"{text} IN (SELECT value FROM json_each(%s))", (*values, json.dumps(list(wanted)))  # noqa: S608 - a column's own name


Field.register_lookup(Among)
ForeignKey.register_lookup(Among)
