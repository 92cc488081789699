"""Finds words in a template that no translation reaches: text and attributes outside the translation tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, TokenType

SPOKEN = {"title", "placeholder", "aria-label", "alt", "data-label", "data-confirm", "aria-description"}
SILENT = {"script", "style", "kbd", "code", "pre", "svg"}
NAMES = re.compile(r"\b(?:Liuke|CSV|TSV|XLSX|XLS|JSON|Parquet|RFM|Gini|AUC|ABC|CLV|CDNOW|ID|URL)\b|留客")
WORD = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff]")


def words_of(template: str) -> Iterator[tuple[int, str]]:
    """(line, words) of everything a reader would see that is not translatable. `translate="no"` marks names."""
    reader = Reader()
    reader.feed(skeleton(template))
    reader.close()
    yield from reader.found


def skeleton(template: str) -> str:
    """The template's HTML with every tag and variable blanked, line breaks kept."""
    out = []
    inside = ""
    for token in Lexer(template).tokenize():
        name = (
            token.contents.split()[0]
            if token.token_type is TokenType.BLOCK and token.contents.strip()
            else ""
        )
        if inside:
            if name == f"end{inside}":
                inside = ""
            out.append("\n" * token.contents.count("\n"))
        elif name in {"blocktranslate", "blocktrans", "comment"}:
            inside = name
        elif name == "block" and token.contents.split()[1].endswith(("_class", "_attributes")):
            inside = name  # a block of the kit that fills an attribute, not a sentence
        elif token.token_type is TokenType.TEXT:
            out.append(token.contents)
        else:
            out.append(" " + "\n" * token.contents.count("\n"))
    return "".join(out)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._quiet: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in SILENT or given.get("translate") == "no" or self._quiet:
            if tag not in {"br", "hr", "img", "input", "meta", "link", "use", "path", "col"}:
                self._quiet.append(tag)
            return
        for name, value in attrs:
            button = name == "value" and given.get("type") in {"submit", "button"}
            if name in SPOKEN or button:
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._quiet and self._quiet[-1] == tag:
            self._quiet.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self._note(data)

    def _note(self, text: str) -> None:
        rest = NAMES.sub("", text)
        if WORD.search(rest):
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))
