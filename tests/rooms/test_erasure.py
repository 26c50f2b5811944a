"""After an erasure a search finds nothing, nothing comes back, and nobody else lost anything."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from parley.bootstrap.app import ROOMS
from parley.conversations.message_ids import message_key
from parley.core.clock import Deadline, iso
from parley.core.ids import digest
from parley.core.outcome import Outcome
from parley.errors import RetryableError
from parley.inbound.email_ledger import email_run
from parley.privacy.service import ErasureConfig, ErasureService
from parley.store.blobs import fingerprint
from parley.store.records import Records
from tests.rooms.erasing import ANN, BO, MEETINGS, NAME, RIVALS, ZOFIA, eml, erasing_world, invitation, vtt

OWN_SUBJECT = "Quarzite renewal terms"
OWN_WORDS = "The heron file stays between us"
OWN_ID = "<own-mail@client.example>"
PERSON = (ZOFIA, NAME, "Kwiatkowska", "Zofia")


@pytest.fixture
async def world(stores):
    async with erasing_world(stores) as made:
        yield made


def own_mail(**more) -> bytes:
    talk = vtt(
        f"{NAME}: I will send the heron price list to Ann by Friday.",
        "Ann Berg: Great, we decided to renew Quarzite in May.",
    )
    file = ("call.vtt", "text", "vtt", talk)
    more = {"message_id": OWN_ID, **more}
    return eml(f"{NAME} <{ZOFIA}>", OWN_SUBJECT, OWN_WORDS, files=[file], **more)


def others_mail(**more) -> bytes:
    """A mail of Ann's about a call in which Zofia spoke and took a task."""
    talk = vtt(
        f"{NAME}: I will draft the migration plan by Monday.",
        "Bo Lind: I will book the lab for the pilot on Tuesday.",
        "Ann Berg: We decided to start the pilot in May, as Zofia asked.",
    )
    file = ("pilot.vtt", "text", "vtt", talk)
    body = f"Please see the pilot call. {NAME} ({ZOFIA}) joined as well."
    more = {"Cc": f"{NAME} <{ZOFIA}>, Bo Lind <{BO}>", **more}
    return eml(f"Ann Berg <{ANN}>", "Pilot call", body, files=[file], **more)


def unrelated_mail(**more) -> bytes:
    talk = vtt("Bo Lind: I will order the sensors by Friday.", "Ann Berg: We decided to use the blue ones.")
    return eml(f"Bo Lind <{BO}>", "Sensors", "See the file.", files=[("s.vtt", "text", "vtt", talk)], **more)


def invite_mail(organizer: str, *attendees: str, uid="u-1", summary="Pilot review", sequence=0) -> bytes:
    text = invitation(uid, summary, organizer, *attendees, sequence=sequence)
    return eml(organizer, summary, "You are invited.", files=[("i.ics", "text", "calendar", text)])


def _own_meeting(run_id: str) -> str:
    return f"meeting_{digest(run_id, 'meeting')[:24]}"


async def test_after_erasing_a_person_a_search_finds_nothing(world):
    await world.deliver(own_mail(), sender=ZOFIA)
    await world.deliver(others_mail(), sender=ANN)
    everybody = (f"{NAME} <{ZOFIA}>", f"Bo Lind <{BO}>")
    await world.deliver(invite_mail(f"Ann Berg <{ANN}>", *everybody), sender=ANN)
    theirs = invite_mail(f"{NAME} <{ZOFIA}>", f"Bo Lind <{BO}>", uid="u-2", summary="Heron lunch")
    await world.deliver(theirs, sender=ZOFIA)
    assert len(world.sender.sent) == 4
    assert await world.where(*PERSON, OWN_SUBJECT, OWN_WORDS, "own-mail@client", "heron")

    certificate = await world.erase(address=ZOFIA)
    assert certificate["complete"] is True, certificate
    assert certificate["left"] == []
    assert await world.where(*PERSON, OWN_SUBJECT, OWN_WORDS, "own-mail@client", "heron") == []
    removed = certificate["removed"]
    assert removed["raw"] == 4
    assert removed["replies"] == 4
    assert removed["emails"] == 2
    assert removed["messages"] == 4
    assert removed["insights"] == 1
    assert removed["contacts"] == 1
    assert removed["meetings"] == 2  # of her call, and of her own invite
    assert await world.where(fingerprint(ZOFIA)) == []
    assert ZOFIA not in json.dumps(certificate)
    assert certificate["subject"] not in (ZOFIA, NAME)
    assert {note["what"] for note in certificate["backups"]} >= {"point-in-time recovery of both tables"}


