"""`liuke …`. A command's file is read when the command is called: `liuke --help` and `liuke analyse` know no Django."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from liuke import __version__
from liuke.cli.parsing import Parser, add_language
from liuke.cli.problems import Problem, reason, unwelcome
from liuke.cli.speech import gettext as _
from liuke.cli.speech import gettext_noop, language_of, speak


@dataclass(frozen=True)
class Command:
    """`file` is a module of liuke.cli with `add_parser(subparsers)`; `django` is False where it starts without."""

    file: str
    summary: str
    django: bool = True


COMMANDS = {
    "demo": Command("demo", gettext_noop("open an invented company in the browser"), django=False),
    "serve": Command("serve", gettext_noop("serve Liuke: web, background jobs and clock"), django=False),
    "import": Command("imports", gettext_noop("bring in customers or purchases from a file")),
    "undo": Command("imports", gettext_noop("undo an import, the whole batch")),
    "score": Command("score", gettext_noop("judge every customer: grade, risk, value, reasons")),
    "analyse": Command(
        "analyse", gettext_noop("judge a purchase log in a file, with no database"), django=False
    ),
    "createowner": Command("createowner", gettext_noop("add an owner, who may do everything")),
    "doctor": Command("doctor", gettext_noop("look whether everything is in order"), django=False),
    "backup": Command("backup", gettext_noop("write database and files to one file, while Liuke runs")),
    "restore": Command("restore", gettext_noop("bring back what a backup holds"), django=False),
    "work": Command("work", gettext_noop("run background jobs and the clock; `serve` starts it by itself")),
}


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    _open_what_is_closed()
    speak(language_of(words))
    name = next((word for word in words if word in COMMANDS), "")
    try:
        try:
            return _run(name, words)
        finally:
            # What we say goes out here, where a reader who has gone (`| head`) can still be told from an error.
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Python would complain once more while it closes what nobody reads.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return 141
    except Exception as error:
        if os.environ.get("LIUKE_DEBUG") == "1" and not isinstance(error, Problem):
            raise
        problem = as_problem(error)
        print(problem.signed(), file=sys.stderr)
        return problem.code


def _open_what_is_closed() -> None:
    """Called with `2>&-`, Python prints on stdout what is meant for stderr, and the next file opened takes its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - for as long as the process lives


def as_problem(error: Exception) -> Problem:
    """What went wrong, in a line; who wants to see where asks for it."""
    if isinstance(error, Problem):
        return error
    if "django.db" in sys.modules:
        from django.db.utils import InterfaceError, OperationalError

        from liuke.cli.database import unreachable

        if isinstance(error, OperationalError | InterfaceError):
            return unreachable(error)
    if isinstance(error, OSError) and error.filename:
        return unwelcome(error)
    told = (str(error).strip().splitlines() or [""])[0]
    return Problem(f"{type(error).__name__}: {told}", _("LIUKE_DEBUG=1 shows where."))


def _run(name: str, words: Sequence[str]) -> int:
    args = build_parser(name).parse_args(words)
    if not name or not hasattr(args, "run"):
        build_parser("").print_help(sys.stderr)
        return 2
    if COMMANDS[name].django:
        start_django()
        from liuke.cli.database import bring_up_to_date

        bring_up_to_date()
    code: int = args.run(args)
    return code


def build_parser(name: str) -> argparse.ArgumentParser:
    """The whole parser, of which only `name` is filled in."""
    parser = Parser(
        prog="liuke",
        description=_("Liuke keeps a business's customers: know them, see who is slipping away, act today."),
        epilog=_(
            "The data is in $LIUKE_HOME, or in the database of $DATABASE_URL. `liuke COMMAND --help` says more."
        ),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"liuke {__version__}",
        help=_("show program's version number and exit"),
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", title=_("commands"))
    add_language(parser)
    wanted = COMMANDS[name].file if name else ""
    filled = False
    for other, command in COMMANDS.items():
        if command.file != wanted:
            _add_placeholder(subparsers, other, command)
        elif not filled:
            # One file may bring several commands; it adds them all at once.
            before = set(subparsers.choices)
            importlib.import_module(f"liuke.cli.{wanted}").add_parser(subparsers)
            for added in set(subparsers.choices) - before:
                add_language(subparsers.choices[added])
            filled = True
    return parser


def _add_placeholder(subparsers: Any, name: str, command: Command) -> None:
    subparsers.add_parser(name, help=_(command.summary), add_help=False)


def start_django() -> None:
    """Sets Django up, and says what hinders it in words of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liuke.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    from liuke.config import paths

    try:
        django.setup()
    except OSError as error:
        raise Problem(
            _("The data directory %(folder)s cannot be written: %(reason)s.")
            % {"folder": paths.home(), "reason": reason(error)},
            _("Set LIUKE_HOME to a directory of your own."),
        ) from None
    except (ImproperlyConfigured, ValueError) as error:
        raise Problem(_("The settings are not usable: %(reason)s") % {"reason": error}) from None
