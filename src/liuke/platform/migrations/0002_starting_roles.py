from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from liuke.platform.access.rules import STARTING_ROLES


def add_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = apps.get_model("platform", "Role")
    for code, (read_scope, write_scope, rights) in STARTING_ROLES.items():
        role.objects.get_or_create(
            code=code,
            defaults={
                "rights": [str(right) for right in rights],
                "read_scope": read_scope.value,
                "write_scope": write_scope.value,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]
    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
