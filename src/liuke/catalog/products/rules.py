"""Products as they are given with a purchase."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("goods", "service", "charge")


@dataclass(frozen=True)
class NewProduct:
    """What a line knows of its product. A known code keeps the name and kind that it has."""

    code: str
    name: str = ""
    kind: str = "goods"
    category: str = ""

    def __post_init__(self) -> None:
        if not self.code or len(self.code) > 60:
            raise ValueError(f"a product code has 1 to 60 characters, not {self.code!r}")
        if self.kind not in KINDS:
            raise ValueError(f"a product is goods, service or charge, not {self.kind!r}")
