"""The web server as `liuke serve` starts it: `python -m liuke.cli.web HOST PORT`."""

from __future__ import annotations

import sys

from liuke.cli.processes import die_with_parent

WORKERS = 2


def main(host: str, port: int) -> None:
    die_with_parent()

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "liuke.cli.application:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=1,
        websockets=False,
        backpressure=64,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
