"""A fact is never changed, but in a merge, or its undo, it may follow its customer: nothing else of it changes."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MESSAGE = "a fact is never changed"
SAME = (
    "id", "kind", "version", "at", "recorded_at", "actor_id", "subject_type", "subject_id", "amount_minor", "cost_minor",
    "currency", "data", "key", "batch_id",
)  # fmt: skip
# The two states last as long as the transaction that merges: outside it no row is in them.
MERGING = (
    "SELECT 1 FROM customers_merge JOIN customers_former ON customers_former.merge_id = customers_merge.id WHERE"
    " (customers_merge.state = 'moving' AND customers_former.old_id = OLD.customer_id"
    " AND customers_merge.survivor_id = NEW.customer_id)"
    " OR (customers_merge.state = 'undoing' AND customers_former.old_id = NEW.customer_id"
    " AND customers_merge.survivor_id = OLD.customer_id)"
)


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on = " ON customers_fact" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER fact_never_changes{on}")


def create(editor: BaseDatabaseSchemaEditor, allowed: str) -> None:
    if editor.connection.vendor != "postgresql":
        editor.execute(
            "CREATE TRIGGER fact_never_changes BEFORE UPDATE ON customers_fact"
            f" WHEN NOT ({allowed}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        return
    editor.execute(
        "CREATE OR REPLACE FUNCTION fact_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NOT ({allowed}) THEN RAISE EXCEPTION '{MESSAGE}'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    editor.execute(
        "CREATE TRIGGER fact_never_changes BEFORE UPDATE ON customers_fact"
        " FOR EACH ROW EXECUTE FUNCTION fact_never_changes()"
    )


def follow(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    alike = "IS NOT DISTINCT FROM" if editor.connection.vendor == "postgresql" else "IS"
    same = " AND ".join(f"NEW.{name} {alike} OLD.{name}" for name in SAME)
    create(editor, f"{same} AND EXISTS ({MERGING})")


def never(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    create(editor, "1 = 0")


class Migration(migrations.Migration):
    # SQLite alters a table by making it anew, and refuses while a trigger names it: whoever alters customers_merge or
    # customers_former later drops this trigger first and makes it again, as is done here.
    dependencies = [("customers", "0018_merging")]
    operations = [
        migrations.RunPython(drop, never, elidable=False),
        migrations.RunPython(follow, drop, elidable=False),
    ]
