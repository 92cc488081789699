"""A text file as blocks of whole lines in UTF-8: unpacked, decoded, composed, line ends made alike."""

from __future__ import annotations

import gzip
import re
import unicodedata
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from liuke.tabular.files.encodings import MARK_CUT, MARK_INVALID, by_bom, decoded, is_utf16
from liuke.tabular.files.limits import USUAL, Limits, readable_size
from liuke.tabular.problems import RefusedFile

BLOCK_BYTES: Final = (
    8 << 20
)  # small enough for 5,000,000 rows in little memory, large enough for Arrow to be fast
INVALID: Final = MARK_INVALID.encode()
CUT: Final = MARK_CUT.encode()


@contextmanager
def opened(path: Path, *, compressed: bool) -> Iterator[IO[bytes]]:
    try:
        raw = path.open("rb")
    except OSError:
        raise RefusedFile("file_missing", name=path.name) from None
    with raw:
        if not compressed:
            yield raw
            return
        with gzip.open(raw) as unpacked:
            yield cast("IO[bytes]", unpacked)


def chunks(
    path: Path, *, compressed: bool, size: int = BLOCK_BYTES, limits: Limits = USUAL
) -> Iterator[bytes]:
    """The bytes of the file, unpacked; a compressed file that is damaged or cut is refused."""
    total, allowed = 0, limits.gzip_unpacked_bytes if compressed else limits.file_bytes
    with opened(path, compressed=compressed) as stream:
        while True:
            try:
                chunk = stream.read(size)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise RefusedFile("truncated_gzip") from None
            if not chunk:
                return
            total += len(chunk)
            if total > allowed:
                raise RefusedFile("bomb_size", size=readable_size(total), limit=readable_size(allowed))
            yield chunk


def text_blocks(
    path: Path, *, encoding: str, compressed: bool, block_bytes: int = BLOCK_BYTES, limits: Limits = USUAL
) -> Iterator[bytes]:
    """UTF-8 blocks that end with a line end, but perhaps the last. Bytes that don't decode are marked, not dropped."""
    carry, first = b"", True
    for chunk in chunks(path, compressed=compressed, size=block_bytes, limits=limits):
        block = carry + chunk
        if first:
            block, first = _without_bom(block, encoding), False
        cut = _last_line_end(block, encoding)
        body, carry = block[:cut], block[cut:]
        if len(carry) > limits.row_bytes:
            raise RefusedFile("line_too_long", limit=readable_size(limits.row_bytes))
        if body:
            yield _as_utf8(body, encoding)
    if carry:
        yield _as_utf8(carry, encoding)


def _without_bom(block: bytes, encoding: str) -> bytes:
    mark = by_bom(block)
    return block[mark[1] :] if mark is not None and mark[0] == encoding else block


def _last_line_end(block: bytes, encoding: str) -> int:
    """Where the last complete line ends; a carriage return at the very end may be half of a pair."""
    if is_utf16(encoding):
        return _last_wide_line_end(block, encoding)
    feed = block.rfind(b"\n") + 1
    if feed or b"\r" not in block:
        return feed
    ends = deque((found.end() for found in re.finditer(rb"\r(?=[^\r\n])", block)), maxlen=1)
    return ends[0] if ends else 0


def _last_wide_line_end(block: bytes, encoding: str) -> int:
    feed, ret = "\n".encode(encoding), "\r".encode(encoding)
    position = _aligned(block, feed, len(block))
    if position < 0:
        position = _aligned(block, ret, len(block) - 2)
        while position >= 0 and block[position + 2 : position + 4] in (feed, ret):
            position = _aligned(block, ret, position)
    return position + 2 if position >= 0 else 0


def _aligned(block: bytes, mark: bytes, end: int) -> int:
    """The last place before `end` where the two bytes stand as one character; -1 when there is none."""
    position = block.rfind(mark, 0, end)
    while position > 0 and position % 2:
        position = block.rfind(mark, 0, position + 1)
    return position if position % 2 == 0 else -1


def _as_utf8(block: bytes, encoding: str) -> bytes:
    if encoding != "utf-8" or not block.isascii():
        text = decoded(block, encoding)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        block = text.encode()
    return _with_line_feeds(block)


def _with_line_feeds(block: bytes) -> bytes:
    """Line ends as \\n. Old Macintosh files have \\r alone, and some conversions leave \\r\\r\\n."""
    if b"\r" not in block:
        return block
    if block.count(b"\r") == block.count(b"\r\n"):
        return block.replace(b"\r\n", b"\n")
    return block.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
