"""An order by hand: its head, and lines of which empty ones are passed over; what is taken back of an order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.catalog.products.rules import LONGEST_CODE, NewProduct
from liuke.customers.purchases.models import kinds
from liuke.customers.purchases.rules import TAKING_BACK, NewLine
from liuke.customers.records.rules import Unfit, gettext_noop
from liuke.platform.kit.rules import minor_digits
from liuke.workspace.orders import actions
from liuke.workspace.orders.rules import Left, Part, everything, figure, line_amount, minor, part
from liuke.workspace.shell.forms import day_field

if TYPE_CHECKING:
    LineSetBase = forms.BaseFormSet["LineForm"]
else:
    LineSetBase = forms.BaseFormSet

ROWS, MOST_ROWS = 6, 60


class OrderForm(forms.Form):
    on = day_field(_("Date"), initial=timezone.localdate)
    currency = forms.ChoiceField(label=_("Currency"))
    channel = forms.CharField(label=pgettext_lazy("of an order", "Channel"), max_length=40, required=False)
    number = forms.CharField(
        label=_("Order number"), max_length=60, required=False, help_text=_("Empty: the next free one.")
    )

    def __init__(self, *args: Any, currencies: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """What was sold, how many, at which price. A product that is not known yet is added when its box is ticked."""

    product = forms.CharField(label=_("Product"), max_length=200, required=False)
    quantity = forms.CharField(label=_("Quantity"), max_length=20, required=False)
    price = forms.CharField(label=_("Unit price"), max_length=20, required=False)
    is_new = forms.BooleanField(label=_("New product"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs |= {"aria-label": field.label} | (
                {"list": "products", "autocomplete": "off"} if name == "product" else {}
            )
            if name in {"quantity", "price"}:
                field.widget.attrs |= {"inputmode": "decimal", "class": "figure"}

    def line(self, currency: str) -> NewLine | None:
        """The line, or None for an empty row; what is wrong is told at its field."""
        data = self.cleaned_data
        text = " ".join(data.get("product", "").split())
        if not text and not data.get("quantity") and not data.get("price"):
            return None
        try:
            if not text:
                raise Unfit("product", gettext_noop("Please say which product."))
            digits = minor_digits(currency)
            quantity = (
                figure(data["quantity"], field="quantity", decimals=3) if data["quantity"] else Decimal(1)
            )
            if quantity <= 0:
                raise Unfit("quantity", gettext_noop("Please give more than nothing."))
            if not data["price"]:
                raise Unfit("price", gettext_noop("Please give the price of one."))
            price = figure(data["price"], field="price", decimals=digits)
            return NewLine(line_amount(price, quantity, digits), minor(quantity, 3), self._product(text))
        except Unfit as error:
            self.add_error(error.field, ValidationError(error.text))
            return None

    def _product(self, text: str) -> NewProduct:
        if known := actions.product_of(text):
            return NewProduct(known.code, known.name, known.kind)
        if not self.cleaned_data["is_new"]:
            raise Unfit(
                "product",
                gettext_noop("There is no product of this code or name. If it is new, tick the box."),
            )
        return NewProduct(text[:LONGEST_CODE], text)


class Lines(LineSetBase):
    def lines(self, currency: str) -> list[NewLine]:
        return [line for form in self.forms if (line := form.line(currency)) is not None]


LineSet = forms.formset_factory(
    LineForm, formset=Lines, extra=ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
)


def lines_of(posted: Any = None, **more: Any) -> Lines:
    return cast(Lines, LineSet(posted, prefix="line", **more))


class ReturnForm(forms.Form):
    """For each product of the order how many come back and how much is given back for them."""

    kind = forms.ChoiceField(label=_("What happened"), widget=forms.RadioSelect, initial="refund")
    on = day_field(_("Date"), initial=timezone.localdate)
    whole = forms.BooleanField(label=_("All that is left of the order"), required=False)

    def __init__(self, *args: Any, left: Sequence[Left], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left, self.digits = left, minor_digits(currency)
        self.fields["kind"].choices = [one for one in kinds() if one[0] in TAKING_BACK]  # type: ignore[attr-defined]
        for place, one in enumerate(left):
            for name, label in (("quantity", gettext("Quantity")), ("amount", gettext("Amount"))):
                attrs = {
                    "inputmode": "decimal",
                    "class": "figure",
                    "aria-label": f"{one.name or one.code}: {label}",
                }
                box = forms.TextInput(attrs=attrs)
                self.fields[f"{name}{place}"] = forms.CharField(
                    label=label, max_length=20, required=False, widget=box
                )

    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("kind", "on", "whole")]

    def rows(self) -> list[tuple[Left, forms.BoundField, forms.BoundField]]:
        return [
            (one, self[f"quantity{place}"], self[f"amount{place}"]) for place, one in enumerate(self.left)
        ]

    def parts(self, left: Sequence[Left]) -> list[Part]:
        """What was typed, held against what is `left` now; raises Unfit that names the box."""
        if self.cleaned_data["whole"]:
            return everything(left)
        now_left = {one.product_id: one for one in left}
        found = []
        for place, shown in enumerate(self.left):
            typed = [self.cleaned_data[f"{name}{place}"] for name in ("quantity", "amount")]
            if not any(typed):
                continue
            try:
                quantity = figure(typed[0], field="quantity", decimals=3) if typed[0] else None
                amount = figure(typed[1], field="amount", decimals=self.digits) if typed[1] else None
                one = now_left.get(shown.product_id)
                if one is None:
                    raise Unfit(
                        "quantity", gettext_noop("Nothing of this is left: somebody has taken it back.")
                    )
                chosen = part(one, quantity, None if amount is None else minor(amount, self.digits))
            except Unfit as error:
                raise Unfit(f"{error.field}{place}", error.message, **error.params) from error
            if chosen:
                found.append(chosen)
        return found
