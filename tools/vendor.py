"""Brings the front end's parts from npm, unmodified and pinned, into the package; nothing is fetched at run time.

    python tools/vendor.py          fetch, check and write
    python tools/vendor.py --check  the committed files are the ones of VENDORED.json (no network)

Only a maintainer runs it, after changing a version below; the result is committed.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

KIT = Path(__file__).resolve().parent.parent / "src" / "liuke" / "platform" / "kit"
VENDOR = KIT / "static" / "vendor"
RECORD = VENDOR / "VENDORED.json"

# The icons in use, by the name Liuke gives them and the name Lucide does. One sprite holds them all.
ICONS = {
    "today": "sun", "customers": "users", "insight": "chart-column", "settings": "settings-2", "search": "search",
    "add": "plus", "close": "x", "menu": "ellipsis", "more": "chevron-down", "next": "chevron-right",
    "back": "chevron-left", "up": "arrow-up", "down": "arrow-down", "sort": "chevrons-up-down", "rise": "trending-up",
    "fall": "trending-down", "check": "check", "warn": "triangle-alert", "info": "info", "error": "circle-alert",
    "phone": "phone", "mobile": "smartphone", "visit": "map-pin", "email": "mail", "message": "message-circle",
    "meeting": "users-round", "note": "sticky-note", "promise": "handshake", "complaint": "message-square-warning",
    "order": "shopping-bag", "refund": "undo-2", "grade": "medal", "stage": "milestone", "assign": "user-round-check",
    "user": "user-round", "team": "network", "calendar": "calendar", "clock": "clock", "later": "alarm-clock",
    "dismiss": "circle-slash", "edit": "pencil", "remove": "trash-2", "export": "download", "import": "upload",
    "filter": "list-filter", "columns": "columns-3", "save": "bookmark", "link": "external-link", "help": "circle-help",
    "keyboard": "keyboard", "language": "languages", "theme": "sun-moon", "sign-out": "log-out", "lock": "lock",
    "show": "eye", "money": "banknote", "risk": "heart-crack", "rhythm": "activity", "bell": "bell", "job": "cog",
    "audit": "scroll-text", "table": "table-2", "chart": "chart-line", "pyramid": "pyramid", "empty": "inbox",
    "offline": "wifi-off", "company": "building-2", "person": "circle-user-round", "play": "play", "pause": "pause",
    "refresh": "refresh-cw", "file": "file-text", "copy": "copy", "tag": "tag", "tip": "lightbulb", "globe": "globe",
    "gift": "gift", "box": "package", "history": "history", "key": "key-round", "star": "star", "undo": "rotate-ccw",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    package: str
    version: str
    licence: str
    files: dict[str, str]  # path in the package -> path below static/vendor


PARTS = [
    # htmx 4 changed the habits that 2 has (inheritance, history, events): stay on 2 until a decision says otherwise.
    Part("htmx.org", "2.0.11", "0BSD", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "htmx.LICENSE"}),
    # The "common" build has the line, bar, pie and scatter series that our charts use, at two thirds of the full size.
    Part(
        "echarts",
        "6.1.0",
        "Apache-2.0",
        {
            "dist/echarts.common.min.js": "echarts.min.js",
            "LICENSE": "echarts.LICENSE",
            "NOTICE": "echarts.NOTICE",
        },
    ),
    Part("lucide-static", "1.62.0", "ISC", {"LICENSE": "lucide.LICENSE"}),
]


def fetch(part: Part, folder: Path) -> tarfile.TarFile:
    done = subprocess.run(
        ["npm", "pack", f"{part.package}@{part.version}", "--json", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    [name] = [item["filename"] for item in packed(json.loads(done.stdout))]
    return tarfile.open(folder / name.replace("@", "").replace("/", "-"))


def packed(answer: object) -> list[dict[str, str]]:
    """npm 11 answers a list, newer ones an object by package name."""
    if isinstance(answer, dict):
        return list(answer.values())
    assert isinstance(answer, list)
    return answer


def member(archive: tarfile.TarFile, path: str) -> bytes:
    stream = archive.extractfile(f"package/{path}")
    if stream is None:
        raise FileNotFoundError(path)
    return stream.read()


def sprite(archive: tarfile.TarFile) -> bytes:
    """One <symbol> per icon; stroke and size come from the style sheet, so the drawing alone is kept."""
    out = io.StringIO()
    out.write('<svg xmlns="http://www.w3.org/2000/svg">\n')
    for ours, theirs in sorted(ICONS.items()):
        svg = member(archive, f"icons/{theirs}.svg").decode()
        inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)
        assert inside, theirs
        drawing = re.sub(r"\s*\n\s*", "", inside.group(1)).strip()
        out.write(f'<symbol id="{ours}" viewBox="0 0 24 24">{drawing}</symbol>\n')
    out.write("</svg>\n")
    return out.getvalue().encode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def vendor() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    record = []
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            with fetch(part, Path(folder)) as archive:
                entry: dict[str, object] = {
                    "package": part.package,
                    "version": part.version,
                    "licence": part.licence,
                }
                hashes = {}
                for source, target in part.files.items():
                    content = member(archive, source)
                    (VENDOR / target).write_bytes(content)
                    hashes[target] = {"from": source, "sha256": digest(content)}
                if part.package == "lucide-static":
                    content = sprite(archive)
                    (VENDOR / "icons.svg").write_bytes(content)
                    hashes["icons.svg"] = {
                        "from": "icons/*.svg, put together by tools/vendor.py",
                        "sha256": digest(content),
                    }
                entry["files"] = hashes
                record.append(entry)
    RECORD.write_text(json.dumps(record, indent=2) + "\n")


def check() -> list[str]:
    """What differs between the files and their record; empty when all is as it was brought."""
    problems = []
    recorded = set()
    for entry in json.loads(RECORD.read_text()):
        for name, about in entry["files"].items():
            recorded.add(name)
            file = VENDOR / name
            if not file.is_file():
                problems.append(f"{name} is missing")
            elif digest(file.read_bytes()) != about["sha256"]:
                problems.append(f"{name} is not the file of {entry['package']} {entry['version']}")
    unknown = {file.name for file in VENDOR.iterdir()} - recorded - {RECORD.name}
    return problems + [f"{name} is in no record" for name in sorted(unknown)]


def main() -> int:
    if "--check" not in sys.argv[1:]:
        vendor()
    problems = check()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
