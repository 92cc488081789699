"""The pages of the guide run as written: what they say is what the code gives."""

from __future__ import annotations

import doctest
import re
import shlex
import warnings
from pathlib import Path

import pytest

from liuke.cli.main import build_parser

GUIDE = Path(__file__).parents[2] / "docs" / "insight"
PAGES = sorted(page for page in GUIDE.glob("*.md") if ">>> " in page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_gives_what_the_page_shows(page: Path) -> None:
    test = doctest.DocTestParser().get_doctest(page.read_text(encoding="utf-8"), {}, page.stem, str(page), 0)
    told: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a page may show a model that has a reservation
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


def commands() -> list[str]:
    """The lines of the pages' shell blocks, and what stands between backticks, that call liuke."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(GUIDE.glob("*.md")))
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    named = re.findall(r"`(liuke analyse [^`]*--[^`]*)`", text)
    return [line for line in [*lines, *named] if line.startswith("liuke ")]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_one_that_liuke_takes(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    assert callable(build_parser(words[0]).parse_args(words).run)


def test_there_are_commands() -> None:
    assert sum("--engine spark" in command for command in commands()) >= 1
