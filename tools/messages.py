"""The languages, without GNU gettext: pure Python, so that a user's machine needs nothing but the package.

    python tools/messages.py extract           collect the texts of the code into locale/zh_Hans of each domain
    python tools/messages.py derive            make Traditional from Simplified Chinese (OpenCC, tools/glossary.tsv wins)
    python tools/messages.py check             what is missing, fuzzy, stale, broken, or not made translatable at all
    python tools/messages.py compile           write the .mo files that are older than their .po
    python tools/messages.py missing [DOMAIN]  the untranslated texts as JSON
    python tools/messages.py fill FILE         fill in translations: JSON of "text" or "context|text" to Chinese

English is the key in the code, so it needs no catalogue. A text belongs to the domain whose folder it stands in.
"""

from __future__ import annotations

import io
import json
import re
import runpy
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from bare import words_of
from catalogues import SOURCE, Key, compile_all, empty, entries, filled, path_of, read, write
from django.utils.translation.template import templatize
from opencc import OpenCC

REPORT = "insight/report"
GLOSSARY = Path(__file__).with_name("glossary.tsv")
DOMAINS = ("platform", "catalog", "customers", "scores", "workspace", "demo")
# What stands outside a domain speaks through the platform's catalogue.
FOLDERS = {"platform": ("platform", "config", "cli", "tabular", "insight")}
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}|%%")


@dataclass
class Text:
    key: Key
    plural: str = ""
    files: set[str] = field(default_factory=set)


# Collecting


def texts_of(domain: str) -> dict[Key, Text]:
    found: dict[Key, Text] = {}
    for folder in FOLDERS.get(domain, (domain,)):
        for file in sorted((SOURCE / folder).rglob("*")):
            if file.suffix not in {".py", ".html", ".txt"} or {"tests", "migrations", "locale"} & set(
                file.parts
            ):
                continue
            if file.suffix == ".txt" and "templates" not in file.parts:
                continue
            for key, plural in texts_in(file):
                text = found.setdefault(key, Text(key))
                text.plural = text.plural or plural
                text.files.add(file.relative_to(SOURCE).as_posix())
    return found


def texts_in(file: Path) -> Iterator[tuple[Key, str]]:
    content = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        content = as_python(content, str(file))
    elif not any(word in content for word in ("gettext", "_(")):
        return
    stream = io.BytesIO(content.encode())
    for _line, message, _comments, context in babel_extract("python", stream, KEYWORDS):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if singular:
            yield (context or "", singular), plural


def as_python(template: str, name: str) -> str:
    """Django's own reading of a template; its lines lose their indentation, which Python's tokenizer would mind."""
    # templatize writes _("x") of a tag's arguments as it is, and everything else as X; brackets may stay open in text.
    return "\n".join(line.strip() for line in templatize(template, origin=name).split("\n"))


def extract() -> None:
    for domain in DOMAINS:
        texts = texts_of(domain)
        file = path_of(domain, "zh_Hans")
        if not texts and not file.is_file():
            continue
        known = entries(read(file, "zh_Hans"))
        fresh = empty("zh_Hans")
        for key, text in sorted(texts.items()):
            add(fresh, text, known.get(key))
        write(fresh, file)


def add(catalog: Catalog, text: Text, known: Message | None) -> None:
    context, single = text.key
    old = known.string if known is not None else ""
    string = old[0] if isinstance(old, list | tuple) else old
    catalog.add(
        (single, text.plural) if text.plural else single,
        (string,) if text.plural else string,
        locations=[(file, None) for file in sorted(text.files)],
        flags=["fuzzy"] if known is not None and known.fuzzy else [],
        user_comments=list(known.user_comments) if known is not None else [],
        context=context or None,
    )


# Traditional Chinese


def glossary() -> dict[str, str]:
    """Simplified term -> Traditional term, where the machine's word is not the trade's."""
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t")[:2] for line in lines if line and not line.startswith("#"))


def traditional(simplified: str, terms: dict[str, str], convert: Converter) -> str:
    """Terms of the glossary stand aside (as private-use characters) while the rest is converted."""
    kept = []
    for term in sorted(terms, key=len, reverse=True):
        if term in simplified:
            simplified = simplified.replace(term, chr(0xE000 + len(kept)))
            kept.append(terms[term])
    result = convert(simplified)
    for i, term in enumerate(kept):
        result = result.replace(chr(0xE000 + i), term)
    return result


class Converter:
    def __init__(self) -> None:
        self._opencc = OpenCC("s2twp")

    def __call__(self, text: str) -> str:
        return str(self._opencc.convert(text))


def derived(domain: str, terms: dict[str, str], convert: Converter) -> Catalog:
    catalog = empty("zh_Hant")
    for key, message in entries(read(path_of(domain, "zh_Hans"), "zh_Hans")).items():
        strings = message.string if isinstance(message.string, list | tuple) else [message.string]
        hant = [traditional(string or "", terms, convert) for string in strings]
        catalog.add(message.id, tuple(hant) if message.pluralizable else hant[0], context=key[0] or None)
    return catalog


def report_texts(terms: dict[str, str], convert: Converter) -> str:
    """The report of `liuke analyse` stands without Django and its catalogues: its texts are a table of their own."""
    texts = runpy.run_path(str(SOURCE / REPORT / "texts.py"))["TEXTS"]
    hant = {name: traditional(chinese, terms, convert) for name, (chinese, _english) in texts.items()}
    return json.dumps(hant, ensure_ascii=False, indent=0) + "\n"


