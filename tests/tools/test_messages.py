"""tools/messages.py on a small tree of its own: what is written in code arrives in every language, or is named."""

from __future__ import annotations

import gettext
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
PAGE = """{% load i18n %}<h1>{% translate "Customers" %}</h1>
{% blocktranslate trimmed count n=total %}One customer is at risk{% plural %}{{ n }} customers are at risk{% endblocktranslate %}
{% if x %}<a title="{% translate 'Open' context 'verb' %}">{{ name }}</a>{% endif %}{% panel title=_("Why he's leaving") %}"""
CODE = """from django.utils.translation import gettext as _, ngettext, pgettext_lazy
label = pgettext_lazy("stage", "Lost")
text = _("%(name)s has left") % {"name": 1}
more = ngettext("%(n)d day", "%(n)d days", 3)
"""
CHINESE = {
    "Customers": "客户",
    "One customer is at risk": "%(n)s 位客户有流失风险",
    "verb|Open": "打开",
    "Why he's leaving": "为什么要走",
    "stage|Lost": "流失",
    "%(name)s has left": "%(name)s 已离职，账号停用",
    "%(n)d day": "%(n)d 天",
}


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    for name in ("messages", "catalogues", "bare"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    catalogues, module = import_module("catalogues"), import_module("messages")

    page = tmp_path / "customers" / "records" / "templates" / "customers" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, encoding="utf-8")
    (tmp_path / "customers" / "records" / "rules.py").write_text(CODE, encoding="utf-8")
    monkeypatch.setattr(catalogues, "SOURCE", tmp_path)
    monkeypatch.setattr(module, "SOURCE", tmp_path)
    return module


def translated(messages: ModuleType, tmp_path: Path, **changes: str) -> None:
    file = tmp_path / "zh.json"
    file.write_text(json.dumps(CHINESE | changes, ensure_ascii=False), encoding="utf-8")
    messages.extract()
    messages.fill(str(file))
    messages.derive()


def read(tmp_path: Path, language: str) -> gettext.GNUTranslations:
    with (tmp_path / "customers" / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        return gettext.GNUTranslations(stream)


def test_every_text_of_code_and_template_is_found(messages: ModuleType) -> None:
    assert set(messages.missing("customers")) == set(CHINESE)


def test_sc11_translated_derived_and_compiled_it_speaks_both_chineses(
    messages: ModuleType, tmp_path: Path
) -> None:
    translated(messages, tmp_path)
    assert messages.check() == []
    messages.compile_all()
    simplified, traditional = read(tmp_path, "zh_Hans"), read(tmp_path, "zh_Hant")
    assert simplified.gettext("%(name)s has left") == "%(name)s 已离职，账号停用"
    assert (
        traditional.gettext("%(name)s has left") == "%(name)s 已離職，帳號停用"
    )  # the glossary's 帳號, not 賬號
    assert simplified.ngettext("%(n)d day", "%(n)d days", 2) == "%(n)d 天"
    assert traditional.pgettext("verb", "Open") == "開啟"


def test_extracting_again_changes_nothing(messages: ModuleType, tmp_path: Path) -> None:
    translated(messages, tmp_path)
    file = tmp_path / "customers" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    before = file.read_bytes()
    messages.extract()
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Customers": ""}, "has no translation"),
        ({"%(name)s has left": "已离职"}, "placeholders differ"),
        ({"%(n)d day": "%(m)d 天"}, "placeholders differ"),
    ],
)
def test_what_is_missing_or_broken_is_named(
    messages: ModuleType, tmp_path: Path, changes: dict[str, str], problem: str
) -> None:
    translated(messages, tmp_path, **changes)
    assert any(problem in line for line in messages.check())


def test_a_text_that_left_the_code_is_named(messages: ModuleType, tmp_path: Path) -> None:
    translated(messages, tmp_path)
    (tmp_path / "customers" / "records" / "rules.py").write_text("", encoding="utf-8")
    assert any("in no code any more" in line for line in messages.check())


def test_traditional_written_by_hand_is_named(messages: ModuleType, tmp_path: Path) -> None:
    translated(messages, tmp_path)
    file = tmp_path / "customers" / "locale" / "zh_Hant" / "LC_MESSAGES" / "django.po"
    file.write_text(file.read_text("utf-8").replace("客戶", "顧客", 1), encoding="utf-8")
    assert any("change the glossary" in line for line in messages.check())


def test_one_text_with_two_translations_is_named(messages: ModuleType, tmp_path: Path) -> None:
    translated(messages, tmp_path)
    other = tmp_path / "workspace" / "card" / "templates" / "page.html"
    other.parent.mkdir(parents=True)
    other.write_text('{% load i18n %}{% translate "Customers" %}', encoding="utf-8")
    messages.extract()
    file = tmp_path / "workspace" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    file.write_text(
        file.read_text("utf-8").replace('msgid "Customers"\nmsgstr ""', 'msgid "Customers"\nmsgstr "顾客"'),
        "utf-8",
    )
    messages.derive()
    assert any("give it a context" in line for line in messages.check())


def test_of_two_entries_by_hand_the_translated_one_wins(messages: ModuleType, tmp_path: Path) -> None:
    translated(messages, tmp_path)
    file = tmp_path / "customers" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    file.write_text('msgid "Customers"\nmsgstr ""\n\n' + file.read_text("utf-8").split("\n\n", 1)[1], "utf-8")
    messages.extract()
    assert "Customers" not in messages.missing("customers")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>你好</p>", ["你好"]),
        ('<a title="Open it">{{ x }}</a>', ["Open it"]),
        ('<input type="submit" value="Send">', ["Send"]),
        ('{% load i18n %}<p>{% translate "Hello" %} · {{ n }} – 12 %</p>', []),
        ("{% blocktranslate %}Hello{% endblocktranslate %}", []),
        ('<a class="btn" href="/x/">{{ x }}</a>', []),
        ("<kbd>Ctrl</kbd><code>liuke score</code>", []),
        ('<div translate="no"><p>Amy</p><br>Bob</div><p>Bare</p>', ["Bare"]),
        ("<p>留客 Liuke · CSV</p>", []),
        ("{# a note #}{% comment %}Hello{% endcomment %}", []),
        ("{% block sheet_class %}problem{% endblock %}", []),
    ],
)
def test_words_that_no_translation_reaches_are_found(
    messages: ModuleType, template: str, words: list[str]
) -> None:
    assert [found for _, found in import_module("bare").words_of(template)] == words


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("吊销访问令牌", "撤銷存取權杖"),
        ("查看审计记录", "檢視稽核記錄"),
        ("管理后台任务的权限", "管理背景工作的權限"),
        ("跟随浏览器", "依瀏覽器設定"),
        ("请写币种代码", "請寫幣種代碼"),
        ("撤销导入", "復原匯入"),
    ],
)
def test_traditional_has_the_words_of_taiwan_and_hong_kong(
    messages: ModuleType, simplified: str, traditional: str
) -> None:
    assert messages.traditional(simplified, messages.glossary(), messages.Converter()) == traditional
