"""The parts of the documents that are drawn from the code are the code's; `make docs` draws them again."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest

from docs.generated import ALARM, PARTS, rewritten
from docs.picture import PICTURE, SAMPLE, source_of, with_source
from parley.mail.mailbox import Mailbox, Purpose
from tests.inbound.test_pipeline import World
from tests.support import DEMO

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_as_the_code_draws_it(page):
    assert page.read_text() == rewritten(page.read_text()), "say make docs"


def test_every_part_stands_on_a_page():
    text = "".join(page.read_text() for page in PAGES)
    assert set(re.findall(r"<!-- (\w+): generated -->", text)) == set(PARTS)


def test_every_alarm_is_listed():
    template = (ROOT / "template.yaml").read_text()
    assert len(ALARM.findall(template)) == template.count("Type: AWS::CloudWatch::Alarm")


async def test_the_picture_shows_the_answer_of_today():
    box = Mailbox(
        "meetings@parley.local",
        DEMO,
        Purpose.MEETINGS,
        members=("*",),
        require_auth=False,
        answer_unauthenticated=True,
    )
    world = World(box)
    await world.deliver(SAMPLE.read_bytes(), to=(box.address,))
    ((_, raw),) = world.sender.sent
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("html",))
    assert source_of(PICTURE.read_bytes()).splitlines() == body.get_content().splitlines(), "say make docs"


def test_a_picture_keeps_what_it_was_drawn_from():
    png = PICTURE.read_bytes()
    end = png.rindex(b"IEND") - 4
    again = with_source(png[: png.index(b"zTXt") - 4] + png[end:], "<p>übung</p>")
    assert source_of(again) == "<p>übung</p>"
    with pytest.raises(ValueError, match="does not say"):
        source_of(png[: png.index(b"zTXt") - 4] + png[end:])
