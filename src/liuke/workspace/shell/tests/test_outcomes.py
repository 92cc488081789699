"""What came of a contact: in the words of the channel chosen, and nothing preset."""

from __future__ import annotations

import re
from pathlib import Path

from liuke.customers.models import Fact
from liuke.customers.timeline.rules import CHANNELS, OUTCOMES, outcomes_of
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk
from liuke.workspace.shell.forms import outcome_choices

STYLES = Path(__file__).parents[3] / "platform/kit/static/kit/forms.css"


def test_each_channel_has_its_words_and_the_style_sheet_shows_them() -> None:
    told = dict(outcome_choices())
    styles = STYLES.read_text(encoding="utf-8")
    for channel in CHANNELS:
        assert f'[value="{channel}"]:checked) [data-by~="{channel}"]' in styles
        for code in OUTCOMES:
            spans = re.findall(r'data-by="([^"]*)">([^<]*)<', told[code])
            shown = [text for channels, text in spans if channel in channels.split()] or [told[code]]
            assert shown == [str(outcomes_of(channel)[code])]


def test_nothing_is_saved_as_said_that_nobody_chose(desk: Desk, add: Add, alice: User) -> None:
    shop = add(alice, "Harbour Gifts")
    where = f"/customers/{shop.pk}/contacts-log/"
    form = desk(alice).get(where).content.decode()
    assert not re.search(r'name="outcome"[^>]*checked', form)
    answer = desk(alice).post(where, {"channel": "email", "direction": "out", "note": "Sent the list"})
    assert answer.status_code == 422
    assert "Sent the list" in answer.content.decode()
    assert not Fact.objects.filter(customer=shop, kind="contacted").exists()
