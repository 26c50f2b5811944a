"""Own, known, stranger: what each one's mail may do, over the real pipeline, API and tables."""

from __future__ import annotations

import json
import random
import re

import pytest

from parley.mail.email import Verdicts
from tests.conftest import ROOT
from tests.rooms.conftest import open_stores
from tests.rooms.erasing import MEETINGS, eml, erasing_world, vtt

SARAH = "Sarah Chen <sarah.chen@company.com>"
KEN = "Ken Adler <ken@client.test>"
MALLORY = "Mallory Vane <mallory@elsewhere.test>"
SENDERS = {"own": SARAH, "known": KEN, "stranger": MALLORY}
BOARD, DAY = "board-7", "2026-03-10"
TALK = ("Sarah Chen: I will send the price list by Friday.", "Ken Adler: Fine, thank you.")


def invite(
    uid: str, *, sequence=0, at="180000", method="REQUEST", summary="Board review", people=(KEN,)
) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:202603030{sequence % 10}0000Z",
        f"DTSTART:20260310T{at}Z",
        "DURATION:PT30M",
        f"SUMMARY:{summary}",
        *(["STATUS:CANCELLED"] if method == "CANCEL" else []),
        "ORGANIZER;CN=Sarah Chen:mailto:sarah.chen@company.com",
        "ATTENDEE;CN=Sarah Chen:mailto:sarah.chen@company.com",
        *(f"ATTENDEE;CN={one.partition(' <')[0]}:mailto:{one.partition(' <')[2][:-1]}" for one in people),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(lines) + "\r\n"


def invitation(sender, uid=BOARD, *, subject="Board review", name="", **said):
    file = ("invite.ics", "text", "calendar", invite(uid, **said))
    return eml(sender, subject, "As agreed.", files=[file], message_id=f"<{name or uid}@mail.test>")


def transcript(sender, *, subject="Board review", name="talk", **headers):
    file = ("call.vtt", "text", "vtt", vtt(*TALK))
    return eml(sender, subject, "The recording.", files=[file], message_id=f"<{name}@mail.test>", **headers)


@pytest.fixture
async def world(stores):
    async with erasing_world(stores) as made:
        yield made


async def board(world) -> dict:
    """The meeting that Sarah's invite made, which names Ken."""
    _, page, _ = await world.api.call("GET", f"/meetings?ical_uid={BOARD}&trust=own")
    return page["items"][0]


async def free(world, day=DAY) -> list:
    asked = {"user_ids": ["user_1"], "date": day, "duration_minutes": 30}
    return (await world.api.call("POST", "/availability", json=asked))[1]["slots"]


# -- what the table of the docs says, done ----------------------------------------------------------


async def makes_a_meeting(world, sender) -> str:
    await world.deliver(invitation(sender, "new@x", name="new"))
    _, page, _ = await world.api.call("GET", "/meetings?ical_uid=new@x")
    (made,) = page["items"]
    return "apart" if made["trust"] == "stranger" else "yes"


async def moves_a_meeting(world, sender) -> str:
    before = await board(world)
    await world.deliver(invitation(sender, sequence=4, at="170000", name="moved"))
    after = await board(world)
    return "yes" if after["scheduled_time"] != before["scheduled_time"] else "no"


async def completes_a_meeting(world, sender) -> str:
    meeting = await board(world)
    await world.deliver(
        transcript(sender, in_reply_to=f"<{BOARD}@mail.test>", references=f"<{BOARD}@mail.test>")
    )
    status, insights, _ = await world.api.call("GET", f"/meetings/{meeting['id']}/insights")
    return "yes" if status == 200 and insights["insights"]["action_items"] else "no"


async def takes_time(world, sender) -> str:
    before = await free(world)
    await world.deliver(invitation(sender, "late@x", at="190000", name="late"))
    return "yes" if await free(world) != before else "no"


async def makes_contacts(world, sender) -> str:
    guest = "Gil Roth <gil@guest.test>"
    await world.deliver(invitation(sender, "guests@x", people=(KEN, guest), name="guests"))
    _, page, _ = await world.api.call("GET", "/contacts?email=gil@guest.test")
    return "yes" if page["items"] else "no"


async def joins_a_conversation(world, sender) -> str:
    thread = (await board(world))["thread_id"]
    answer = eml(
        sender, "Re: Board review", "See you.", message_id="<re@mail.test>", references=f"<{BOARD}@mail.test>"
    )
    await world.deliver(answer)
    _, page, _ = await world.api.call("GET", f"/messages?thread_id={thread}")
    return "yes" if any(m["text"].strip() == "See you." for m in page["items"]) else "no"


async def is_told_what_is_on_record(world, sender) -> str:
    await world.deliver(transcript(SARAH, name="first", in_reply_to=f"<{BOARD}@mail.test>"))
    await world.deliver(invitation(sender, "next@x", subject="Next steps", name="next", people=(KEN,)))
    said = world.sender.sent[-1][1].decode()
    return "yes" if "price list" in said else "no"


