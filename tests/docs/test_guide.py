"""The pages of the guide run as written: what they say is what the code gives."""

from __future__ import annotations

import doctest
import warnings
from pathlib import Path

import pytest

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