async def test_what_others_said_in_the_same_meeting_stays(world):
    (report,) = await world.deliver(others_mail(), sender=ANN)
    before = (await world.api.call("GET", f"/emails/{report.run_id}"))[1]
    await world.erase(address=ZOFIA)
    _, after, _ = await world.api.call("GET", f"/emails/{report.run_id}")
    _, insights, _ = await world.api.call("GET", f"/meetings/{after['meeting_id']}/insights")
    _, meeting, _ = await world.api.call("GET", f"/meetings/{after['meeting_id']}")
    assert (after["email"]["from"], after["email"]["subject"]) == (ANN, "Pilot call")
    items = insights["insights"]["action_items"]
    assert len(items) == len(before["insights"]["action_items"]) == 2
    bos = [item for item in items if item["owner"]]
    assert [item for item in before["insights"]["action_items"] if item["owner"] == "Bo Lind"] == bos
    (hers,) = [item for item in items if not item["owner"]]
    assert hers["evidence"]["quote"] == ""
    assert hers["evidence"]["verified"] is False
    assert {person["address"] for person in meeting["attendees"]} == {ANN, BO}
    assert "[erased] ([erased])" in after["email"]["text"]


async def test_what_is_not_the_persons_is_as_if_the_person_had_never_written(world):
    await world.deliver(unrelated_mail(), sender=BO)
    await world.deliver(invite_mail(f"Ann Berg <{ANN}>", f"Bo Lind <{BO}>"), sender=ANN)
    before = await world.dump()
    await world.deliver(own_mail(), sender=ZOFIA)
    await world.erase(address=ZOFIA)
    after = await world.dump()
    assert {where: after.get(where) for where in before} == before
    kinds = {where.split("#")[1] for where in after.keys() - before.keys() if "data-" in where}
    assert kinds == {
        "erasure",
        "erased",
        "email",
        "message",
        "meeting",
        "contact",
    }  # certificate, marks, tombstones


async def test_a_redelivery_sends_nothing_and_stores_nothing(world):
    await world.deliver(own_mail(), sender=ZOFIA, delivery="d-1")
    await world.erase(address=ZOFIA)
    before = await world.dump()
    world.clock.forward(1000)
    (report,) = await world.again("d-1", sender=ZOFIA)
    assert report.outcome is Outcome.DUPLICATE
    assert await world.dump() == before
    assert len(world.sender.sent) == 1


async def test_the_same_content_as_another_delivery_sends_nothing_and_goes_as_it_came(world):
    await world.deliver(own_mail(), sender=ZOFIA)
    await world.erase(address=ZOFIA)
    (report,) = await world.deliver(own_mail(), sender=ZOFIA)
    assert report.outcome is Outcome.DUPLICATE
    assert len(world.sender.sent) == 1
    assert await world.where(*PERSON, OWN_SUBJECT, OWN_WORDS, "own-mail@client", "heron") == []
    (again,) = await world.again(world.deliveries[-1], sender=ZOFIA)
    assert again.outcome is Outcome.DUPLICATE
    assert len(world.sender.sent) == 1


async def test_who_writes_anew_is_heard_anew(world):
    await world.deliver(own_mail(), sender=ZOFIA)
    await world.erase(address=ZOFIA)
    (report,) = await world.deliver(own_mail(message_id="<another@client.example>"), sender=ZOFIA)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 2
    await world.erase(address=ZOFIA)
    assert await world.where(*PERSON, OWN_SUBJECT) == []


async def test_another_tenant_keeps_what_it_has_of_the_same_delivery(world):
    mine, theirs = await world.deliver(own_mail(), MEETINGS, RIVALS, sender=ZOFIA)
    rivals = {w: t for w, t in (await world.dump()).items() if ": rival#" in w}
    certificate = await world.erase(address=ZOFIA)
    after = await world.dump()
    assert {w: t for w, t in after.items() if ": rival#" in w} == rivals
    assert ("raw email" in {note["what"] for note in certificate["kept"]}, certificate["removed"]["raw"]) == (
        True,
        0,
    )
    left = await world.where(*PERSON, OWN_SUBJECT)
    assert all(": rival#" in where or "s3: raw/" in where for where in left), left
    _, _, _ = mine, theirs, await world.erase(address=ZOFIA, by="other")
    assert await world.where(*PERSON, OWN_SUBJECT, OWN_WORDS) == []


