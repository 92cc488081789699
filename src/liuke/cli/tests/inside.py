"""Runs a piece of Python inside an instance: `python -m liuke.cli.tests.inside "print(1)"`."""

from __future__ import annotations

import sys

from liuke.cli.database import bring_up_to_date
from liuke.cli.main import start_django

if __name__ == "__main__":
    start_django()
    bring_up_to_date()
    exec(sys.argv[1], {})  # noqa: S102 - what the test beside this file says
