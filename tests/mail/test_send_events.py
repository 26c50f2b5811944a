"""What SES says of a mail that it sent, in every wrapping, and what is no such thing."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import RequestError
from parley.mail.outgoing import message_id_on_wire
from parley.mail.send_events import SendKind, queued, read_send_event

EVENTS = Path(__file__).resolve().parents[2] / "events"
TAG = "5a" * 16
SARAH = "sarah.chen@company.com"


def sample(name):
    """The bodies of a sample batch, as JSON text."""
    return [record["body"] for record in json.loads((EVENTS / name).read_text())["Records"]]


def record(kind="Bounce", *, mail=None, **about):
    """An event record by hand; `mail` are changes of its mail object."""
    known = {
        "messageId": "0100-1",
        "timestamp": "2025-11-20T10:15:02.120Z",
        "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/parley.local",
        "destination": [SARAH],
        "tags": {"parley-reply": [TAG], "ses:operation": ["SendRawEmail"]},
    }
    return {"eventType": kind, "mail": known | (mail or {}), kind[0].lower() + kind[1:]: about}


def bounce(*addresses, kind="Permanent", **more):
    return record(
        bounceType=kind,
        bounceSubType="General",
        bouncedRecipients=[{"emailAddress": address} for address in addresses],
        **more,
    )


def test_a_bounce_for_good_says_who_when_and_why():
    event = read_send_event(sample("delivery-bounce.json")[0])
    assert (event.kind, event.tag, event.recipients) == (SendKind.BOUNCE, TAG, (SARAH,))
    assert (
        event.ses_id == "<0100019aa002c1f2-3b7e54d0-0000-4000-8000-000000000002-000000@email.amazonses.com>"
    )
    assert event.at == datetime(2025, 11, 20, 10, 15, 4, 310000, UTC)
    assert (event.permanent, event.subtype) == (True, "NoEmail")
    assert (event.accepted, event.failed, event.unwelcome) == (True, True, True)


@pytest.mark.parametrize(
    ("name", "index", "kind", "says"),
    [
        ("delivery-send.json", 0, SendKind.SEND, "accepted"),
        ("delivery-complaint.json", 0, SendKind.COMPLAINT, "accepted unwelcome"),
        ("delivery-batch.json", 0, SendKind.DELIVERY, "accepted"),
        ("delivery-batch.json", 1, SendKind.DELAY, "accepted"),
        ("delivery-batch.json", 2, SendKind.BOUNCE, "accepted"),
        ("delivery-batch.json", 3, SendKind.REJECT, "failed"),
    ],
)
def test_each_kind_means_what_it_means(name, index, kind, says):
    event = read_send_event(sample(name)[index])
    assert (event.kind, event.tag) == (kind, TAG)
    meanings = ("accepted", "failed", "unwelcome")
    assert " ".join(one for one in meanings if getattr(event, one)) == says


def test_an_event_is_the_same_in_every_wrapping():
    bare = bounce(SARAH)
    bus = {"source": "aws.ses", "detail-type": "Email Bounced", "region": "eu-west-1", "detail": bare}
    topic = {"Type": "Notification", "Message": json.dumps(bare)}
    call = {"Records": [{"EventSource": "aws:sns", "Sns": topic}]}
    over_both = {"Type": "Notification", "Message": json.dumps(bus)}
    wanted = read_send_event(bare)
    assert wanted.ses_id == "<0100-1@eu-west-1.amazonses.com>"
    for shape in (bus, topic, call, over_both):
        assert read_send_event(shape) == read_send_event(json.dumps(shape)) == wanted


def test_the_record_of_a_topic_without_event_publishing_has_another_name_for_its_kind():
    old = bounce(SARAH)
    old["notificationType"] = old.pop("eventType")
    assert read_send_event(old) == read_send_event(bounce(SARAH))


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_the_message_id_is_the_one_on_the_wire(region):
    domain = {"us-east-1": "email"}.get(region, region)
    assert message_id_on_wire("x-1", region) == f"<x-1@{domain}.amazonses.com>"


def test_without_a_region_or_an_id_there_is_no_message_id():
    assert read_send_event(record("Send", mail={"sourceArn": "arn:aws:ses"})).ses_id is None
    for no_id in (None, "", "a b", "x>\r\nBcc: y", "é", "x" * 101):
        assert read_send_event(record("Send", mail={"messageId": no_id})).ses_id is None


def test_only_those_we_wrote_to_are_concerned_whatever_the_other_side_reports():
    assert read_send_event(bounce("Sarah.Chen@Company.com")).recipients == (SARAH,)
    assert read_send_event(bounce("victim@elsewhere.example")).recipients == (SARAH,)
    assert read_send_event(bounce()).recipients == (SARAH,)
    two = bounce("bo@company.com", mail={"destination": [SARAH, "Bo <bo@company.com>"]})
    assert read_send_event(two).recipients == ("bo@company.com",)
    assert read_send_event(bounce(SARAH, mail={"destination": None})).recipients == ()


def test_no_more_recipients_are_read_than_ses_takes():
    many = [f"p{n}@company.com" for n in range(60)]
    assert len(read_send_event(bounce(mail={"destination": many})).recipients) == 50


def test_a_moment_is_in_utc_or_none():
    event = read_send_event(record("Delivery", timestamp="2025-11-20T11:15:02+01:00"))
    assert event.at.isoformat() == "2025-11-20T10:15:02+00:00"
    assert read_send_event(record("Send", mail={"timestamp": "2025-11-20T10:15:02"})).at is None


def test_a_bounce_that_nobody_understands_is_none_for_good():
    for kind in ("Transient", "Undetermined", None):
        event = read_send_event(bounce(SARAH, kind=kind))
        assert (event.failed, event.unwelcome) == (False, False)


def test_a_complaint_that_it_is_no_spam_is_no_complaint():
    event = read_send_event(record("Complaint", complaintFeedbackType="not-spam"))
    assert (event.kind, event.failed, event.unwelcome) == (SendKind.COMPLAINT, False, False)


def test_what_ses_kept_because_of_its_own_list_was_not_sent():
    event = read_send_event(record("Complaint", complaintSubType="OnAccountSuppressionList"))
    assert (event.accepted, event.failed, event.unwelcome) == (True, True, True)


@pytest.mark.parametrize("kind", ["Open", "Click", "Subscription", "Rendering Failure", "Novelty"])
def test_other_kinds_say_nothing_of_a_reply(kind):
    assert read_send_event(record(kind)) is None


@pytest.mark.parametrize(
    "tags",
    [None, {}, {"parley-reply": []}, {"parley-reply": TAG}, {"parley-reply": ["run_" + "0" * 28]}, ["x"]],
)
def test_a_mail_without_our_tag_is_not_ours(tags):
    assert read_send_event(record("Send", mail={"tags": tags})) is None


def test_advice_of_ses_on_the_bus_is_passed_over():
    advice = {
        "source": "aws.ses",
        "detail-type": "Advisor Recommendation Status Open",
        "detail": {"data": "{}"},
    }
    assert read_send_event(advice) is None


@pytest.mark.parametrize(
    "message",
    [
        None,
        7,
        [],
        {},
        "",
        "{not json",
        "[]",
        '"text"',
        "[" * 100_000,
        {"hello": "world"},
        {"source": "aws.s3", "detail-type": "Object Created", "detail": {}},
        {"Type": "Notification", "Message": "hello"},
        {"Records": [7]},
        {"Records": [{"Sns": {"Message": 7}}]},
    ],
)
def test_what_is_no_event_of_ses_is_the_callers_mistake(message):
    with pytest.raises(RequestError, match="SES"):
        read_send_event(message)


def test_no_error_tells_what_it_could_not_read():
    with pytest.raises(RequestError) as failure:
        read_send_event('{"eventType": "Send", "to": "sarah@acme.test"')
    assert "sarah" not in str(failure.value)


def test_a_batch_is_told_from_a_single_event():
    batch = queued(json.loads((EVENTS / "delivery-batch.json").read_text()))
    assert [one.message_id[9:13] for one in batch] == [f"{n:04d}" for n in range(1, 8)]
    assert batch[-1].body == "{not json"
    assert queued(bounce(SARAH)) is None
    assert queued({"Records": []}) is None
    assert queued({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}) is None
    assert queued(None) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([TAG, "Bounce", SARAH]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = [
    ("detail",),
    ("region",),
    ("detail", "eventType"),
    ("detail", "mail"),
    ("detail", "mail", "tags"),
    ("detail", "mail", "tags", "parley-reply"),
    ("detail", "mail", "messageId"),
    ("detail", "mail", "timestamp"),
    ("detail", "mail", "destination"),
    ("detail", "bounce"),
    ("detail", "bounce", "timestamp"),
    ("detail", "bounce", "bounceType"),
    ("detail", "bounce", "bouncedRecipients"),
]


@given(st.sampled_from(PATHS), JUNK)
def test_junk_anywhere_is_an_event_or_none_or_a_request_error(path, junk):
    event = copy.deepcopy(WHOLE)
    place = event
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = junk
    try:
        said = read_send_event(event)
    except RequestError:
        return
    assert said is None or said.recipients in {(SARAH,), ()}


WHOLE = {
    "source": "aws.ses",
    "detail-type": "Email Bounced",
    "region": "eu-west-1",
    "detail": bounce(SARAH),
}
