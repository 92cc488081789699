from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

AtOnce = Callable[[Callable[[], object], int], list[object]]


@pytest.fixture
def at_once(tmp_path: Path) -> AtOnce:
    """Runs an act so many times at once, each on its own connection; gives what each came to, value or exception.

    The suite's SQLite lives in memory, where connections share their locks; there it is copied to a file first, and
    the last look is taken at that file.
    """

    def run(act: Callable[[], object], times: int) -> list[object]:
        start, results = Barrier(times), []

        def one() -> None:
            try:
                start.wait(timeout=20)
                results.append(act())
            except Exception as problem:  # it is what we look at
                results.append(problem)
            finally:
                connection.close()

        threads = [Thread(target=one) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return results

    def on_a_file(act: Callable[[], object], times: int) -> list[object]:
        file = tmp_path / "copy.sqlite3"
        if not file.exists():
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(file)])
        settings = connections.settings["default"]
        name, settings["NAME"] = settings["NAME"], str(file)
        try:
            return run(act, times)
        finally:
            settings["NAME"] = name

    return run if connection.vendor == "postgresql" else on_a_file
