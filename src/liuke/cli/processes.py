"""What ties Liuke's processes together: none outlives the one that started it, and one instance uses a data directory."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from liuke.cli.problems import Problem
from liuke.cli.speech import gettext as _

PARENT = "LIUKE_PARENT"  # the process id of the parent, so that a child that starts too late notices
PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 1.0


def die_with_parent(parent: int | None = None) -> None:
    """From here on this process ends when its parent does, however that ends: kill -9 runs no clean-up.

    Without it a killed parent leaves workers that hold the port and the next start fails.
    """
    expected = parent or int(os.environ.get(PARENT) or os.getppid())
    if sys.platform == "linux":
        # The kernel tells us. It keeps watch over the thread that started us, which is its main one.
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    else:
        threading.Thread(target=_watch, args=[expected], daemon=True).start()
    if os.getppid() != expected:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


@contextmanager
def instance_lock(*, doing: str, url: str = "") -> Iterator[None]:
    """This data directory is ours. The lock goes with the process, so a crash leaves none behind."""
    from django.conf import settings

    path = Path(settings.HOME) / "instance.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(lock) from None
        # Children must not inherit it: one that lingers would lock the next start out.
        os.set_inheritable(lock.fileno(), False)
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "doing": doing, "url": url}))
        lock.flush()
        yield


def _taken(lock: IO[str]) -> Problem:
    lock.seek(0)
    try:
        holder = json.loads(lock.read())
        who = _("process %(pid)s, `liuke %(doing)s`") % holder
        if holder["url"]:
            who += " " + _("at %(url)s") % holder
    except (ValueError, KeyError, TypeError):
        who = _("another process")
    told = _("Liuke is at work in this data directory already: %(who)s.") % {"who": who}
    return Problem(told, _("Stop that one first."))


def running_instance() -> str:
    """Where an instance of this data directory answers, or nothing."""
    from liuke.config import paths

    path = paths.home() / "instance.lock"
    if not path.exists():
        return ""
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                return str(json.load(lock)["url"])
            except (ValueError, KeyError, TypeError):
                return ""
    return ""
