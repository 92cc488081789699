"""What each web worker loads: the product, in a process that ends with the server that started it."""

from __future__ import annotations

import os

from liuke.cli.processes import die_with_parent

die_with_parent(os.getppid())

from liuke.config.wsgi import application  # noqa: E402 - nothing may be loaded before the line above

__all__ = ["application"]
