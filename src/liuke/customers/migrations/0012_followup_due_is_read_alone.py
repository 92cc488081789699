from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0011_influence_defaults")]

    operations = [
        migrations.RemoveIndex(model_name="followup", name="followup_due"),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                fields=["state", "due_at", "kind", "rank", "assignee", "customer"], name="followup_due"
            ),
        ),
    ]