def derive() -> None:
    terms, convert = glossary(), Converter()
    if (SOURCE / REPORT).is_dir():
        (SOURCE / REPORT / "texts.zh_Hant.json").write_text(report_texts(terms, convert), encoding="utf-8")
    for domain in DOMAINS:
        if path_of(domain, "zh_Hans").is_file():
            write(derived(domain, terms, convert), path_of(domain, "zh_Hant"))


# Checking


def check() -> list[str]:
    problems = []
    terms, convert = glossary(), Converter()
    for domain in DOMAINS:
        texts = texts_of(domain)
        for language in ("zh_Hans", "zh_Hant"):
            file = path_of(domain, language)
            if texts or file.is_file():
                problems += check_catalogue(domain, language, texts)
        expected, found = (
            entries(derived(domain, terms, convert)),
            entries(read(path_of(domain, "zh_Hant"), "zh_Hant")),
        )
        for key, message in expected.items():
            if key in found and found[key].string != message.string:
                problems.append(
                    f"{domain} zh_Hant: {key[1]!r} is not what derive makes; change the glossary, not the file"
                )
    file = SOURCE / REPORT / "texts.zh_Hant.json"
    if file.parent.is_dir() and (
        not file.is_file() or file.read_text("utf-8") != report_texts(terms, convert)
    ):
        problems.append("insight/report/texts.zh_Hant.json is not what derive makes")
    problems += differing()
    templates = sorted(SOURCE.glob("*/*/templates/**/*.html"))
    return problems + [problem for template in templates for problem in bare_text(template)]


def differing() -> list[str]:
    """One text with two translations: at run time the catalogues are one, and it is chance which of them wins."""
    seen: dict[Key, tuple[str, object]] = {}
    problems = []
    for domain in DOMAINS:
        for key, message in entries(read(path_of(domain, "zh_Hans"), "zh_Hans")).items():
            string = message.string if isinstance(message.string, str) else message.string[0]
            first = seen.setdefault(key, (domain, string))
            if filled(message) and first[1] != string:
                problems.append(
                    f"{key[1]!r} is {first[1]!r} in {first[0]}, {string!r} in {domain}: give it a context"
                )
    return problems


def check_catalogue(domain: str, language: str, texts: dict[Key, Text]) -> list[str]:
    known = entries(read(path_of(domain, language), language))
    where = f"{domain} {language}"
    problems = [
        f"{where}: {key[1]!r} is in no code any more (extract)" for key in known.keys() - texts.keys()
    ]
    for key, text in sorted(texts.items()):
        message = known.get(key)
        if message is None or not filled(message):
            problems.append(f"{where}: {key[1]!r} has no translation ({', '.join(sorted(text.files))})")
            continue
        if message.fuzzy:
            problems.append(f"{where}: {key[1]!r} is fuzzy")
        problems += [f"{where}: {key[1]!r}: {what}" for what in broken(text, message)]
    return sorted(problems)


def broken(text: Text, message: Message) -> Iterable[str]:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    wanted = sorted(PLACEHOLDER.findall(text.plural or text.key[1]))
    for string in strings:
        if sorted(PLACEHOLDER.findall(string)) != wanted:
            yield f"placeholders differ: {string!r}"
        if text.key[1][-1:] == "\n" and string[-1:] != "\n":
            yield "the line break at the end is lost"


def bare_text(template: Path) -> list[str]:
    name = template.relative_to(SOURCE).as_posix()
    return [
        f"{name}:{line}: {words!r} can't be translated"
        for line, words in words_of(template.read_text("utf-8"))
    ]


# Filling


def missing(domain: str = "") -> dict[str, str]:
    found = {}
    for one in [domain] if domain else DOMAINS:
        known = entries(read(path_of(one, "zh_Hans"), "zh_Hans"))
        for key in sorted(texts_of(one)):
            if key not in known or not filled(known[key]):
                found["|".join(filter(None, key))] = ""
    return found


def fill(file: str) -> None:
    """Goes into every domain that has the text and lacks a translation, or has another one."""
    given = json.loads(Path(file).read_text(encoding="utf-8"))
    for domain in DOMAINS:
        catalog = read(path_of(domain, "zh_Hans"), "zh_Hans")
        known = entries(catalog)
        changed = False
        for key, text in texts_of(domain).items():
            string = given.get("|".join(filter(None, key)))
            if not string:
                continue
            message = Message(text.key[1], string)
            if key in known:
                known[key].string = (string,) if known[key].pluralizable else string
                known[key].flags.discard("fuzzy")
            else:
                add(catalog, text, message)
            changed = True
        if changed:
            write(catalog, path_of(domain, "zh_Hans"))


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0] if arguments else ""), arguments[1:]
    match command:
        case "extract":
            extract()
        case "derive":
            derive()
        case "compile":
            compile_all()
        case "missing":
            print(json.dumps(missing(*rest[:1]), ensure_ascii=False, indent=1))
        case "fill" if rest:
            fill(rest[0])
        case "check":
            problems = check()
            print("\n".join(problems) or "every text is there in every language")
            return 1 if problems else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
