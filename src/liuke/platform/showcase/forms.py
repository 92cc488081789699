from __future__ import annotations

from django import forms


class SampleForm(forms.Form):
    """A field of every sort that the product's forms have."""

    name = forms.CharField(label="客户名称", help_text="与营业执照上的一致，便于查重。", max_length=120)
    city = forms.CharField(label="城市", required=False)
    kind = forms.ChoiceField(label="性质", choices=[("enterprise", "企业"), ("individual", "个人")])
    next_on = forms.DateField(
        label="下次联系", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    channel = forms.ChoiceField(
        label="方式",
        choices=[("phone", "电话"), ("visit", "拜访"), ("wechat", "微信"), ("email", "邮件")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="说了什么", required=False, widget=forms.Textarea)
    notify = forms.BooleanField(label="告诉负责人", required=False)
