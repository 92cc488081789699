"""`liuke import` and `liuke undo`: files into customers and purchases, and out again."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liuke.cli.parsing import whole, zone
from liuke.cli.problems import Problem, unreadable
from liuke.cli.speech import gettext as _
from liuke.cli.speech import ngettext, spoken

if TYPE_CHECKING:
    from liuke.customers.imports.models import ImportBatch
    from liuke.customers.reading.actions import Refused

BAR = 30
OPTIONS = {
    "unknown_encoding": "--encoding",
    "encoding_unsupported": "--encoding",
    "delimiter_unsupported": "--delimiter",
    "sheet_missing": "--sheet",
}
SHOWN = 10
LATEST = 5  # imports that are named to whoever asks for one that is not there


def add_parser(subparsers: Any) -> None:
    importing = subparsers.add_parser(
        "import",
        help=_("bring in customers or purchases from a file"),
        description=_(
            "CSV, TSV, XLSX, XLS, Parquet or JSON lines. What is there already is brought up to date, never "
            "doubled. An import that was stopped goes on when the same file is given again."
        ),
    )
    importing.add_argument(
        "target",
        choices=["customers", "purchases"],
        metavar="customers|purchases",
        help=_("what is in the file"),
    )
    importing.add_argument("file", type=Path, metavar="FILE", help=_("where it is"))
    importing.add_argument(
        "--map", action="append", default=[], metavar="FIELD=COLUMN", type=_pair,
        help=_("which column goes into a field; FIELD= leaves the field out"),
    )  # fmt: skip
    importing.add_argument("--sheet", help=_("the sheet of a workbook (default: the first with a table)"))
    importing.add_argument("--encoding", help=_("of a text file (default: found out)"))
    importing.add_argument("--delimiter", help=_("between the columns of a text file (default: found out)"))
    importing.add_argument("--dates", choices=["dmy", "mdy"], help=_("the order of dates such as 3/4/2025"))
    importing.add_argument("--currency", help=_("of rows that name none (default: the company's)"))
    importing.add_argument("--zone", type=zone, help=_("of times that name none (default: the company's)"))
    importing.add_argument(
        "--clear-blanks", action="store_true", help=_("a blank cell empties the field instead of leaving it")
    )
    importing.add_argument(
        "--key",
        metavar="FIELD",
        help=_(
            "what customers are recognised by: number, phone, email, wechat, name, or name+city and the like"
        ),
    )
    importing.add_argument(
        "--preset", metavar="NAME", help=_("columns and options as they were saved under this name")
    )
    importing.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    importing.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    importing.set_defaults(run=run)
    undoing = subparsers.add_parser("undo", help=_("undo an import, the whole batch"))
    undoing.add_argument(
        "batch", type=_number, metavar="BATCH", help=_("its number, which `liuke import` has told")
    )
    undoing.add_argument("--json", action="store_true", help=_("one JSON object on stdout"))
    undoing.set_defaults(run=run)


def _pair(text: str) -> tuple[str, str | None]:
    field, mark, column = text.partition("=")
    if not field or not mark:
        told = _("%(text)s is not FIELD=COLUMN, such as amount=实付金额") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told)
    return field.strip(), column or None


def _field(name: str, target: str) -> str:
    """A field by its code, or as the product calls it in any of its languages: the errors print that."""
    from liuke.cli.speech import in_every_language
    from liuke.customers.fields.actions import imported_fields
    from liuke.customers.findings.rules import FIELDS
    from liuke.customers.reading.rules import fields_of

    codes = {one.name for one in fields_of(target, imported_fields())}
    called = {
        told.casefold(): code
        for code, label in FIELDS.items()
        if code in codes
        for told in (label, *in_every_language(label))
    }
    return name if name in codes else called.get(name.casefold(), name)


def _number(text: str) -> int:
    if (found := whole(text, low=1, high=(1 << 63) - 1)) is None:
        told = _("%(text)s is no number of an import") % {"text": repr(text)}
        raise argparse.ArgumentTypeError(told)
    return found


def run(args: argparse.Namespace) -> int:
    from django.utils import translation

    from liuke.cli.database import bring_up_to_date
    from liuke.customers.imports.rules import NotNow

    bring_up_to_date()
    with translation.override(spoken().lower()):
        try:
            return _undo(args) if hasattr(args, "batch") else _import(args)
        except NotNow as refusal:
            raise Problem(translation.gettext(refusal.message) % refusal.params) from None


def _import(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from liuke.customers.imports.actions import check, discard
    from liuke.customers.imports.actions import run as carry
    from liuke.customers.reading.actions import Refused

    began, bar = time.monotonic(), Bar()
    batch = None
    try:
        batch = _batch(args)
        if args.dry_run:
            batch = check(batch, by=None, now=timezone.now(), progress=bar)
            rejects = _rejects(batch, "dry-run")
            refused = batch.state == "failed"
            result = _result(batch, rejects, began) | {"batch": None}
            discard(batch, by=None, now=timezone.now())
            if refused:
                raise _told(batch.problems)
        else:
            batch = carry(batch, by=None, now=timezone.now(), progress=bar)
            result = _result(batch, _rejects(batch, str(batch.pk)), began)
    except Refused as refusal:
        if batch is not None and batch.pk:
            discard(batch, by=None, now=timezone.now())
        raise _refusal(refusal) from None
    finally:
        bar.end()
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _print(result, batch, dry_run=args.dry_run)
    return 0


def _batch(args: argparse.Namespace) -> ImportBatch:
    """A new batch, or the one of this very file that was stopped."""
    from django.utils import timezone

    from liuke.customers.imports.actions import choose, upload
    from liuke.customers.imports.models import ImportBatch

    now = timezone.now()
    given = {"sheet": args.sheet, "encoding": args.encoding, "delimiter": args.delimiter}
    try:
        stream = args.file.open("rb")
    except OSError as error:
        raise unreadable(args.file, error) from None
    with stream:
        batch = upload(stream, name=args.file.name, target=args.target, by=None, now=now, **given)
    choices = {
        "date_order": args.dates,
        "currency": args.currency,
        "zone": args.zone,
        "clear_blanks": args.clear_blanks,
        "key": _key(args),
    }
    mapping = {_field(name, args.target): column for name, column in args.map}
    if args.preset:
        batch, kept = _preset(args, batch)
        mapping = {**kept, **mapping}
    batch = choose(batch, by=None, now=now, mapping=mapping, choices={k: v for k, v in choices.items() if v})
    same = {
        "target": args.target,
        "created_by": None,
        "job": None,
        "mapping": batch.mapping,
        "choices": batch.choices,
    }
    stopped = ImportBatch.objects.filter(state="running", file__sha256=batch.file.sha256, **same).first()
    if stopped is None or args.dry_run:
        return batch
    from liuke.customers.imports.actions import discard

    discard(batch, by=None, now=now)
    print("· " + _("Going on with import %(n)d, which was stopped") % {"n": stopped.pk}, file=sys.stderr)
    return stopped


def _preset(args: argparse.Namespace, batch: ImportBatch) -> tuple[ImportBatch, dict[str, str | None]]:
    """The file read as the preset says, and its columns; what of it does not fit any more is told."""
    from django.utils import timezone

    from liuke.customers.imports.actions import discard
    from liuke.customers.models import ImportPreset
    from liuke.customers.presets.actions import use

    rows = ImportPreset.objects.filter(target=args.target)
    if (preset := rows.filter(name=args.preset).first()) is None:
        discard(batch, by=None, now=timezone.now())
        known = ", ".join(rows.values_list("name", flat=True)[:SHOWN])
        raise Problem(
            _("There is no preset “%(name)s” for such files.") % {"name": args.preset},
            _("Choose one of: %(known)s") % {"known": known} if known else _("There is none yet."),
        )
    batch, fit = use(preset, batch, by=None, now=timezone.now())
    told = {
        _("Fields of this preset that are no more: %(names)s. The rest is used."): fit.gone,
        _("Columns of this preset that the file does not have: %(names)s."): fit.lost,
    }
    for text, names in told.items():
        if names:
            print("· " + text % {"names": ", ".join(names)}, file=sys.stderr)
    return batch, dict(fit.mapping)


def _key(args: argparse.Namespace) -> str | None:
    from liuke.customers.fields.actions import imported_fields
    from liuke.customers.recognising.rules import keys_there_are, own_keys

    known = keys_there_are([one.name for one in own_keys(imported_fields())])
    if args.key and (args.key not in known or args.target != "customers"):
        told = _("%(key)s is nothing that customers can be recognised by.") % {"key": args.key}
        raise Problem(told, _("Choose one of: %(known)s") % {"known": ", ".join(known)})
    key: str | None = args.key
    return key


def _rejects(batch: ImportBatch, name: str) -> str | None:
    """A copy of the rejects under a name that a spreadsheet opens."""
    from liuke.customers.imports.actions import stage_folder
    from liuke.platform.files.actions import path_of

    if batch.rejects is None:
        return None
    target = stage_folder(batch).parent / f"{name}-{Path(batch.file.name).stem}-rejects.csv"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(path_of(batch.rejects), target)
    return str(target)


def _result(batch: ImportBatch, rejects: str | None, began: float) -> dict[str, Any]:
    counts = batch.counts
    first = {"batch": batch.pk} | {
        name: counts.get(name, 0) for name in ("rows", "created", "updated", "unchanged", "rejected")
    }
    rest = {name: count for name, count in counts.items() if name not in first}
    return {**first, "rejects": rejects, **rest, "seconds": round(time.monotonic() - began, 2)}


def _undo(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from liuke.customers.imports.actions import take_back, undo
    from liuke.customers.imports.models import ImportBatch

    began, bar = time.monotonic(), Bar()
    batch = ImportBatch.objects.filter(pk=args.batch).first()
    if batch is None:
        raise Problem(_("There is no import %(n)d.") % {"n": args.batch}, _latest_imports())
    _warn_of_orders(batch)
    undo(batch, by=None, now=timezone.now())
    try:
        batch = take_back(batch, now=timezone.now(), progress=bar)
    finally:
        bar.end()
    kept = {name: batch.counts.get(f"kept_{name}", 0) for name in ("customers", "products")}
    if args.json:
        print(
            json.dumps(
                {
                    "batch": batch.pk,
                    "state": batch.state,
                    "kept": kept,
                    "kept_file": _kept_file(batch),
                    "seconds": round(time.monotonic() - began, 2),
                }
            )
        )
    else:
        print(_("import %(n)d is undone") % {"n": batch.pk})
        if customers := kept["customers"]:
            told = ngettext(
                "%(n)d customer stays, because others have built on it",
                "%(n)d customers stay, because others have built on them",
                customers,
            )
            print(told % {"n": customers})
        if products := kept["products"]:
            told = ngettext(
                "%(n)d product stays, because others have built on it",
                "%(n)d products stay, because others have built on them",
                products,
            )
            print(told % {"n": products})
        if path := _kept_file(batch):
            print(_("what stayed, with the reason and what helps: %(path)s") % {"path": path})
    return 0


def _latest_imports() -> str:
    from django.utils import timezone

    from liuke.customers.imports.models import ImportBatch

    told = [
        f"{batch.pk}: {batch.file.name}, {timezone.localtime(batch.created_at):%Y-%m-%d %H:%M}"
        for batch in ImportBatch.objects.select_related("file").order_by("-pk")[:LATEST]
    ]
    return _("The latest are:") + "".join(f"\n  {one}" for one in told) if told else _("There is none yet.")


def _warn_of_orders(batch: ImportBatch) -> None:
    """Before: whoever has an order stays, and which import brought it."""
    from liuke.customers.undoing.actions import imports_that_hold

    held = imports_that_hold(batch.pk) if batch.target == "customers" and batch.state != "undoing" else {}
    for number, count in held.items():
        told = ngettext(
            "· Import %(other)d brought orders for %(n)d customer of this one, who stays: "
            "undo %(other)d first, then %(batch)d again",
            "· Import %(other)d brought orders for %(n)d customers of this one, who stay: "
            "undo %(other)d first, then %(batch)d again",
            count,
        )
        print(told % {"other": number, "n": count, "batch": batch.pk}, file=sys.stderr)


def _kept_file(batch: ImportBatch) -> str | None:
    from django.utils import translation

    from liuke.customers.fields.actions import imported_fields
    from liuke.customers.imports.actions import stage_folder
    from liuke.customers.undoing.rules import kept_lines

    if not batch.kept.exists():
        return None
    target = stage_folder(batch).parent / f"{batch.pk}-kept.csv"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("w", encoding="utf-8", newline="") as out:
        own = {one.name: one.label(translation.get_language() or "") for one in imported_fields()}
        out.writelines(kept_lines(batch.kept.select_related("customer"), own))
    return str(target)


def _refusal(refusal: Refused) -> Problem:
    from liuke.customers.reading.actions import as_dict

    return _told([as_dict(problem) for problem in refusal.problems])


def _told(problems: list[dict[str, Any]]) -> Problem:
    from liuke.customers.remarks.rules import remark

    told = [remark(problem) for problem in problems]
    helps = dict.fromkeys(_option(problem) or one.remedy for problem, one in zip(problems, told, strict=True))
    return Problem("\n".join(one.fault for one in told), "\n  ".join(filter(None, helps)))


def _option(problem: dict[str, Any]) -> str:
    """What helps on the command line, where the remedy speaks of choosing: the option, with the field's code."""
    code, field = problem["code"], problem.get("field") or ""
    if code == "column_missing":
        return _("Name the column: --map %(field)s=COLUMN, or add it to the file.") % {"field": field}
    if code == "date_order_unknown":
        return _("Say which comes first: --dates dmy (the day) or --dates mdy (the month).")
    if code == "currency_assumed":
        return _("If they are in another, name it, such as --currency USD.")
    if option := OPTIONS.get(code):
        return _("Say it with %(option)s.") % {"option": option}
    return ""


