"""The index of the search box knows a name with a slip in it, too (customers/lookup/rules.py: near keys)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    # All anew: the index has no content, and a line can only be taken out by what it was put in with.
    "INSERT INTO customers_searchindex (customers_searchindex) VALUES ('delete-all')",
    "INSERT INTO customers_searchindex (rowid, line) SELECT customer_id, liuke_threes(text) FROM customers_customersearch",
)
THREES = "SELECT substr(line || E'\\n', place, 3) AS key FROM generate_series(1, length(line) - 1) AS place"
NEAR = (
    " UNION ALL SELECT '~' || left(word, cut - 1) || substr(word, cut + 1)"
    " FROM (SELECT (regexp_matches(split_part(line, E'\\n@\\n', 1), '(?<![a-z0-9])[a-z]{4,14}(?![a-z0-9])', 'g'))[1] AS word)"
    " AS words,"
    " generate_series(1, length(word) + 1) AS cut"
    " UNION ALL SELECT '~' || substr(run, at, 1) || '?' || substr(run, at + 2, 1)"
    " FROM (SELECT (regexp_matches(split_part(line, E'\\n@\\n', 1), '[\u3400-\u9fff]{3,}', 'g'))[1] AS run) AS runs,"
    " generate_series(1, length(run) - 2) AS at"
)


MADE = "CREATE OR REPLACE FUNCTION liuke_threes(line text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"


def function(keys: str) -> str:
    return f"{MADE} SELECT array_to_tsvector(array_agg(DISTINCT key)) FROM ({keys}) AS keys $$"  # noqa: S608 - our own text


ANEW = (
    "ALTER TABLE customers_customersearch DROP COLUMN grams",
    "ALTER TABLE customers_customersearch ADD COLUMN grams tsvector GENERATED ALWAYS AS (liuke_threes(text)) STORED",
    "CREATE INDEX customer_search_grams ON customers_customersearch USING gin (grams)",
)


def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in (function(THREES + NEAR), *ANEW) if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def back(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL's function is as it was; SQLite's keys come from the code, and more of them do no harm."""
    if editor.connection.vendor == "postgresql":
        for statement in (function(THREES), *ANEW):
            editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("customers", "0032_undo_says_what_stays")]
    operations = [migrations.RunPython(forward, back, elidable=False)]
