"""What each web worker loads: the product, in a process that ends with the server that started it."""

from __future__ import annotations

import os
import threading

from liuke.cli.processes import die_with_parent

die_with_parent(os.getppid())

from liuke.config.wsgi import application  # noqa: E402 - nothing may be loaded before the line above
from liuke.customers.readings.actions import write_in_background  # noqa: E402
from liuke.platform.jobs.actions import declared  # noqa: E402

# The jobs bring libraries that take a second to read. Whoever first asks for one should not have to wait for that.
threading.Thread(target=declared, daemon=True).start()
write_in_background()

__all__ = ["application"]
