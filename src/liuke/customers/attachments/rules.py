"""What may hang on an entry of the timeline: how many files, how large, and no programs. No database."""

from __future__ import annotations

from liuke.customers.records.rules import Unfit, gettext_noop

MOST_FILES = 5  # of one entry
LIMIT_BYTES = 20 * 1024 * 1024  # each; a photo of a telephone has three to eight
HEAD_BYTES = 8
# Judged by the content too: a program that calls itself a picture is still one.
PROGRAM_HEADS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
PROGRAM_ENDINGS = frozenset(
    {
        "apk",
        "app",
        "bat",
        "cmd",
        "com",
        "cpl",
        "dll",
        "dmg",
        "exe",
        "gadget",
        "hta",
        "inf",
        "jar",
        "js",
        "jse",
        "lnk",
        "msi",
        "msp",
        "pif",
        "pkg",
        "ps1",
        "psm1",
        "reg",
        "scr",
        "sh",
        "vb",
        "vbe",
        "vbs",
        "ws",
        "wsf",
        "wsh",
    }
)


def is_program(name: str, head: bytes) -> bool:
    ending = name.rpartition(".")[2].casefold().strip() if "." in name else ""
    return ending in PROGRAM_ENDINGS or head.startswith(PROGRAM_HEADS)


def check(name: str, size: int, head: bytes) -> None:
    """Raises Unfit for the field "attachments" when this is nothing to keep."""
    if not size:
        raise Unfit("attachments", gettext_noop("“%(name)s” is empty. Choose the file again."), name=name)
    if size > LIMIT_BYTES:
        raise Unfit(
            "attachments",
            gettext_noop(
                "“%(name)s” has %(size)s MB; a file may have up to %(most)s MB. Make it smaller first."
            ),
            name=name,
            size=-(-size // (1 << 20)),
            most=LIMIT_BYTES >> 20,
        )
    if is_program(name, head):
        raise Unfit(
            "attachments",
            gettext_noop(
                "“%(name)s” is a program; programs are not kept. A picture or a PDF shows what you mean."
            ),
            name=name,
        )


def check_count(count: int) -> None:
    if count > MOST_FILES:
        raise Unfit(
            "attachments",
            gettext_noop(
                "These are %(count)s files; an entry takes up to %(most)s. Write a second note for the rest."
            ),
            count=count,
            most=MOST_FILES,
        )
