from django.db import migrations

RIGHT = "exports.approve"


def give(apps, schema_editor):
    """To the owner of a company that is at work already; a new one starts with it."""
    role = apps.get_model("platform", "Role")
    for held in role.objects.filter(code="owner"):
        if RIGHT not in held.rights:
            held.rights = [*held.rights, RIGHT]
            held.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("platform", "0017_webhooks")]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
