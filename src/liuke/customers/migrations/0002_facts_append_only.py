"""A fact is never changed, and goes only with the import that brought it, while that is being undone."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    """
    CREATE TRIGGER fact_never_changes BEFORE UPDATE ON customers_fact
    BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END
    """,
    """
    CREATE TRIGGER fact_goes_with_its_batch BEFORE DELETE ON customers_fact
    WHEN NOT EXISTS (SELECT 1 FROM customers_importbatch WHERE id = OLD.batch_id AND state = 'undoing')
    BEGIN SELECT RAISE(ABORT, 'a fact goes only with the import that brought it, when that is undone'); END
    """,
]
POSTGRESQL = [
    """
    CREATE FUNCTION fact_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a fact is never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER fact_never_changes BEFORE UPDATE ON customers_fact
    FOR EACH ROW EXECUTE FUNCTION fact_never_changes()
    """,
    """
    CREATE FUNCTION fact_goes_with_its_batch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM customers_importbatch WHERE id = OLD.batch_id AND state = 'undoing') THEN
            RAISE EXCEPTION 'a fact goes only with the import that brought it, when that is undone'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END $$
    """,
    """
    CREATE TRIGGER fact_goes_with_its_batch BEFORE DELETE ON customers_fact
    FOR EACH ROW EXECUTE FUNCTION fact_goes_with_its_batch()
    """,
]
SQLITE_BACK = ["DROP TRIGGER fact_never_changes", "DROP TRIGGER fact_goes_with_its_batch"]
POSTGRESQL_BACK = [
    "DROP TRIGGER fact_never_changes ON customers_fact",
    "DROP TRIGGER fact_goes_with_its_batch ON customers_fact",
    "DROP FUNCTION fact_never_changes()",
    "DROP FUNCTION fact_goes_with_its_batch()",
]


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
