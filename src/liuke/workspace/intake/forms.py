from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from liuke.customers.imports.models import targets
from liuke.customers.models import ImportBatch, ImportPreset
from liuke.customers.presets.actions import made_from_same, presets_for
from liuke.customers.presets.rules import NAME_LIMIT
from liuke.tabular.files.encodings import CODECS
from liuke.workspace.intake.rules import (
    DELIMITERS,
    currency_choices,
    encoding_name,
    key_choices,
    missing_fields,
    places,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ENDINGS = ".csv,.tsv,.txt,.xlsx,.xls,.xlsb,.ods,.parquet,.jsonl,.ndjson,.json,.gz"
HEADERS = 20
FOUND = "found"
EXTRA = ("key", "currency", "date_order", "clear_blanks")


def targets_or_found() -> list[tuple[str, StrOrPromise]]:
    return [(FOUND, _("detect automatically")), *targets()]


class UploadForm(forms.Form):
    target = forms.ChoiceField(
        label=_("What is in the file?"), choices=targets_or_found, initial=FOUND, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV, Excel, Parquet or JSON lines. Drop it here or choose it."),
        widget=forms.ClearableFileInput(attrs={"accept": ENDINGS, "class": "drop"}),
        allow_empty_file=True,  # told in words of our own
    )

    @property
    def wanted(self) -> str:
        """Nothing when the file is to say it itself."""
        chosen: str = self.cleaned_data["target"]
        return "" if chosen == FOUND else chosen


class ReadingForm(forms.Form):
    """What is in the file and how it is read; only what there is to choose for its kind and its reader."""

    target = forms.ChoiceField(label=_("What is in the file?"), required=False)
    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=_("Between columns"), required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header_row = forms.TypedChoiceField(
        label=_("Names of columns in row"), coerce=int, required=False, empty_value=None
    )

    def __init__(self, data: Any = None, *, batch: ImportBatch, allowed: Collection[str]) -> None:
        options = batch.reading["options"]
        super().__init__(data, initial={**options, "target": batch.target})
        self._offer("target", [one for one in targets() if one[0] in allowed], wanted=len(allowed) > 1)
        is_text, is_delimited = options["format"] in {"csv", "jsonl"}, options["format"] == "csv"
        self._offer("encoding", [(name, encoding_name(name)) for name in CODECS], wanted=is_text)
        self._offer(
            "delimiter", [(mark, gettext(name)) for mark, name in DELIMITERS.items()], wanted=is_delimited
        )
        self._offer(
            "sheet",
            [(name, name) for name in batch.reading["sheets"]],
            wanted=len(batch.reading["sheets"]) > 1,
        )
        rows = [
            ("0", gettext("none: the first row holds data")),
            *((str(n), str(n)) for n in range(1, HEADERS + 1)),
        ]
        self._offer("header_row", rows, wanted=options["format"] not in {"parquet", "jsonl"})

    def _offer(self, name: str, choices: Sequence[tuple[str, StrOrPromise]], *, wanted: bool) -> None:
        if wanted:
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, as written above
        else:
            del self.fields[name]


class ColumnsForm(forms.Form):
    """Which column goes into which field, and what can't be seen from the file."""

    key = forms.ChoiceField(
        label=_("Who is here already is recognised by"),
        required=False,
        help_text=_("A row that fits several customers is left out."),
    )
    currency = forms.ChoiceField(label=_("Currency of rows that name none"), required=False)
    date_order = forms.ChoiceField(label=_("Dates such as 3/4/2026"), required=False)
    clear_blanks = forms.BooleanField(
        label=_("A blank cell empties the field"),
        required=False,
        help_text=_("Otherwise what is known stays as it is."),
    )
    remember = forms.BooleanField(
        label=_("Remember for files like this"),
        required=False,
        help_text=_(
            "Columns and options are kept as a preset, and offered when a file with the same columns comes."
        ),
    )
    remember_as = forms.CharField(label=_("Name of the preset"), required=False, max_length=NAME_LIMIT)

    def __init__(
        self, data: Any = None, *, batch: ImportBatch, currency: str, masked: Collection[str] = ()
    ) -> None:
        self.batch, self.presets = batch, presets_for(batch)
        self.applied = next((one for one in self.presets if one.pk == batch.choices.get("preset")), None)
        called = self.applied.name if self.applied else Path(batch.file.name).stem[:NAME_LIMIT]
        super().__init__(data, initial={"currency": currency, **batch.choices, "remember_as": called})
        columns = batch.reading["options"]["columns"]
        choices = [("", gettext("no column")), *((name, name) for name in columns)]
        self.places = places(batch)
        for place in self.places:
            self.fields[f"map-{place.name}"] = forms.ChoiceField(
                label=place.label, choices=choices, required=False, initial=place.column
            )
        self._mark_missing(batch)
        if batch.target == "customers":
            del self.fields["currency"], self.fields["date_order"]
            self.fields["key"].choices = key_choices(masked)  # type: ignore[attr-defined]
        else:
            del self.fields["clear_blanks"], self.fields["key"]
            self.fields["currency"].choices = currency_choices(currency)  # type: ignore[attr-defined]
            self.fields["date_order"].choices = [  # type: ignore[attr-defined]
                ("", gettext("detect automatically")),
                ("dmy", gettext("day first: 3 April")),
                ("mdy", gettext("month first: March 4")),
            ]

    def _mark_missing(self, batch: ImportBatch) -> None:
        """Fields that need a column and have none are marked from the beginning, and the first has the focus."""
        self._missing = [name for name in missing_fields(batch) if f"map-{name}" in self.fields]
        for place, name in enumerate(self._missing):
            attrs = self.fields[f"map-{name}"].widget.attrs
            attrs |= {"aria-invalid": "true", "aria-describedby": f"id_map-{name}_error"}
            attrs |= {} if place else {"autofocus": True}

    @property
    def offered(self) -> ImportPreset | None:
        """The latest that was made from the same headings."""
        return next((one for one in self.presets if made_from_same(one, self.batch)), None)

    @property
    def others(self) -> list[ImportPreset]:
        """Those that are neither offered nor used: to be chosen by hand."""
        told = {one.pk for one in (self.applied or self.offered,) if one}
        return [one for one in self.presets if one.pk not in told]

    @property
    def preset(self) -> str | None:
        """The name to keep the columns under, where they are to be kept."""
        if not self.cleaned_data["remember"]:
            return None
        return self.cleaned_data["remember_as"] or str(self["remember_as"].initial)

    @property
    def missing(self) -> list[forms.BoundField]:
        return [self[f"map-{name}"] for name in self._missing]

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(place, self[f"map-{place.name}"]) for place in self.places]

    @property
    def extra(self) -> list[forms.BoundField]:
        return [self[name] for name in EXTRA if name in self.fields]

    @property
    def mapping(self) -> dict[str, str | None]:
        return {place.name: self.cleaned_data[f"map-{place.name}"] or None for place in self.places}

    @property
    def choices(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EXTRA if name in self.fields}
