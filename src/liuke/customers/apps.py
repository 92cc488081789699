from __future__ import annotations

from importlib import import_module
from pathlib import Path

from django.apps import AppConfig, apps


class CustomersConfig(AppConfig):
    name = "liuke.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Every slice's reactions.py announces itself to the ledger; those above are found by their place."""
        for app in apps.get_app_configs():
            if app.name.startswith("liuke."):
                for folder in sorted(path.parent for path in Path(app.path).glob("*/reactions.py")):
                    import_module(f"{app.name}.{folder.name}.reactions")