async def test_a_mail_is_erased_by_its_run_and_leaves_the_person(world):
    (first,) = await world.deliver(own_mail(), sender=ZOFIA)
    await world.deliver(invite_mail(f"Ann Berg <{ANN}>", f"{NAME} <{ZOFIA}>"), sender=ANN)
    certificate = await world.erase(run_id=first.run_id)
    assert certificate["subject"] == first.run_id
    assert certificate["complete"] is True
    assert certificate["removed"] == {
        "action_items": 1,
        "emails": 1,
        "insights": 1,
        "meetings": 1,
        "messages": 2,
        "raw": 1,
        "replies": 1,
        "steps": 0,
    }
    assert await world.where(OWN_SUBJECT, OWN_WORDS, "own-mail@client") == []
    assert (await world.api.call("GET", "/contacts", params={"email": ZOFIA}))[1]["items"]
    assert (await world.api.call("GET", f"/emails/{first.run_id}"))[0] == 404
    again = await world.erase(run_id=first.run_id)
    assert set(again["removed"].values()) == {0}


async def test_a_mail_is_erased_by_its_delivery(world):
    await world.deliver(own_mail(), sender=ZOFIA, delivery="d-1")
    certificate = await world.erase(run_id="d-1")
    assert certificate["removed"]["raw"] == 1
    assert await world.where(OWN_SUBJECT) == []


async def test_a_mail_that_the_tenant_never_had_is_not_there(world):
    (mine,) = await world.deliver(own_mail(), sender=ZOFIA, delivery="d-1")
    for unknown in (mine.run_id, "d-1", "run_nothing"):
        problem = await world.erase(run_id=unknown, by="other", status=404)
        assert problem["status"] == 404
    assert await world.where(OWN_SUBJECT)


async def test_a_meeting_of_other_people_survives_the_mail_of_one(world):
    """Ann's invite made it, Zofia's transcript of it is only one more word on it."""
    await world.deliver(invite_mail(f"Ann Berg <{ANN}>", f"{NAME} <{ZOFIA}>", f"Bo Lind <{BO}>"), sender=ANN)
    talk = vtt(f"{NAME}: I will send the heron list by Friday.", "Bo Lind: I will book the lab on Tuesday.")
    raw = eml(f"{NAME} <{ZOFIA}>", "Pilot review", "Notes.", files=[("p.vtt", "text", "vtt", talk)], Cc=ANN)
    (report,) = await world.deliver(raw, sender=ZOFIA)
    _, email, _ = await world.api.call("GET", f"/emails/{report.run_id}")
    _, listed, _ = await world.api.call("GET", "/meetings", params={"ical_uid": "u-1"})
    assert [meeting["id"] for meeting in listed["items"]] == [email["meeting_id"]]
    certificate = await world.erase(address=ZOFIA)
    status, meeting, _ = await world.api.call("GET", f"/meetings/{email['meeting_id']}")
    assert (status, meeting["title"]) == (200, "Pilot review")
    # Ann invites, and so she comes too.
    assert [person["address"] for person in meeting["attendees"]] == [BO, ANN]
    assert (await world.api.call("GET", f"/meetings/{email['meeting_id']}/insights"))[0] == 404
    assert f"meeting {email['meeting_id']}" in {note["what"] for note in certificate["kept"]}
    assert await world.where(*PERSON, "heron") == []


async def test_a_mail_that_is_being_worked_is_left_and_a_repetition_takes_it(world):
    await world.deliver(own_mail(), sender=ZOFIA)
    key = email_run("demo", MEETINGS, "d-open")
    about = {"delivery": "d-open", "event": {"mail": {"source": ZOFIA}, "receipt": {}}}
    await world.pipeline.runs.claim(key, lease_until=world.clock() + 60, about=about)
    key_of_both = {"Idempotency-Key": "until it is done"}
    first = await world.erase(address=ZOFIA, headers=key_of_both)
    assert first["complete"] is False
    assert first["completed_at"] is None
    assert [note["what"] for note in first["left"]] == [f"run {key.run_id}"]
    assert first["removed"]["emails"] == 1
    world.clock.forward(100)
    second = await world.erase(address=ZOFIA, headers=key_of_both)
    assert second["complete"] is True
    assert await world.where(*PERSON) == []


