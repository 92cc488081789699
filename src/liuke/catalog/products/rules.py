"""Products as they are given with a purchase."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("goods", "service", "charge")
LONGEST_CODE, LONGEST_NAME, LONGEST_CATEGORY = 60, 200, 80


@dataclass(frozen=True)
class NewProduct:
    """What a line knows of its product. A code that is known keeps the name and kind it has; long names are cut."""

    code: str
    name: str = ""
    kind: str = "goods"
    category: str = ""

    def __post_init__(self) -> None:
        if not self.code.strip() or len(self.code) > LONGEST_CODE:
            raise ValueError(f"a product code has 1 to {LONGEST_CODE} characters, not {self.code!r}")
        if self.kind not in KINDS:
            raise ValueError(f"a product is goods, service or charge, not {self.kind!r}")
        object.__setattr__(self, "name", " ".join(self.name.split())[:LONGEST_NAME])
        object.__setattr__(self, "category", " ".join(self.category.split())[:LONGEST_CATEGORY])
