from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from liuke.tabular import CODES, Problem, RefusedFile, Severity, visible

PACKAGE = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("code", CODES)
def test_every_message_says_what_is_wrong_and_what_to_do(code: str) -> None:
    known = CODES[code]
    assert known.what.endswith((".", "counts."))
    assert known.severity is Severity.TOLD or known.remedy.endswith(".")
    problem = Problem(code, row=7, field="金额", value="x")
    assert problem.message.startswith("Row 7, “金额”: ")
    for template in (known.what, known.remedy):
        assert all(name != "" for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def test_every_code_is_used_and_every_code_used_is_known() -> None:
    source = "".join(
        p.read_text() for p in PACKAGE.rglob("*.py") if "tests" not in p.parts and p.name != "problems.py"
    )
    words = set(re.findall(r'"([a-z_]+)"', source)) | {
        f"{word}_{rest}" for word in ("amount", "quantity") for rest in ("not_a_number", "too_large")
    }
    assert set(CODES) <= words
    raised = set(re.findall(r'(?:RefusedFile|Problem|BadLine)\(\s*"([a-z_]+)"', source))
    assert raised <= set(CODES)


def test_a_message_never_breaks_on_what_the_file_holds() -> None:
    problem = Problem("amount_not_a_number", row=1, field="{x} %s", value="{0} \u202e" + "9" * 500)
    assert "⟨U+202E⟩" in problem.message
    assert len(problem.message) < 300
    assert visible("a\u202eb\nc") == "a⟨U+202E⟩b⟨U+000A⟩c"


def test_a_refusal_carries_its_problem() -> None:
    refused = RefusedFile("bomb_size", size="9 GB", limit="2 GB")
    assert str(refused) == refused.problem.message
    assert refused.problem.severity is Severity.REFUSED
