from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("platform", "0014_segments_are_shared")]
    operations = [
        migrations.AddField(
            model_name="role",
            name="masked",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
