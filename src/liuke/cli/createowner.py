"""`liuke createowner`: an owner from the machine's own terminal, at the first run or when nobody else can sign in."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from typing import Any

from liuke.cli.speech import gettext as _
from liuke.cli.speech import spoken


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("createowner", help=_("add an owner, who may do everything"))
    parser.add_argument("username", nargs="?", help=_("the name to sign in by (asked for when left out)"))
    parser.add_argument("--name", help=_("the person's name (default: the user name)"))
    parser.add_argument("--company", default="", help=_("the company's name"))
    parser.add_argument(
        "--password-stdin", action="store_true", help=_("read the password from standard input")
    )
    parser.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.utils import translation

    with translation.override(spoken().lower()):
        return _create(args)


def _create(args: argparse.Namespace) -> int:
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from liuke.platform.organisation.actions import create_owner

    try:
        username = args.username or _ask(_("User name: "))
        password = _password(args)
        owner = create_owner(
            username=username,
            name=args.name or username,
            password=password,
            company=args.company,
            now=timezone.now(),
        )
    except ValidationError as error:
        for message in error.messages:
            print(message, file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        print(f"\n{_('Nothing was changed.')}", file=sys.stderr)
        return 1
    if args.json:
        print(
            json.dumps(
                {"id": owner.pk, "username": owner.username, "team": str(owner.team)}, ensure_ascii=False
            )
        )
    else:
        print(_("%(name)s is an owner now and may sign in.") % {"name": owner.username})
    return 0


def _ask(question: str) -> str:
    # On stderr: stdout belongs to --json.
    print(question, end="", file=sys.stderr, flush=True)
    return input()


def _password(args: argparse.Namespace) -> str:
    from django.core.exceptions import ValidationError

    if args.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(_("Password: "), stream=sys.stderr)
    if getpass.getpass(_("Password, again: "), stream=sys.stderr) != password:
        raise ValidationError(_("This is not the same password."))
    return password
