from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scores", "0002_score_layers")]

    operations = [
        migrations.RemoveIndex(model_name="score", name="score_band"),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["run", "band", "customer", "value_at_risk_minor"], name="score_band"),
        ),
    ]
