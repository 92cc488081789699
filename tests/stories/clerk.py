"""What a clerk's list needs beside the office: a day of the company's own. Run as a program on the office's instance."""

from __future__ import annotations

from liuke.cli.main import start_django

start_django()

from django.utils import timezone  # noqa: E402

from liuke.customers.fields.actions import add_field  # noqa: E402

add_field(type="date", names={"zh-hans": "合同到期", "en": "Contract until"}, by=None, now=timezone.now())
