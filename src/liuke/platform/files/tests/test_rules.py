from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.files.rules import NAME_LIMIT, UNSEEN, shown_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("订单 2026.xlsx", "订单 2026.xlsx"),
        ("C:\\Users\\me\\orders.csv", "orders.csv"),
        ("../../etc/passwd", "passwd"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00\r\nb.csv", "ab.csv"),
        ("...", "file"),
        ("", "file"),
        ("e\u0301.csv", "\u00e9.csv"),
    ],
)
def test_a_name_is_shown_without_tricks(given_name: str, shown: str) -> None:
    assert shown_name(given_name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert shown_name("长" * 400 + ".csv") == "长" * (NAME_LIMIT - 4) + ".csv"


@given(st.text())
def test_any_name_fits(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= NAME_LIMIT
    assert "/" not in shown
    assert not UNSEEN.search(shown)
    shown.encode()
