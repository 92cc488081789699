from django.db import migrations

RIGHT = "segments.share"


def give(apps, schema_editor):
    """To those who look after customers by groups, in a company that is at work already; a new one starts with it."""
    role = apps.get_model("platform", "Role")
    for held in role.objects.filter(code__in=("owner", "supervisor", "marketer", "analyst")):
        if RIGHT not in held.rights:
            held.rights = [*held.rights, RIGHT]
            held.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("platform", "0013_who_may_merge")]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
