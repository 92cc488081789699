"""The jobs process as `liuke serve` starts it: it ends with its parent."""

from __future__ import annotations

from liuke.cli.processes import die_with_parent

if __name__ == "__main__":
    die_with_parent()

    from liuke.cli.main import main

    raise SystemExit(main(["work"]))
