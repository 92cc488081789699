from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scores", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="score", name="score_grade"),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                fields=["run", "grade", "band", "customer", "value_12m_minor", "value_at_risk_minor"],
                name="score_layers",
            ),
        ),
    ]
