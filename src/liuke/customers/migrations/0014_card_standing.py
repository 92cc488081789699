import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0013_custom_fields"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="card",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField()),
                ("missing", models.JSONField(blank=True, default=list)),
                ("verified_at", models.DateTimeField()),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_note", models.CharField(blank=True, max_length=200)),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["percent", "customer"], name="card_percent"),
                    models.Index(fields=["verified_at", "customer"], name="card_verified"),
                    models.Index(
                        condition=models.Q(("returned_at__isnull", False)),
                        fields=["returned_at"],
                        name="card_returned",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("percent__lte", 100)), name="card_percent")
                ],
            },
        ),
    ]