def _print(result: dict[str, Any], batch: ImportBatch, *, dry_run: bool) -> None:
    from liuke.customers.remarks.rules import remark

    if dry_run:
        told = _(
            "%(rows)d rows: %(created)d would be new, %(updated)d changed, %(unchanged)d as before, "
            "%(rejected)d left out (%(seconds)s s)"
        )
    else:
        told = _(
            "%(rows)d rows: %(created)d were new, %(updated)d changed, %(unchanged)d as before, "
            "%(rejected)d left out (%(seconds)s s)"
        )
    print(told % result)
    for problem in batch.problems[:SHOWN]:
        one = remark(problem)
        print(f"  {replace(one, remedy=_option(problem) or one.remedy).text}")
    if batch.target == "purchases" and result.get("customers_created"):
        _print_new_customers(result["customers_created"], dry_run=dry_run)
    if joined := result.get("joined"):
        said = ngettext(
            "%(n)d row has a further person of a customer above it",
            "%(n)d rows have further persons of customers above them",
            joined,
        )
        print(said % {"n": joined})
    if result["rejects"]:
        print(_("all rows to correct, with the reason: %(rejects)s") % result)
    if not dry_run and (result["created"] or result["updated"]):
        print(_("to take it all back: liuke undo %(batch)d") % result)


def _print_new_customers(count: int, *, dry_run: bool) -> None:
    """Of orders whose customer nobody knew: a slip in a number makes one, so it is said."""
    if dry_run:
        told = ngettext(
            "%(n)d customer who is not known yet would come with the orders",
            "%(n)d customers who are not known yet would come with the orders",
            count,
        )
    else:
        told = ngettext(
            "%(n)d customer who was not known came with the orders",
            "%(n)d customers who were not known came with the orders",
            count,
        )
    print(told % {"n": count})


class Bar:
    """A progress bar on a terminal; nothing anywhere else."""

    def __init__(self) -> None:
        self._drawn = 0.0
        self._shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int | None, note: str = "") -> None:
        if not self._shown or (time.monotonic() - self._drawn < 0.1 and done != total):
            return
        self._drawn = time.monotonic()
        share = min(1.0, done / total) if total else 0.0
        full = round(share * BAR)
        figures = f"{share:4.0%}" if total else f"{done}"
        print(
            f"\r\033[K{'█' * full}{'░' * (BAR - full)} {figures} {note}", end="", file=sys.stderr, flush=True
        )

    def end(self) -> None:
        if self._shown and self._drawn:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._drawn = 0.0
