"""The catalogues of texts as files: read, write, compile. Needs Babel alone, so that building a wheel can use it."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser, write_po

SOURCE = Path(__file__).resolve().parent.parent / "src" / "liuke"
Key = tuple[str, str]  # context, text


class Merging(Catalog):
    """Where hands have written a text twice, the translated entry wins."""

    def __setitem__(self, id: object, message: Message) -> None:
        current = self._messages.get(self._key_for(id, message.context)) if id else None
        if current is not None and filled(message):
            current.string = message.string
            current.flags = message.flags
        super().__setitem__(id, message)


def filled(message: Message) -> bool:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return bool(strings) and all(strings)


def path_of(domain: str, language: str) -> Path:
    return SOURCE / domain / "locale" / language / "LC_MESSAGES" / "django.po"


def empty(language: str) -> Catalog:
    return Merging(locale=language, project="liuke", charset="utf-8", fuzzy=False)


def read(file: Path, language: str) -> Catalog:
    catalog = empty(language)
    if file.is_file():
        with file.open("rb") as stream:
            PoFileParser(catalog, ignore_obsolete=True).parse(stream)
    catalog.fuzzy = False
    return catalog


def entries(catalog: Catalog) -> dict[Key, Message]:
    return {(m.context or "", singular(m)): m for m in catalog if m.id}


def singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, list | tuple) else message.id


def write(catalog: Catalog, file: Path) -> None:
    """A header without dates and no line numbers: a catalogue changes only where a text does."""
    stream = io.BytesIO()
    write_po(stream, catalog, sort_output=True, include_lineno=False, omit_header=True, width=110)
    plain = catalog.locale_identifier
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {plain}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    replace(file, (header + stream.getvalue().decode().strip() + "\n").encode())


def replace(file: Path, content: bytes) -> None:
    if file.is_file() and file.read_bytes() == content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    os.chmod(name, 0o644)
    os.replace(name, file)


def compile_all() -> None:
    for po in sorted(SOURCE.glob("*/locale/*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if mo.is_file() and mo.stat().st_mtime > po.stat().st_mtime:
            continue
        stream = io.BytesIO()
        write_mo(stream, read(po, po.parent.parent.name))
        replace(mo, stream.getvalue())
        os.utime(mo)