async def test_what_an_erased_run_still_writes_is_refused(world):
    """A worker whose lease is over, and who does not know it."""
    key = email_run("demo", MEETINGS, "d-open")
    about = {"delivery": "d-open", "event": {"mail": {"source": ZOFIA}, "receipt": {}}}
    await world.pipeline.runs.claim(key, lease_until=world.clock() + 60, about=about)
    world.clock.forward(100)
    await world.erase(run_id=key.run_id)
    run = key.run_id
    own = _own_meeting(run)
    writes = {
        f"/emails/{run}": {"states": ["done"], "outcome": "processed", "email": {"from": ZOFIA}},
        f"/messages/{message_key(run, 'inbound')}": {"thread_id": "t", "from": ZOFIA, "run_id": run},
        f"/messages/{message_key(run, 'outbound')}": {"thread_id": "t", "to": [ZOFIA], "run_id": run},
        f"/meetings/{own}": {"title": NAME, "attendees": [{"address": ZOFIA}], "run_id": run},
        f"/meetings/{own}/insights": {"run_id": run, "insights": {"summary": {"text": NAME}}},
        "/meetings/hist_meeting_1/insights": {"run_id": f"{run}.2", "insights": {"summary": {"text": NAME}}},
    }
    for path, body in writes.items():
        for _ in range(2):
            status, answer, _ = await world.api.call("PUT", path, by="pipeline", json=body)
            assert status == 200, answer
    assert await world.where(*PERSON) == []


async def test_a_contact_that_was_erased_is_made_again_by_a_person_only(world):
    invite = invite_mail(f"Ann Berg <{ANN}>", f"{NAME} <{ZOFIA}>")
    await world.deliver(invite, sender=ANN)
    await world.erase(address=ZOFIA)
    later = invite_mail(f"Ann Berg <{ANN}>", f"{NAME} <{ZOFIA}>", uid="u-9", summary="Later")
    await world.deliver(later, sender=ANN)
    find = {"params": {"email": ZOFIA}}
    assert (await world.api.call("GET", "/contacts", **find))[1]["items"] == []
    status, made, _ = await world.api.call("POST", "/contacts", json={"email": ZOFIA, "name": NAME})
    assert status == 201
    assert (await world.api.call("GET", "/contacts", **find))[1]["items"] == [made]


async def test_a_contact_is_taken_out_of_the_meetings_with_it(world):
    jennifer = "jennifer.liu@acmecorp.com"
    certificate = await world.erase(address=jennifer)
    assert certificate["removed"]["contacts"] == 1
    assert certificate["removed"]["redacted_meetings"] == 2
    assert await world.where(jennifer, "Jennifer", "Liu") == []
    _, meeting, _ = await world.api.call("GET", "/meetings/hist_meeting_1")
    assert meeting["contact_id"] is None
    assert meeting["summary"].startswith("[erased] saw the search")
    assert "Sarah to send the single sign-on guide" in meeting["action_items"]


async def test_a_user_goes_and_so_does_the_right_to_write(world):
    sarah = "sarah.chen@company.com"
    box = {"address": "team@parley.local", "purpose": "meetings", "members": [sarah, ANN]}
    await world.api.call("POST", "/mailboxes", by="admin", json=box)
    certificate = await world.erase(address=sarah)
    assert (certificate["removed"]["users"], certificate["removed"]["mailbox_members"]) == (1, 1)
    assert await world.where(sarah) == []
    _, left, _ = await world.api.call("GET", "/mailboxes/team@parley.local")
    assert left["members"] == [ANN]


