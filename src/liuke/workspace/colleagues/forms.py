from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.models import scopes
from liuke.platform.access.rules import MASKS, RIGHT_GROUPS
from liuke.platform.kit.templatetags.badges import role_name
from liuke.platform.models import Role, Team, User
from liuke.platform.users.actions import may_give
from liuke.platform.users.rules import NAME_LENGTH

if TYPE_CHECKING:
    RoleField = forms.ModelChoiceField[Role]
    TeamField = forms.ModelChoiceField[Team]
else:
    RoleField = TeamField = forms.ModelChoiceField


class RoleChoice(RoleField):
    def label_from_instance(self, obj: Any) -> str:
        return role_name(obj)


class TeamChoice(TeamField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * obj.depth}{obj.name}"


class Refusable(forms.Form):
    def refuse(self, error: ValidationError) -> None:
        """Shows what the action found wrong at the field it is about, as far as the form has it."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class ColleagueForm(Refusable):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = RoleChoice(label=_("Role"), queryset=Role.objects.none(), empty_label=_("Choose…"))
    team = TeamChoice(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("(no team)")
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [role.pk for role in Role.objects.all() if may_give(by, role)]
        self._choices("role", Role.objects.filter(pk__in=given))
        self._choices("team", Team.objects.reached_by(by))

    def _choices(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        field.queryset = rows


class NewColleagueForm(ColleagueForm):
    field_order = ("username", "name", "email", "role", "team", "language")

    username = forms.CharField(
        label=_("User name"),
        max_length=NAME_LENGTH,
        help_text=_("For signing in. Letters, digits and . _ - @ +; it stays the same for good."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("the browser's")), *settings.LANGUAGES]
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class TeamForm(Refusable):
    name = forms.CharField(label=_("Name"), max_length=80)
    parent = TeamChoice(
        label=_("Below"), queryset=Team.objects.none(), required=False, empty_label=_("(at the top)")
    )

    def __init__(self, *args: Any, by: User, team: Team | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        near = Team.objects.reached_by(by)
        if team:
            stays = Q(pk=team.parent_id) if team.parent_id else Q()
            near = Team.objects.filter(Q(pk__in=near.exclude(path__startswith=team.path)) | stays)
        field.queryset = near


class RoleForm(Refusable):
    name = forms.CharField(label=pgettext_lazy("of a role", "Name"), max_length=80)
    read_scope = forms.ChoiceField(label=_("May see"), choices=scopes, widget=forms.RadioSelect)
    write_scope = forms.ChoiceField(label=_("May change"), choices=scopes, widget=forms.RadioSelect)
    masked = forms.MultipleChoiceField(
        label=_("Hidden of others' customers"),
        required=False,
        choices=lambda: [(code, _(name)) for code, name in MASKS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Seen by hints only, found by no search and in no export; in full once, for a reason that is kept."
        ),
    )
    rights = forms.MultipleChoiceField(label=_("Rights"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = set(by.role.rights)  # nobody hands out what he does not have himself
        self.offered = [
            (gettext(group), [(right.value, gettext(name)) for right, name in rights.items() if right in own])
            for group, rights in RIGHT_GROUPS
        ]
        field = self.fields["rights"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = self.offered

    def grouped(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The rights as the page shows them: group, then (value, name, ticked)."""
        ticked = set(self["rights"].value() or [])
        return [
            (group, [(value, name, value in ticked) for value, name in rights])
            for group, rights in self.offered
            if rights
        ]
