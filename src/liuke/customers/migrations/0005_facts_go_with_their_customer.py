"""A customer whom an import brought goes when it is undone; with him what the rules have noted of him since."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

MESSAGE = "a fact goes only with the import that brought it, when that is undone"
OWN_BATCH = "SELECT 1 FROM customers_importbatch WHERE id = OLD.batch_id AND state = 'undoing'"
CUSTOMERS_BATCH = (
    "SELECT 1 FROM customers_customer JOIN customers_importbatch ON customers_importbatch.id = customers_customer.batch_id"
    " WHERE customers_customer.id = OLD.customer_id AND customers_importbatch.state = 'undoing'"
)


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on = " ON customers_fact" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER fact_goes_with_its_batch{on}")


def create(editor: BaseDatabaseSchemaEditor, condition: str) -> None:
    if editor.connection.vendor != "postgresql":
        editor.execute(
            "CREATE TRIGGER fact_goes_with_its_batch BEFORE DELETE ON customers_fact"
            f" WHEN NOT ({condition}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        return
    editor.execute(
        "CREATE OR REPLACE FUNCTION fact_goes_with_its_batch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NOT ({condition}) THEN RAISE EXCEPTION '{MESSAGE}'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END $$"
    )
    editor.execute(
        "CREATE TRIGGER fact_goes_with_its_batch BEFORE DELETE ON customers_fact"
        " FOR EACH ROW EXECUTE FUNCTION fact_goes_with_its_batch()"
    )


def wider(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    create(editor, f"EXISTS ({OWN_BATCH}) OR EXISTS ({CUSTOMERS_BATCH})")


def narrower(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    create(editor, f"EXISTS ({OWN_BATCH})")


class Migration(migrations.Migration):
    # SQLite alters a table by making it anew, and refuses while a trigger names it: whoever alters customers_customer
    # or customers_importbatch later drops this trigger first and makes it again, as is done here.
    dependencies = [("customers", "0004_followup_steps_are_told")]
    operations = [
        migrations.RunPython(drop, narrower, elidable=False),
        migrations.AlterField("importbatch", "created_at", models.DateTimeField(default=timezone.now)),
        migrations.RunPython(wider, drop, elidable=False),
    ]