async def test_an_address_that_a_user_had_before_goes_and_the_user_stays(world):
    sarah = "sarah.chen@company.com"
    own = {"title": "Focus", "user_id": "user_1", "scheduled_time": "2026-03-03T09:00:00"}
    await world.api.call("POST", "/meetings", json=own | {"duration_minutes": 450})
    await world.api.call("PATCH", "/users/user_1", by="admin", json={"email": "sarah@acme.com"})
    await world.erase(address=sarah)
    assert await world.where(sarah) == []
    _, user, _ = await world.api.call("GET", "/users/user_1")
    assert (user["name"], user["email"], user["former_emails"]) == ("Sarah Chen", "sarah@acme.com", [])
    asked = {"user_ids": ["user_1"], "date": "2026-03-03", "duration_minutes": 30}
    _, free, _ = await world.api.call("POST", "/availability", json=asked)
    assert [slot["start"] for slot in free["slots"]] == ["2026-03-04T00:30:00Z"]


async def test_what_protects_the_person_is_kept_and_said(world):
    await world.api.call("PUT", f"/suppressions/{ZOFIA}", by="pipeline", json={"reason": "complaint"})
    certificate = await world.erase(address=ZOFIA)
    assert "suppression entry" in {note["what"] for note in certificate["kept"]}
    assert (await world.api.call("GET", f"/suppressions/{ZOFIA}"))[0] == 200


async def test_posted_messages_go_by_their_sender_and_lose_a_recipient(world):
    for sender, to in ((ZOFIA, [ANN]), (ANN, [ZOFIA, BO])):
        body = {"thread_id": "t-1", "from": sender, "to": to, "text": f"hello {ZOFIA}"}
        assert (await world.api.call("POST", "/messages", json=body))[0] == 201
    await world.erase(address=ZOFIA)
    _, page, _ = await world.api.call("GET", "/messages", params={"thread_id": "t-1"})
    assert [(m["from"], m["to"], m["text"]) for m in page["items"]] == [(ANN, [BO], "hello [erased]")]


async def test_every_version_of_insights_loses_what_the_person_said(world):
    await world.deliver(invite_mail(f"Ann Berg <{ANN}>", f"{NAME} <{ZOFIA}>"), sender=ANN)
    _, listed, _ = await world.api.call("GET", "/meetings", params={"ical_uid": "u-1"})
    path = f"/meetings/{listed['items'][0]['id']}/insights"
    for n in range(3):
        evidence = {"quote": f"heron {n}", "speaker": NAME, "segment": n, "start": None, "verified": True}
        item = {"text": f"{NAME} sends it", "owner": "Zofia", "due_date": None, "evidence": evidence}
        body = {"run_id": f"r-{n}", "insights": {"action_items": [item]}}
        assert (await world.api.call("PUT", path, by="pipeline", json=body))[0] == 200
    certificate = await world.erase(address=ZOFIA)
    assert certificate["removed"]["redacted_insights"] == 3
    assert await world.where(*PERSON, "heron") == []
    _, current, _ = await world.api.call("GET", path)
    assert current["insights"]["action_items"][0]["owner"] is None
    assert (await world.api.call("GET", path, params={"version": 1}))[0] == 200


async def test_the_certificate_is_read_again_and_repeats_its_answer(world):
    key = {"Idempotency-Key": "once"}
    await world.deliver(own_mail(), sender=ZOFIA)
    certificate = await world.erase(address=ZOFIA, headers=key)
    assert await world.erase(address=ZOFIA, headers=key) == certificate
    status, again, _ = await world.api.call("GET", f"/erasures/{certificate['id']}", by="admin")
    assert (status, again) == (200, certificate)
    assert (await world.api.call("GET", f"/erasures/{certificate['id']}", by="other"))[0] == 404
    assert (await world.erase(address=ANN, headers=key, status=422))["errors"]


@pytest.mark.parametrize("body", [{}, {"address": ZOFIA, "run_id": "run_1"}, {"address": "nobody"}, {"x": 1}])
async def test_a_request_names_one_person_or_one_mail(world, body):
    await world.erase(**body, status=422)


async def test_only_administrators_and_the_pipeline_erase(world):
    await world.erase(address=ZOFIA, by="member", status=403)
    assert (await world.erase(address=ZOFIA, by="pipeline"))["complete"] is True


async def test_a_mistyped_tenant_gets_no_certificate(world):
    for tenant, status in (("nosuch", 404), ("unrouted", 200), ("demo", 200)):
        found, answer, _ = await world.api.call(
            "POST", "/erasures", by="pipeline", tenant=tenant, json={"address": "nobody@none.example"}
        )
        assert found == status, answer


