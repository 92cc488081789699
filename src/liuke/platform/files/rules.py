"""What a stored file is called: to people by the name it came with, on the disk by one of our own."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

LIMIT_BYTES = 1 << 30  # one file; whoever reads it judges its content and how far it unpacks
NAME_LIMIT = 255
OWN_PATH = re.compile(r"\d{4}/\d{2}/[0-9a-f]{32}")
# Controls, and the marks that turn the reading direction: with them "gpj.exe" reads as "exe.jpg".
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class TooLarge(ValueError):
    """More than the cap; nothing was kept."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"the file has more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


def shown_name(name: str) -> str:
    """`name` without folders or unseen characters, short enough to keep, its ending intact."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    clean = unicodedata.normalize("NFC", UNSEEN.sub("", last)).strip(" .")
    if len(clean) > NAME_LIMIT:
        stem, dot, ending = clean.rpartition(".")
        ending = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
        clean = clean[: NAME_LIMIT - len(ending)] + ending
    return clean or "file"


def own_path(token: str, now: datetime) -> str:
    """Below LIUKE_HOME/files; a folder per month keeps each folder small."""
    return f"{now:%Y/%m}/{token}"


def is_own_path(path: str) -> bool:
    return OWN_PATH.fullmatch(path) is not None
