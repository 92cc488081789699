import django.db.models.deletion
import django.utils.timezone
import liuke.customers.fields.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_followup_due_is_read_alone"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=liuke.customers.fields.models.field_types, max_length=10, verbose_name="type"
                    ),
                ),
                ("names", models.JSONField()),
                ("helps", models.JSONField(blank=True, default=dict)),
                ("kind", models.CharField(blank=True, default="", max_length=10)),
                ("scope", models.CharField(blank=True, default="", max_length=10)),
                (
                    "block",
                    models.CharField(
                        choices=liuke.customers.fields.models.blocks,
                        default="basic",
                        max_length=16,
                        verbose_name="block of the card",
                    ),
                ),
                ("options", models.JSONField(blank=True, default=list)),
                ("decimals", models.PositiveSmallIntegerField(default=0)),
                ("currency", models.CharField(blank=True, default="", max_length=3)),
                ("required", models.BooleanField(default=False)),
                ("places", models.JSONField(blank=True, default=list)),
                ("position", models.PositiveIntegerField(default=0)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decimals__lte", 6)), name="custom_field_decimals"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("text", models.CharField(blank=True, max_length=240, null=True)),
                ("number", models.BigIntegerField(blank=True, null=True)),
                ("day", models.DateField(blank=True, null=True)),
                ("long", models.TextField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="field_values",
                        to="customers.customer",
                    ),
                ),
                (
                    "field",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="customers.customfield",
                    ),
                ),
                (
                    "refers",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referred_by",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["customer_id", "field_id", "place"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("text__isnull", False)),
                        fields=["field", "text", "customer"],
                        name="field_value_text",
                    ),
                    models.Index(
                        condition=models.Q(("number__isnull", False)),
                        fields=["field", "number", "customer"],
                        name="field_value_number",
                    ),
                    models.Index(
                        condition=models.Q(("day__isnull", False)),
                        fields=["field", "day", "customer"],
                        name="field_value_day",
                    ),
                    models.Index(
                        condition=models.Q(("refers__isnull", False)),
                        fields=["refers", "field"],
                        name="field_value_refers",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "field", "place"), name="field_value_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("text__isnull", False),
                            ("number__isnull", False),
                            ("day__isnull", False),
                            ("long__isnull", False),
                            ("refers__isnull", False),
                            _connector="OR",
                        ),
                        name="field_value_has_one",
                    ),
                ],
            },
        ),
    ]
