"""The front end's parts are the ones that their record names: unmodified, pinned, licensed."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.delitem(sys.modules, "vendor", raising=False)
    return import_module("vendor")


def test_every_vendored_file_is_as_it_was_brought(vendor: ModuleType) -> None:
    assert vendor.check() == []


def test_a_changed_or_unknown_file_is_named(
    vendor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in vendor.VENDOR.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "htmx.min.js").write_bytes(b"changed")
    (tmp_path / "more.js").write_bytes(b"")
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    monkeypatch.setattr(vendor, "RECORD", tmp_path / "VENDORED.json")
    assert [problem.split()[0] for problem in vendor.check()] == ["htmx.min.js", "more.js"]


def test_the_record_is_of_the_versions_that_are_asked_for(vendor: ModuleType) -> None:
    record = {
        entry["package"]: (entry["version"], entry["licence"])
        for entry in json.loads(vendor.RECORD.read_text())
    }
    assert record == {part.package: (part.version, part.licence) for part in vendor.PARTS}
    assert record["htmx.org"][0].startswith("2.")


def test_every_icon_that_a_template_asks_for_is_in_the_sprite(vendor: ModuleType) -> None:
    source = vendor.KIT.parents[1]
    asked = {
        name
        for file in [*source.glob("*/*/templates/**/*.html")]
        for name in re.findall(r"{% icon \"([\w-]+)\"", file.read_text("utf-8"))
    }
    sprite = (vendor.VENDOR / "icons.svg").read_text()
    assert sorted(name for name in asked if f'id="{name}"' not in sprite) == []
