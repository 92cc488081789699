"""What each web worker loads: the product, in a process that ends with the server that started it."""

from __future__ import annotations

import gc
import os
import threading

from liuke.cli.processes import die_with_parent

die_with_parent(os.getppid())

from liuke.config.wsgi import application  # noqa: E402 - nothing may be loaded before the line above
from liuke.customers.readings.actions import write_in_background  # noqa: E402
from liuke.platform.jobs.actions import declared  # noqa: E402


def settle() -> None:
    """Loads the jobs' libraries, which take a second to read, before somebody waits for one. What is there then stays until
    the process ends, so Python need not look through it for circles again and again: it did every few seconds, in the
    middle of some page, for a tenth of a second and more (measured with 100,000 customers: p99 of all pages 187 ms).
    """
    declared()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


threading.Thread(target=settle, daemon=True).start()
write_in_background()

__all__ = ["application"]
