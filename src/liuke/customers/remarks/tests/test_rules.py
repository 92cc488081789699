from __future__ import annotations

import string

import pytest
from django.utils import translation

from liuke import tabular
from liuke.customers.findings.rules import FIELDS
from liuke.customers.reading.rules import FIELDS as KNOWN_FIELDS
from liuke.customers.remarks.rules import OF_FILES, TEXTS, remark


def test_every_problem_of_a_file_has_words_and_they_are_tabulars_own() -> None:
    assert {code: (m.what, m.remedy) for code, m in tabular.CODES.items()} == dict(OF_FILES)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_every_word_is_translated_with_the_same_figures_in_it(language: str) -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    wrong = []
    with translation.override(language):
        for text in {t for pair in TEXTS.values() for t in pair if t} | set(FIELDS.values()):
            said = translation.gettext(text)
            if (
                (said == text and not said.isascii())
                or (said == text and text not in {"WhatsApp"})
                or names(said) != names(text)
            ):
                wrong.append(text)
    assert wrong == []


def test_every_field_that_a_column_can_go_into_has_a_name() -> None:
    assert {f.name for fields in KNOWN_FIELDS.values() for f in fields} <= set(FIELDS)


def test_a_remark_says_where_what_and_what_helps() -> None:
    problem = {
        "code": "date_impossible",
        "row": 7,
        "field": "InvoiceDate",
        "value": "2011-02-30",
        "params": {},
    }
    with translation.override("en"):
        said = remark(problem)
        assert (
            said.text
            == "row 7, “InvoiceDate”: There is no day “2011-02-30”. Correct the date; write it as 2025-01-31."
        )
        assert remark({**problem, "row": None}).place == "“InvoiceDate”"


def test_a_missing_figure_breaks_nothing() -> None:
    with translation.override("en"):
        assert (
            "?"
            in remark(
                {"code": "order_of_two_customers", "row": 2, "field": "x", "value": "b", "params": {}}
            ).what
        )


def test_rows_are_counted_up_as_the_language_does() -> None:
    problem = {"code": "name_cut", "params": {"rows": "3, 5", "count": 2}}
    told = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            told[language] = remark(problem).what
    assert "3, 5" in told["en"]
    assert "3、5" in told["zh-hans"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", ["amount_too_large", "quantity_too_large"])
def test_a_limit_is_told_where_the_column_was_read_as_a_whole(code: str, language: str) -> None:
    with translation.override(language):
        told = remark({"code": code, "row": 3, "field": "amount", "value": "1e99", "params": {}})
    assert "?" not in told.remedy
    assert "000,000" in told.remedy


def test_what_a_file_is_instead_of_a_table_is_told_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert "图片" in remark({"code": "unknown_format", "params": {"found": "a picture"}}).what