ACTS = {
    "makes a meeting": makes_a_meeting,
    "moves or cancels a meeting that stands": moves_a_meeting,
    "adds insights to a meeting that stands": completes_a_meeting,
    "takes time in a user's availability": takes_time,
    "makes contacts": makes_contacts,
    "joins a conversation": joins_a_conversation,
    "is told what is on record": is_told_what_is_on_record,
}


def table() -> dict[str, dict[str, str]]:
    text = (ROOT / "docs" / "promises.md").read_text()
    rows = re.search(r"\| what a mail does \|.*?\n\|[-| ]+\|\n((?:\|.*\n)+)", text)[1].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {name: dict(zip(("own", "known", "stranger"), said, strict=True)) for name, *said in cells}


def test_the_table_of_the_docs_is_the_one_that_is_tried():
    assert list(table()) == list(ACTS)


@pytest.mark.parametrize("degree", SENDERS)
@pytest.mark.parametrize("act", ACTS)
async def test_each_does_what_the_table_says(world, act, degree):
    await world.deliver(invitation(SARAH))
    assert await ACTS[act](world, SENDERS[degree]) == table()[act][degree]


# -- a stranger's mail changes nothing that the tenant's own read ------------------------------------


def mails(seed: int) -> list[tuple[bool, str, bytes]]:
    """A random sequence: (a stranger's, delivery, raw)."""
    chance = random.Random(seed)
    found = [(False, "d0", invitation(SARAH))]
    for number in range(1, 9):
        sender = chance.choice((SARAH, KEN, MALLORY, MALLORY))
        uid = chance.choice((BOARD, BOARD, "other@x"))
        subject = chance.choice(("Board review", "Re: Board review", "Pricing"))
        name = f"{seed}-{number}"
        chain = {"references": f"<{BOARD}@mail.test>"} if chance.random() < 0.5 else {}
        raw = chance.choice(
            (
                lambda: invitation(
                    sender,  # noqa: B023
                    uid,  # noqa: B023
                    sequence=number,  # noqa: B023
                    at=chance.choice(("170000", "190000")),
                    method=chance.choice(("REQUEST", "REQUEST", "CANCEL")),
                    name=name,  # noqa: B023
                ),
                lambda: transcript(sender, subject=subject, name=name, **chain),  # noqa: B023
                lambda: eml(sender, subject, "Thanks.", message_id=f"<{name}@mail.test>", **chain),  # noqa: B023
            )
        )()
        found.append((sender == MALLORY, f"d{number}", raw))
    return found


async def own_answers(world) -> str:
    """Everything that the tenant's own read and that no stranger wrote, as text without the times of writing."""
    call = world.api.call
    meetings = (await call("GET", "/meetings?trust=own"))[1]["items"]
    said: list[object] = [meetings, await free(world), await free(world, "2026-03-11")]
    for meeting in meetings:
        said += [(await call("GET", f"/meetings/{meeting['id']}{path}"))[:2] for path in ("", "/insights")]
        said.append((await call("POST", f"/meetings/{meeting['id']}/prepare", json={"user_id": "user_1"}))[1])
        said.append((await call("GET", f"/messages?thread_id={meeting['thread_id']}"))[1])
    said += [(await call("GET", path))[1] for path in ("/action-items?trust=own", "/contacts", "/users")]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return re.sub(r'"(created_at|updated_at|produced_at|at)": "[^"]*"', "", text)


@pytest.mark.parametrize("seed", range(6))
async def test_a_strangers_mail_changes_nothing_that_the_own_read(moto_url, seed):
    said = []
    for with_strangers in (True, False):
        async with open_stores(moto_url) as stores, erasing_world(stores) as world:
            for strangers, delivery, raw in mails(seed):
                if with_strangers or not strangers:
                    await world.deliver(raw, MEETINGS, delivery=delivery)
            said.append(await own_answers(world))
    assert said[0] == said[1]


async def test_a_strangers_meeting_is_adopted_by_an_own_person(world):
    await world.deliver(invitation(MALLORY, "new@x", name="new"))
    _, page, _ = await world.api.call("GET", "/meetings?trust=stranger")
    (meeting,) = page["items"]
    assert (meeting["status"], meeting["user_id"]) == ("tentative", None)
    path, before = f"/meetings/{meeting['id']}", await free(world)
    assert (await world.api.call("PATCH", path, json={"trust": "stranger"}))[0] == 422
    status, adopted, _ = await world.api.call("PATCH", path, json={"trust": "own", "status": "scheduled"})
    assert (status, adopted["trust"]) == (200, "own")
    assert await free(world) != before
    await world.deliver(invitation(MALLORY, "new@x", sequence=3, at="200000", name="again"))
    assert (await world.api.call("GET", path))[1]["trust"] == "own"


async def test_a_forged_sender_is_a_stranger(world):
    raw = invitation(SARAH, "forged@x", name="forged")
    await world.deliver(raw, verdicts=Verdicts(dmarc="FAIL"))
    _, page, _ = await world.api.call("GET", "/meetings?ical_uid=forged@x")
    assert page["items"][0]["trust"] == "stranger"
