"""The index of the search box: threes of letters, kept by the database itself (customers/lookup)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    # Without the content, which stands beside it, and without places: only whose line has the three.
    "CREATE VIRTUAL TABLE customers_searchindex USING fts5(line, content='', detail=none, columnsize=0, tokenize='ascii')",
    "INSERT INTO customers_searchindex (rowid, line) SELECT customer_id, liuke_threes(text) FROM customers_customersearch",
    "CREATE TRIGGER search_line_added AFTER INSERT ON customers_customersearch BEGIN"
    " INSERT INTO customers_searchindex (rowid, line) VALUES (NEW.customer_id, liuke_threes(NEW.text)); END",
    "CREATE TRIGGER search_line_changed AFTER UPDATE ON customers_customersearch BEGIN"
    " INSERT INTO customers_searchindex (customers_searchindex, rowid, line)"
    " VALUES ('delete', OLD.customer_id, liuke_threes(OLD.text));"
    " INSERT INTO customers_searchindex (rowid, line) VALUES (NEW.customer_id, liuke_threes(NEW.text)); END",
    "CREATE TRIGGER search_line_removed AFTER DELETE ON customers_customersearch BEGIN"
    " INSERT INTO customers_searchindex (customers_searchindex, rowid, line)"
    " VALUES ('delete', OLD.customer_id, liuke_threes(OLD.text)); END",
)
NO_SQLITE = (
    "DROP TRIGGER search_line_added",
    "DROP TRIGGER search_line_changed",
    "DROP TRIGGER search_line_removed",
    "DROP TABLE customers_searchindex",
)
POSTGRESQL = (
    "CREATE FUNCTION liuke_threes(line text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"
    " SELECT array_to_tsvector(array_agg(DISTINCT substr(line || E'\\n', place, 3)))"
    " FROM generate_series(1, length(line) - 1) AS place $$",
    "ALTER TABLE customers_customersearch ADD COLUMN grams tsvector GENERATED ALWAYS AS (liuke_threes(text)) STORED",
    "CREATE INDEX customer_search_grams ON customers_customersearch USING gin (grams)",
)
NO_POSTGRESQL = (
    "ALTER TABLE customers_customersearch DROP COLUMN grams",
    "DROP FUNCTION liuke_threes(text)",
)


def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def back(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in NO_POSTGRESQL if editor.connection.vendor == "postgresql" else NO_SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("customers", "0023_readings")]
    operations = [migrations.RunPython(forward, back, elidable=False)]
