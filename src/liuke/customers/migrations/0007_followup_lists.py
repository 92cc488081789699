from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_import_parts")]

    operations = [
        migrations.AddIndex(
            model_name="followup", index=models.Index(fields=["state", "due_at"], name="followup_due")
        ),
        migrations.AddIndex(
            model_name="followup", index=models.Index(fields=["state", "closed_at"], name="followup_closed")
        ),
    ]
