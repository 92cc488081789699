"""Colours: the dark set stands twice in tokens.css and must be one; every text tone is legible on every ground."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parent.parent / "static" / "kit" / "tokens.css").read_text()
TEXT = [
    "ink",
    "muted",
    "jade-ink",
    "amber-ink",
    "cinnabar-ink",
    "moss-ink",
    "info-ink",
    "platinum-ink",
    "gold-ink",
    "iron-ink",
    "lead-ink",
]


def block(start: str) -> dict[str, str]:
    body = CSS.split(start, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


SETS = {
    "light": block(":root {\n    color-scheme: light;"),
    "dark": block(':root[data-theme="dark"] {'),
    "auto": block(':root[data-theme="auto"] {'),
}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_dark_set_is_the_same_by_choice_and_by_system() -> None:
    assert SETS["dark"] == SETS["auto"]
    assert SETS["dark"].keys() == SETS["light"].keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible_on_every_ground(theme: str) -> None:
    tokens = SETS[theme]
    pairs = [(text, ground) for text in TEXT for ground in ("paper", "surface", "soft")]
    pairs += [(f"{name}-ink", f"{name}-soft") for name in ("jade", "amber", "cinnabar", "moss", "info")]
    pairs += [("ink", f"{name}-soft") for name in ("jade", "amber", "cinnabar")]
    pairs += [("on-jade", "jade"), ("on-jade", "jade-deep"), ("on-cinnabar", "cinnabar")]
    poor = {
        pair: round(ratio, 2) for pair in pairs if (ratio := contrast(tokens[pair[0]], tokens[pair[1]])) < 4.5
    }
    assert not poor


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_stand_out_from_the_surface(theme: str) -> None:
    tokens = SETS[theme]
    names = ["jade", "amber", "cinnabar", "moss", "platinum", "gold", "iron", "edge"]
    poor = {
        name: round(ratio, 2) for name in names if (ratio := contrast(tokens[name], tokens["surface"])) < 2.8
    }
    assert not poor