async def test_a_person_of_whom_there_is_nothing_gets_a_certificate_too(world):
    certificate = await world.erase(address="nobody@nowhere.example")
    assert certificate["complete"] is True
    assert set(certificate["removed"].values()) <= {0}


async def test_the_log_counts_and_names_nobody(world, caplog):
    await world.deliver(own_mail(), sender=ZOFIA)
    caplog.clear()
    with caplog.at_level("INFO"):
        certificate = await world.erase(address=ZOFIA)
    (line,) = [record for record in caplog.records if record.message == "erasure"]
    assert line.certificate == certificate["id"]
    assert line.removed == certificate["removed"]
    assert not any(part in str(vars(record)) for record in caplog.records for part in PERSON)


class Death(RetryableError):
    """The end of an execution environment, in the middle of a request: a 503, as from API Gateway."""


READS = frozenset({"GetItem", "BatchGetItem", "Query", "ListObjectVersions", "GetObject"})


@contextmanager
def dying(world, effects: int):
    """The backend's clients make this many writes; before the next one it dies."""
    left = [effects]

    def count(model, **_):
        if model.name not in READS:
            left[0] -= 1
            if left[0] < 0:
                raise Death("it dies here")

    clients = (world.stores.dynamodb, world.stores.s3)
    for client in clients:
        client.meta.events.register_first("before-call", count)
    try:
        yield left
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", count)


async def traces(world, n: int, address: str, *, contact=True) -> None:
    """What a mail of this person leaves, and one of Ann's that names them, without working either."""
    runs = world.pipeline.runs
    hero, guest = {"name": NAME, "address": address}, {"name": "Ann Berg", "address": ANN}
    for mail_no, (sender, receivers) in enumerate(((address, [MEETINGS]), (ANN, [address]))):
        delivery = f"d-{n}-{mail_no}"
        key = email_run("demo", MEETINGS, delivery)
        await world.stores.s3.put_object(
            Bucket=world.stores.bucket, Key=f"raw/{delivery}", Body=address.encode()
        )
        about = {"delivery": delivery, "event": {"mail": {"source": sender}}}
        claim = await runs.claim(key, lease_until=world.clock() + 60, about=about)
        await runs.step(claim, "analysis.summary", lambda: _answer(address))
        await runs.intend(claim, "reply", {"to": sender, "text": f"Dear {NAME}"})
        await runs.mark_email_processed(claim, Outcome.PROCESSED)
        mail = {
            "from": sender,
            "to": receivers,
            "text": f"{OWN_WORDS}, {NAME}",
            "message_id": f"<{delivery}@x>",
        }
        own = _own_meeting(key.run_id)
        said = {"run_id": key.run_id, "insights": {"summary": {"text": f"{NAME} spoke"}}}
        meeting = {"title": f"With {NAME}", "attendees": [hero, guest], "run_id": key.run_id}
        bodies = {
            f"/meetings/{own}": meeting,
            f"/meetings/{own}/insights": said,
            f"/messages/{message_key(key.run_id, 'inbound')}": {
                "thread_id": "t",
                "run_id": key.run_id,
                **mail,
            },
            f"/emails/{key.run_id}": {"outcome": "processed", "email": mail, "meeting_id": own},
        }
        if contact:
            bodies[f"/contacts/contact_{n}"] = {"email": address, "name": NAME}
        for path, body in bodies.items():
            status, answer, _ = await world.api.call("PUT", path, by="pipeline", json=body)
            assert status == 200, answer


async def _answer(value):
    return value


async def test_whatever_write_it_dies_at_a_repetition_ends_it(world):
    """Every third of its writes: each costs two mails of a person of its own."""
    died, effects = True, 0
    while died:
        address = f"zofia.{effects}@client.example"
        await traces(world, effects, address)
        with dying(world, effects) as left:
            await world.api.call("POST", "/erasures", by="admin", json={"address": address})
        died = left[0] < 0
        assert (await world.erase(address=address))["complete"] is True
        effects += 3
    assert effects > 20
    assert await world.where("zofia", "Kwiatkowska") == []


