"""The reference of `liuke.insight`: every public name with its signature and its docstring, and what a docstring still lacks.

python tools/reference.py          write docs/insight/reference.md
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "insight" / "reference.md"
PARTS: Final = ("economics", "grading", "experiments", "plots")

HEAD: Final = """# Reference

Every public name of `liuke.insight`, written from the docstrings by `python tools/reference.py`; a test holds the page against
them. Shapes: (n,) is one figure for each customer, in the order given. Errors are those of `insight.errors`; all are
`ValueError`s. A method of a model is told once, at the model that brings it.
"""

# what a docstring tells, by the words that tell it
TELLS: Final = {
    "shapes": r"[sS]hape|\(n,|\(k,|\brows?\b|per customer|(of|for) each customer|\bcolumns?\b|->|\barray"
    r"|Single figures|records in",
    "units": r"\bunits?\b|money|\bdays?\b|shares?\b|chances?\b|counts?\b|how many|\b0 to 1|\[0, 1|rate\b|P\("
    r"|probabilit|score|figures|customers|purchases|text|SQL|percent|amount",
    "errors": r"Errors?:|Raises|raises|Errors? as|Errors and",
    "formula": r"[=·Σ∫±√≥≤×²]| / | - |≤|formula|Formula|[fF]rom the |mean of|median|share of|see `",
    "source": r"Source|as there|\b[A-Z]{2}\d\d\b|\bC-\d\d\b|as in `|own way|see `",
}


@dataclass(frozen=True)
class Entry:
    """A public name: where it is reached, and what it is."""

    name: str
    thing: Any

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.thing) or ""

    @property
    def is_result(self) -> bool:
        """A record of figures that somebody else works out: its fields must be told, nothing else."""
        return (
            inspect.isclass(self.thing)
            and dataclasses.is_dataclass(self.thing)
            and not hasattr(self.thing, "fit")
        )

    def methods(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Public methods and properties that the class itself brings, or one of its bases that has no entry of its own."""
        if not inspect.isclass(self.thing):
            return
        for name, found in sorted(inspect.getmembers_static(self.thing)):
            real = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
            if name.startswith("_") or not inspect.isfunction(real):
                continue
            if real.__module__.startswith("liuke.insight"):
                yield name, real

    def told(self) -> str:
        """Its docstring and, of a class, those of its bases and methods: what is told once holds for all."""
        if not inspect.isclass(self.thing):
            return self.doc
        bases = [base for base in self.thing.__mro__ if base.__module__.startswith("liuke.insight")]
        docs = [inspect.cleandoc(base.__doc__ or "") for base in bases]
        return "\\n".join([*docs, *(inspect.getdoc(method) or "" for _, method in self.methods())])

    def lacks(self) -> list[str]:
        """What of shapes, units, errors, formula and source isn't told; of a result, which fields."""
        if not self.doc or self.doc.startswith(f"{self.name.rpartition('.')[2]}("):
            return ["docstring"]
        if self.is_result:
            names = [field.name for field in dataclasses.fields(self.thing)]
            return [name for name in names if not re.search(rf"\b{name}\b", self.doc)]
        told = self.told()
        return [what for what, words in TELLS.items() if not re.search(words, told)]


def entries() -> list[Entry]:
    """Every public name once, under the shortest way to reach it."""
    from liuke import insight  # noqa: PLC0415 - the checkout's, whose path is set first
    from liuke.insight import testing  # noqa: PLC0415

    found: dict[int, Entry] = {}
    places = [("insight", insight, [name for name in insight.__all__ if name not in PARTS])]
    places += [(f"insight.{part}", getattr(insight, part), getattr(insight, part).__all__) for part in PARTS]
    places += [("insight.testing", testing, ["check_model", "check_engine"])]
    for place, module, names in places:
        for name in names:
            thing = getattr(module, name)
            if callable(thing):
                found.setdefault(id(thing), Entry(f"{place}.{name}", thing))
    return list(found.values())


def signature(name: str, thing: Any) -> str:
    try:
        shown = str(inspect.signature(thing, eval_str=False))
    except (TypeError, ValueError):
        return name
    return name + re.sub(
        r"(<factory>|liuke\.insight\.[\w.]*\.|'|\bself, |\(self\))",
        lambda m: "()" if m[0] == "(self)" else "",
        shown,
    )


def page() -> str:
    """The whole of the reference as Markdown."""
    lines = [HEAD]
    place = ""
    told: set[str] = set()
    for entry in entries():
        here, _, name = entry.name.rpartition(".")
        if here != place:
            place = here
            lines += [f"## `{place}`", ""]
        lines += [f"### `{name}`", "", *_block(signature(name, entry.thing)), *_quoted(entry.doc)]
        for method, function in entry.methods():
            key = function.__qualname__
            if key not in told and inspect.getdoc(function):
                told.add(key)
                lines += [
                    *_block(signature(f"{name}.{method}", function)),
                    *_quoted(inspect.getdoc(function) or ""),
                ]
    return "\n".join(lines).rstrip() + "\n"


def _block(text: str) -> list[str]:
    return ["```python", text, "```", ""]


def _quoted(text: str) -> list[str]:
    return ["```text", *text.splitlines(), "```", ""]


def main() -> int:
    sys.path.insert(0, str(ROOT / "src"))
    PAGE.write_text(page(), encoding="utf-8")
    for entry in entries():
        if lacking := entry.lacks():
            print(f"{entry.name} doesn't tell: {', '.join(lacking)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
