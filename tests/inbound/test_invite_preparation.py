"""An invite that is answered prepares for its meeting; what a model wrote of it is paid for once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.outcome import Outcome
from parley.errors import LLMAPIError, RetryableError
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMReply
from parley.mail.mailbox import Mode
from parley.preparation.preparer import Preparer
from tests.inbound.test_invite import ics, invitation
from tests.inbound.test_pipeline import MAILBOX, World

BRIEF = {
    "name": "Bo Lind",
    "role": "Head of Operations",
    "company": "Customer Ltd",
    "title": "Pilot call",
    "when": "2026-03-03 09:00",
    "past": [
        {
            "title": "Kick-off - https://zoom.us/j/91234567890?pwd=Hidden1",
            "day": "2026-02-10",
            "summary": "Bo liked the plan. Passcode: 778899",
            "mood": "positive",
            "topics": ["Scanners"],
            "risks": [],
        }
    ],
    "pending": [
        {
            "text": "Send the plan",
            "owner": "Sarah",
            "due_date": "2026-02-20",
            "title": "Kick-off",
            "day": "2026-02-10",
        }
    ],
    "held": 1,
}
SECRETS = ("zoom.us", "91234567890", "Hidden1", "778899", "445566")
AHEAD = ics(start="20991103T090000Z", end="20991103T100000Z", summary="Pilot call (Passcode: 445566)")


class Model:
    def __init__(self, *, down=False, answer=None):
        self.asked, self.down = [], down
        self.answer = answer or {
            "contact_summary": "Bo Lind runs operations. Join at https://zoom.us/j/91234567890?pwd=Hidden1",
            "recent_interactions": "You met once.",
            "suggested_topics": ["Scanners", "Passcode: 778899 for the call", "The plan", "Next steps"],
        }

    async def complete(self, request, *, timeout):  # noqa: ASYNC109  # `Provider` names it so
        self.asked.append(request)
        if self.down:
            raise LLMAPIError("down")
        return LLMReply(self.answer, 1_000, 100)


async def no_nap(seconds):
    pass


def world(model=None, *, fallback=True, brief=BRIEF, **mailbox):
    made = World(replace(MAILBOX, **mailbox))
    made.backend.brief = brief
    made.backend.users = {"sarah@acme.test"}
    if model is not None:
        preparer = Preparer(Gateway(model, price=Price(2, 8), sleep=no_nap), fallback=fallback)
        made.pipeline = replace(made.pipeline, preparer=lambda: preparer)
    return made


def replied(made):
    [(_, raw)] = made.sender.sent
    return raw.decode().replace("=\r\n", "").replace("=\n", "")


async def test_the_answer_has_what_is_on_record_and_what_is_still_owed():
    made = world()
    [report] = await made.deliver(invitation(AHEAD))
    assert report.outcome is Outcome.PROCESSED
    reply = replied(made)
    assert "Bo Lind is Head of Operations at Customer Ltd." in reply
    assert "Send the plan (Sarah, due 2026-02-20; promised in Kick-off, 2026-02-10)" in reply
    assert not [secret for secret in SECRETS if secret in reply]


async def test_what_a_model_writes_is_shown_without_what_it_copied():
    model = Model()
    made = world(model)
    await made.deliver(invitation(AHEAD))
    reply = replied(made)
    assert "Bo Lind runs operations." in reply
    assert not [secret for secret in SECRETS if secret in reply]
    # Nor was it told.
    assert not [secret for secret in SECRETS if secret in model.asked[0].user]
    [email] = made.backend.of("email")
    assert (email["usage"]["llm_calls"], email["usage"]["cost_usd"]) == (1, pytest.approx(0.0028))


async def test_the_meeting_is_stored_before_it_is_prepared_for():
    made = world()
    asked = []
    get_brief = made.backend.get_brief

    async def watching(tenant, meeting_id):
        asked.append([kind for kind, *_ in made.backend.puts])
        return await get_brief(tenant, meeting_id)

    made.backend.get_brief = watching
    await made.deliver(invitation(AHEAD))
    assert {"meeting", "contact"} <= set(asked[0])


async def test_a_redelivery_reads_the_model_s_answer_back():
    model = Model()
    made = world(model)
    made.backend.refuse = {"message"}
    with pytest.raises(RetryableError):
        await made.deliver(invitation(AHEAD))
    made.backend.refuse = set()
    made.clock.forward(3600)
    await made.deliver(invitation(AHEAD), fresh=False)
    assert len(model.asked) == 1
    assert "Bo Lind runs operations." in replied(made)


async def test_a_model_that_fails_leaves_the_rules_preparation_or_none():
    made = world(Model(down=True))
    await made.deliver(invitation(AHEAD))
    assert "Bo Lind is Head of Operations" in replied(made)
    made = world(Model(down=True), fallback=False)
    [report] = await made.deliver(invitation(AHEAD))
    assert report.outcome is Outcome.PROCESSED
    assert "BEFORE YOU MEET" not in replied(made)


@pytest.mark.parametrize(
    ("calendar", "mailbox", "brief"),
    [
        (AHEAD, {}, None),  # an internal meeting
        (AHEAD, {"mode": Mode.SILENT}, BRIEF),
        (ics(start="20200303T090000Z", end="20200303T100000Z"), {}, BRIEF),  # over
        (ics(method="CANCEL", start="20991103T090000Z", end="20991103T100000Z"), {}, BRIEF),
    ],
    ids=["internal", "silent", "over", "cancelled"],
)
async def test_where_there_is_nothing_to_prepare_for_no_model_is_asked(calendar, mailbox, brief):
    model = Model()
    made = world(model, brief=brief, **mailbox)
    [report] = await made.deliver(invitation(calendar))
    assert report.outcome is Outcome.PROCESSED
    assert model.asked == []
    assert made.backend.of("meeting")


async def test_a_stranger_is_told_nothing_of_what_is_on_record():
    model = Model()
    made = world(model, members=("*",))
    made.backend.users = set()
    [report] = await made.deliver(invitation(AHEAD))
    assert report.outcome is Outcome.PROCESSED
    assert model.asked == []
    reply = replied(made)
    assert "Noted: Pilot call" in reply
    assert "Bo Lind is" not in reply
    assert "STILL OPEN" not in reply


async def test_a_member_by_name_is_prepared_though_no_user():
    made = world(members=("@acme.test",))
    made.backend.users = set()
    await made.deliver(invitation(AHEAD))
    assert "Bo Lind is Head of Operations" in replied(made)


async def test_the_ceiling_of_an_email_holds_for_its_preparation():
    model = Model()
    made = world(model, cost_ceiling_micro_usd=1)
    await made.deliver(invitation(AHEAD))
    assert model.asked == []
    assert "Bo Lind is Head of Operations" in replied(made)


async def test_of_several_meetings_the_next_is_prepared_for_and_named():
    made = world()
    later = ics("u2", start="20991210T090000Z", end="20991210T100000Z", summary="Later (PIN: 44556677)")
    sooner = ics("u3", start="20991209T090000Z", end="20991209T100000Z", summary="Sooner (PIN: 44556677)")
    gone = ics("u4", start="20200101T090000Z", end="20200101T100000Z", summary="Over")
    both = later.replace("END:VCALENDAR\r\n", "") + "".join(
        part[part.index("BEGIN:VEVENT") :].replace("END:VCALENDAR\r\n", "") for part in (sooner, gone)
    )
    await made.deliver(invitation(both + "END:VCALENDAR\r\n"))
    reply = replied(made)
    assert "BEFORE YOU MEET: Sooner\n" in reply.replace("\r\n", "\n")
    assert "Before you meet: Sooner" in reply
    assert "44556677" not in reply


async def test_rooms_among_the_people_and_what_was_not_understood_let_nobody_in():
    made = world()
    room = 'ATTENDEE;CN="Zoom https://zoom.us/j/91234567890 Passcode 445566":mailto:room-1@acme.test'
    sip = "ATTENDEE:mailto:91234567890.445566@zoomcrc.com"
    bad = AHEAD.replace("DTSTART:20991103T090000Z", "DTSTART:soon https://zoom.us/j/91234567890")
    await made.deliver(invitation(bad.replace("END:VEVENT", f"{room}\r\n{sip}\r\nEND:VEVENT")))
    reply = replied(made)
    assert "Not understood" in reply
    assert "room-1@acme.test" in reply
    assert not [secret for secret in SECRETS if secret in reply]


async def test_an_invite_that_a_later_one_has_overtaken_says_so():
    made = world(brief=BRIEF | {"when": "2099-11-04 15:00"})
    await made.deliver(invitation(AHEAD))
    assert "This is not the latest word: on record, Pilot call is at 2099-11-04 15:00." in replied(made)
    made = world(brief=BRIEF | {"when": "2099-11-03 09:00"})
    await made.deliver(invitation(AHEAD))
    assert "latest word" not in replied(made)