async def test_what_one_request_cannot_do_in_its_time_the_next_ones_do(world):
    """Nobody's contact: the names stand in the meetings alone, and must outlive the first of them."""
    for n in range(4):
        await traces(world, n, ZOFIA, contact=False)
    records = Records(world.stores.store, world.stores.blobs)
    service = ErasureService(records, ROOMS, ErasureConfig(world.eraser, b"secret"), seconds=0.3)
    certificates = []
    while not certificates or not certificates[-1]["complete"]:
        certificates.append((await service.erase_person("demo", ZOFIA)).body)
        assert len(certificates) < 100
    assert len(certificates) > 1
    assert {note["why"] for made in certificates for note in made["left"]} == {
        "repeat the request: it goes on"
    }
    assert sum(made["removed"].get("raw", 0) for made in certificates) == 8
    assert await world.where("zofia", "Kwiatkowska", "demo#erasing#") == []


async def test_who_stands_in_a_header_alone_is_found_where_the_record_names_them(world):
    """A copy to somebody whom neither the text nor a meeting names."""
    raw = eml(f"Ann Berg <{ANN}>", "Sensors", "No names here.", Cc=f"{NAME} <{ZOFIA}>")
    (report,) = await world.deliver(raw, sender=ANN)
    record = (await world.api.call("GET", f"/emails/{report.run_id}"))[1]
    del record["run_id"]
    again = {**record, "named": [ANN, ZOFIA], "generation": 2}
    await world.api.call("PUT", f"/emails/{report.run_id}", by="pipeline", json=again)
    certificate = await world.erase(address=ZOFIA)
    assert certificate["removed"]["raw"] == 1
    assert await world.where(*PERSON) == []
    _, left, _ = await world.api.call("GET", f"/emails/{report.run_id}")
    assert (left["email"], left["named"]) == (record["email"], [ANN])


async def test_what_retention_has_left_goes_too(world):
    await world.deliver(own_mail(), sender=ZOFIA)
    world.clock.forward(30 * 86_400)
    ample = Deadline(world.clock() + 100, world.clock)
    assert await world.eraser.forget(before=iso(world.clock()), deadline=ample) == 1
    assert await world.where(OWN_SUBJECT)
    removed = (await world.erase(address=ZOFIA))["removed"]
    assert (removed["raw"], removed["replies"], removed["emails"]) == (0, 0, 1)
    assert await world.where(*PERSON, OWN_SUBJECT, OWN_WORDS) == []


async def test_names_that_one_request_took_out_are_known_to_the_next(world):
    """Only the first of two meetings tells the name, and it is done with when the request dies."""
    for ident, name, title in (("m-1", NAME, "First"), ("m-2", "", "A word with Zofia")):
        body = {"title": title, "attendees": [{"name": name, "address": ZOFIA}]}
        assert (await world.api.call("PUT", f"/meetings/{ident}", by="pipeline", json=body))[0] == 200
    for effects in (1, 2, 2):
        with dying(world, effects):
            await world.api.call("POST", "/erasures", by="admin", json={"address": ZOFIA})
    assert [where for where in await world.where(NAME) if "#meeting#" in where] == []
    assert await world.where("A word with Zofia")
    assert (await world.erase(address=ZOFIA))["complete"] is True
    assert await world.where(*PERSON) == []


async def test_a_mail_of_others_that_has_not_ended_is_found_again_by_its_meeting(world):
    key = email_run("demo", MEETINGS, "d-open")
    about = {"delivery": "d-open", "event": {"mail": {"source": ANN}, "receipt": {}}}
    await world.stores.s3.put_object(Bucket=world.stores.bucket, Key="raw/d-open", Body=ZOFIA.encode())
    await world.pipeline.runs.claim(key, lease_until=world.clock() + 60, about=about)
    body = {"title": "t", "attendees": [{"name": NAME, "address": ZOFIA}], "run_id": key.run_id}
    await world.api.call("PUT", f"/meetings/{_own_meeting(key.run_id)}", by="pipeline", json=body)
    world.clock.forward(100)
    first = await world.erase(address=ZOFIA)
    assert [note["what"] for note in first["left"]] == [f"run {key.run_id}"]
    claim = await world.pipeline.runs.claim(key, lease_until=world.clock() + 60)
    await world.pipeline.runs.mark_email_processed(claim, Outcome.PROCESSED)
    second = await world.erase(address=ZOFIA)
    assert (second["complete"], second["removed"]["raw"]) == (True, 1)
    assert await world.where(*PERSON) == []
