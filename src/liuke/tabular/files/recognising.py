"""What a file is by its content; the name only serves to tell the user when it says something else."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from liuke.tabular.files.encodings import by_bom
from liuke.tabular.files.inspection import Format
from liuke.tabular.files.limits import USUAL, Limits, readable_size
from liuke.tabular.problems import RefusedFile

HEAD_BYTES: Final = 64 * 1024
_ZIP_END: Final = b"PK\x05\x06"
_DIRECTORY_BYTES: Final = 8 << 20  # of a ZIP archive; a workbook's has a few kilobytes

_FOREIGN: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM\x00", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an XZ archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_NAMES: Final = {
    "csv": {Format.DELIMITED}, "tsv": {Format.DELIMITED}, "tab": {Format.DELIMITED}, "txt": {Format.DELIMITED},
    "xlsx": {Format.XLSX}, "xlsm": {Format.XLSX}, "xlsb": {Format.XLSB}, "xls": {Format.XLS}, "ods": {Format.ODS},
    "parquet": {Format.PARQUET}, "pq": {Format.PARQUET}, "jsonl": {Format.JSON_LINES}, "ndjson": {Format.JSON_LINES},
    "json": {Format.JSON_LINES},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recognised:
    format: Format
    compressed: bool = False
    excel_epoch: int = 1900


def recognise(path: Path, *, limits: Limits = USUAL) -> Recognised:
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        raise RefusedFile("file_missing", name=path.name) from None
    if not head:
        raise RefusedFile("empty_file")
    if size > limits.file_bytes:
        raise RefusedFile("file_too_large", size=readable_size(size), limit=readable_size(limits.file_bytes))
    if head.startswith(b"PAR1"):
        return Recognised(_parquet(path, size))
    if head.startswith(b"PK"):
        return _zip(path, limits)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Recognised(_compound(path))
    if head.startswith(b"\x1f\x8b"):
        return Recognised(_text(_unpacked_head(path)), compressed=True)
    return Recognised(_text(head))


def name_differs(path: Path, found: Recognised) -> str | None:
    """The name's ending when it promises another format than the content is."""
    endings = [ending.lstrip(".").lower() for ending in path.suffixes[-2:]]
    if endings and endings[-1] == "gz":
        endings.pop()
    ending = endings[-1] if endings else ""
    promised = _NAMES.get(ending)
    return f".{ending}" if promised is not None and found.format not in promised else None


def _parquet(path: Path, size: int) -> Format:
    with path.open("rb") as stream:
        stream.seek(max(0, size - 4))
        if size < 12 or stream.read(4) != b"PAR1":
            raise RefusedFile("truncated_parquet")
    return Format.PARQUET


def _compound(path: Path) -> Format:
    """An old Office file. Its directory names the streams inside, in UTF-16."""
    with path.open("rb") as stream:
        content = stream.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise RefusedFile("password_protected")
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "WORKBOOK", "Book", "BOOK")):
        return Format.XLS
    if any(name.encode("utf-16-le") in content for name in ("WordDocument", "PowerPoint Document")):
        raise RefusedFile("unknown_format", found="a Word or PowerPoint document")
    raise RefusedFile("truncated_workbook")


def _zip(path: Path, limits: Limits) -> Recognised:
    _check_directory(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, limits)
            names = {entry.filename for entry in entries}
            if "xl/workbook.bin" in names:
                return Recognised(Format.XLSB)
            if "xl/workbook.xml" in names:
                return Recognised(Format.XLSX, excel_epoch=_epoch(archive))
            if "mimetype" in names and b"opendocument.spreadsheet" in archive.open("mimetype").read(200):
                return Recognised(Format.ODS)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise RefusedFile("truncated_workbook") from None
    raise RefusedFile("zip_archive")


def _check_directory(path: Path, limits: Limits) -> None:
    """Judge the size of the archive's directory before loading it."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - 66_000))
        tail = stream.read()
    end = tail.rfind(_ZIP_END)
    if end < 0 or len(tail) < end + 22:
        raise RefusedFile("truncated_workbook")
    count, directory = struct.unpack("<HI", tail[end + 10 : end + 16])
    if count > limits.entries or directory > _DIRECTORY_BYTES:
        raise RefusedFile("bomb_entries", count=count, limit=limits.entries)


def _check_entries(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise RefusedFile("bomb_entries", count=len(entries), limit=limits.entries)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        raise RefusedFile(
            "bomb_size", size=readable_size(unpacked), limit=readable_size(limits.unpacked_bytes)
        )
    for entry in entries:
        ratio = entry.file_size // max(1, entry.compress_size)
        if entry.file_size > limits.ratio_from and ratio > limits.ratio:
            raise RefusedFile("bomb_ratio", ratio=ratio)
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in pairwise(ordered):
        if entry.header_offset + entry.compress_size > following.header_offset:
            raise RefusedFile("bomb_overlap")


def _epoch(archive: zipfile.ZipFile) -> int:
    with archive.open("xl/workbook.xml") as stream:
        text = stream.read(1 << 20)
    return 1904 if re.search(rb"date1904\s*=\s*[\"'](?:1|true)[\"']", text) else 1900


def _unpacked_head(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            head = stream.read(HEAD_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RefusedFile("truncated_gzip") from None
    if not head:
        raise RefusedFile("empty_file")
    if head.startswith((b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")):
        raise RefusedFile("zip_archive")
    return head


def _text(head: bytes) -> Format:
    for mark, found in _FOREIGN:
        if head.startswith(mark):
            raise RefusedFile("unknown_format", found=found)
    plain = _as_ascii(head)
    start = plain.lstrip().lower()
    if re.match(r"(<!doctype html|<html|<table|<meta|<head|<body|<div|<style|mime-version:)", start):
        raise RefusedFile("html_file")
    if start.startswith("<?xml"):
        raise RefusedFile("html_file" if "<html" in start[:2000] else "xml_file")
    if not start and not plain.strip("\0"):
        raise RefusedFile("empty_file")
    controls = sum(c < " " and c not in "\t\n\r\x01\x0c\x1a\x1b" for c in plain)
    if controls * 10 > len(plain):
        raise RefusedFile("unknown_format", found="binary data")
    return _json_or_delimited(plain.lstrip())


def _as_ascii(head: bytes) -> str:
    """The head with every other character than ASCII as a question mark, whatever the encoding."""
    mark = by_bom(head)
    if mark is not None:
        name, length = mark
        return head[length:].decode(name, "replace").encode("ascii", "replace").decode("ascii")
    zeros = head[:2000].count(0)
    if zeros * 20 > len(head[:2000]) and zeros:
        name = "utf-16-be" if head[0:2000:2].count(0) > head[1:2000:2].count(0) else "utf-16-le"
        return head.decode(name, "replace").encode("ascii", "replace").decode("ascii")
    return head.decode("ascii", "replace").replace("\ufffd", "?")


def _json_or_delimited(start: str) -> Format:
    first = start.split("\n", 1)[0].strip()
    if re.match(r"\[\s*(\{|\[|\]|$)", start):
        raise RefusedFile("json_document")
    if not first.startswith("{"):
        return Format.DELIMITED
    if re.match(r'\{\s*("|\})', first):
        return Format.JSON_LINES
    if first == "{" and re.match(r'\{\s*"', start):
        raise RefusedFile("json_document")
    return Format.DELIMITED
