"""The shape of the tree, as far as imports don't tell: files of a slice, sizes, foreign keys, templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

PACKAGE = Path(__file__).parents[2] / "src" / "liuke"
DOMAINS = ["platform", "catalog", "customers", "scores", "workspace"]  # from the lowest shelf up
SLICE_FILES = {
    "__init__.py",
    "rules.py",
    "models.py",
    "actions.py",
    "forms.py",
    "jobs.py",
    "reactions.py",
    "views.py",
    "api.py",
    "urls.py",
}
SLICE_FOLDERS = {"templates", "tests", "__pycache__"}
EXTRA = {"platform/kit": {"templatetags", "static"}}

# A longer file or function than the limit, with the reason.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
LONG_TEMPLATES: dict[str, str] = {}


def slices() -> list[Path]:
    return sorted(
        folder
        for domain in DOMAINS
        for folder in (PACKAGE / domain).iterdir()
        if folder.is_dir() and folder.name not in {"migrations", "locale", "__pycache__", "tests"}
    )


def sources() -> Iterator[Path]:
    return (f for f in PACKAGE.rglob("*.py") if "migrations" not in f.parts and "tests" not in f.parts)


@pytest.mark.parametrize("folder", slices(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_slice_uses_only_the_agreed_file_names(folder: Path) -> None:
    allowed = SLICE_FILES | SLICE_FOLDERS | EXTRA.get(str(folder.relative_to(PACKAGE)), set())
    assert {entry.name for entry in folder.iterdir()} <= allowed


def test_no_file_is_over_500_lines() -> None:
    long = {str(f.relative_to(PACKAGE)): n for f in sources() if (n := len(f.read_text().splitlines())) > 500}
    assert set(long) <= set(LONG_FILES), long


def test_no_function_is_over_60_lines() -> None:
    """Code counts, the docstring does not: a formula's explanation may be long."""
    long = {}
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                doc = node.body[0] if ast.get_docstring(node) else None
                size = (node.end_lineno or 0) - node.lineno + 1
                size -= ((doc.end_lineno or 0) - doc.lineno + 1) if doc else 0
                if size > 60:
                    long[f"{file.relative_to(PACKAGE)}:{node.name}"] = size
    assert set(long) <= set(LONG_FUNCTIONS), long


def test_no_template_is_over_120_lines() -> None:
    found = PACKAGE.rglob("templates/**/*.html")
    long = {str(f.relative_to(PACKAGE)): n for f in found if (n := len(f.read_text().splitlines())) > 120}
    assert set(long) <= set(LONG_TEMPLATES), long


def shelf(label: str) -> int:
    return DOMAINS.index(label)


def test_foreign_keys_point_down_or_stay_home() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for label in DOMAINS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and (target := field.related_model._meta.app_label) in DOMAINS
        and shelf(target) > shelf(label)
    ]
    assert wrong == []


REFERENCE = re.compile(r"""{%\s*(?:extends|include)\s+["'](?P<name>[^"']+)["']""")


def test_templates_reach_down_or_stay_home() -> None:
    """Own slice and lower domains; of the own domain's other slices only the shell and the kit."""
    wrong = []
    for file in PACKAGE.rglob("templates/**/*.html"):
        domain, piece = file.relative_to(PACKAGE).parts[:2]
        if domain not in DOMAINS:
            continue
        for match in REFERENCE.finditer(file.read_text()):
            name = match["name"].partition("#")[0]
            if not name or "/" not in name:
                continue
            target, target_slice = name.split("/")[:2]
            down = target in DOMAINS and shelf(target) < shelf(domain)
            home = target == domain and target_slice in {piece, "shell", "kit"}
            if not (down or home):
                wrong.append(f"{file.relative_to(PACKAGE)} -> {name}")
    assert wrong == []


def test_templates_of_a_slice_are_named_after_it() -> None:
    wrong = [
        str(file.relative_to(PACKAGE))
        for folder in slices()
        for file in (folder / "templates").rglob("*.html")
        if file.relative_to(folder / "templates").parts[:2] != (folder.parent.name, folder.name)
        and file.name not in {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
    ]
    assert wrong == []


def test_every_index_says_which_query_it_serves() -> None:
    """A comment within the three lines above each `models.Index(`."""
    wrong = []
    for file in PACKAGE.glob("*/*/models.py"):
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines):
            if "models.Index(" in line and not any(
                "serve" in above for above in lines[max(0, number - 6) : number + 1]
            ):
                wrong.append(f"{file.relative_to(PACKAGE)}:{number + 1}")
    assert wrong == []


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        str(constraint)
        for label in DOMAINS
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
        if not constraint.name
    ]
    assert unnamed == []


def test_rules_know_no_database() -> None:
    """A decision can be read and tested without one: no rules.py imports Django's ORM or a slice's models at run time."""
    wrong = []
    for file in PACKAGE.glob("*/*/rules.py"):
        for node in ast.parse(
            file.read_text()
        ).body:  # what stands under TYPE_CHECKING is no import at run time
            name = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [name]
            wrong += [f"{file.relative_to(PACKAGE)}: {n}" for n in names if n.startswith("django.db")]
    assert wrong == []
