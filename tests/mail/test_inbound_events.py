from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import RequestError
from parley.mail.email import Verdicts
from parley.mail.inbound_events import Announced, parse_ses_event, read_event
from parley.mail.threads import generate_thread_id

if TYPE_CHECKING:
    from pathlib import Path

# Seed 003's sample, as it stands there.
SEED: dict[str, Any] = {
    "Records": [
        {
            "ses": {
                "mail": {
                    "messageId": "abcdef123",
                    "timestamp": "2025-10-08T21:06:52Z",
                    "commonHeaders": {
                        "from": ["Brand Rep <rep@brand.com>"],
                        "to": ["creator@repflow.app"],
                        "subject": "Sponsorship opportunity for Q4",
                    },
                },
                "receipt": {},
            }
        }
    ]
}
RECEIPT = {
    "recipients": ["Meetings@parley.local", "meetings@PARLEY.local", "deals@parley.local"],
    "spamVerdict": {"status": "PASS"},
    "virusVerdict": {"status": "PASS"},
    "spfVerdict": {"status": "gray"},
    "dkimVerdict": {"status": "FAIL"},
    "action": {"type": "S3", "bucketName": "mail-bucket", "objectKey": "raw/o3vr"},
}
MAIL = {
    "messageId": "o3vr",
    "source": "bounce@example.com",
    "timestamp": "2026-11-20T10:00:00.000Z",
    "destination": ["someone@else.example"],
    "commonHeaders": {"from": ["Ada <ada@example.com>"], "subject": "Notes"},
}
NOTIFICATION = {"notificationType": "Received", "mail": MAIL, "receipt": RECEIPT}


def s3(key: str = "raw/abc", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    stored = {"bucket": {"name": "mail-bucket"}, "object": {"key": key, "size": 12}}
    return {
        "Records": [
            {"eventSource": "aws:s3", "eventName": name, "eventTime": "2026-11-20T10:00:00Z", "s3": stored}
        ]
    }


def bridge(key: str = "raw/abc", kind: str = "Object Created") -> dict[str, Any]:
    detail = {"bucket": {"name": "mail-bucket"}, "object": {"key": key, "size": 12}}
    return {"source": "aws.s3", "detail-type": kind, "time": "2026-11-20T10:00:00Z", "detail": detail}


def enveloped(message: object) -> dict[str, Any]:
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(message)}


def batch(*bodies: object) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventSource": "aws:sqs",
                "messageId": f"m{n}",
                "receiptHandle": f"h{n}",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:1:mail",
                "attributes": {"ApproximateReceiveCount": str(n + 1)},
                "body": body if isinstance(body, str) else json.dumps(body),
            }
            for n, body in enumerate(bodies)
        ]
    }


def keys(announced: Announced) -> list[str]:
    return [email.key for email in announced.emails]


@pytest.mark.parametrize("given_as", [SEED, SEED["Records"][0], SEED["Records"][0]["ses"]])
def test_the_seeds_sample_is_read(given_as: object) -> None:
    event = parse_ses_event(given_as)
    assert event.message_id == "abcdef123"
    assert event.key == "raw/abcdef123"
    assert event.bucket is None
    assert (event.sender, event.recipient) == ("rep@brand.com", "creator@repflow.app")
    assert event.subject == "Sponsorship opportunity for Q4"
    assert event.thread_id == generate_thread_id(event.subject, event.sender, event.recipient)
    assert event.timestamp == datetime(2025, 10, 8, 21, 6, 52, tzinfo=UTC)
    assert event.verdicts is None
    assert read_event(SEED) == Announced("ses", emails=(event,))


def test_a_receipt_gives_envelope_verdicts_and_place() -> None:
    event = parse_ses_event({"ses": {"mail": MAIL, "receipt": RECEIPT}})
    assert event.recipients == ("meetings@parley.local", "deals@parley.local")
    assert event.recipient == "meetings@parley.local"
    assert event.verdicts == Verdicts(spam="PASS", virus="PASS", spf="GRAY", dkim="FAIL", dmarc=None)
    assert (event.bucket, event.key) == ("mail-bucket", "raw/o3vr")


@pytest.mark.parametrize(
    "common", [None, [], "x", {"from": 3, "to": None, "subject": ["a"]}, {"from": ["a@x.y, b@x.y"]}]
)
def test_odd_common_headers_are_survived(common: object) -> None:
    event = parse_ses_event({"mail": {**MAIL, "commonHeaders": common}, "receipt": {"recipients": {"a": 1}}})
    assert event.recipients == ("someone@else.example",)
    assert event.subject == ""
    assert event.sender in ("bounce@example.com", "")


@pytest.mark.parametrize("message_id", [None, "", 7, "../x"])
def test_without_a_message_id_it_is_refused(message_id: object) -> None:
    with pytest.raises(RequestError, match="messageId"):
        parse_ses_event({"mail": {"messageId": message_id}})


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (NOTIFICATION, "raw/o3vr"),
        (enveloped(NOTIFICATION), "raw/o3vr"),
        (s3(), "raw/abc"),
        (enveloped(s3()), "raw/abc"),
        (bridge(), "raw/abc"),
        (enveloped(bridge()), "raw/abc"),
        (SEED, "raw/abcdef123"),
    ],
)
def test_every_body_in_a_queue_is_understood(body: object, key: str) -> None:
    (record,) = read_event(batch(body)).records
    assert (record.error, [email.key for email in record.emails]) == (None, [key])


def test_a_batch_keeps_what_the_queue_says_of_each_message() -> None:
    announced = read_event(batch(NOTIFICATION, "no json", NOTIFICATION))
    assert announced.kind == "sqs"
    assert announced.emails == ()
    first, broken, last = announced.records
    assert (first.message_id, first.receive_count, first.receipt_handle) == ("m0", 1, "h0")
    assert (last.message_id, last.receive_count, last.queue_arn) == ("m2", 3, "arn:aws:sqs:eu-west-1:1:mail")
    assert broken.emails == ()
    assert broken.error is not None
    assert "no JSON" in broken.error


def test_an_sns_event_is_opened() -> None:
    event = {"Records": [{"EventSource": "aws:sns", "Sns": enveloped(NOTIFICATION)}]}
    assert (read_event(event).kind, keys(read_event(event))) == ("sns", ["raw/o3vr"])


def test_a_notification_on_its_own_is_taken() -> None:
    assert keys(read_event(NOTIFICATION)) == ["raw/o3vr"]


@pytest.mark.parametrize(
    ("key", "read"),
    [("raw/a+b%20%C3%A9", "raw/a b é"), ("raw/plain", "raw/plain"), ("raw%2Fx", "raw/x")],
)
def test_s3_keys_are_decoded(key: str, read: str) -> None:
    (email,) = read_event(s3(key)).emails
    assert email.key == read
    assert email.message_id == read.removeprefix("raw/")
    assert (email.bucket, email.size, email.recipients, email.verdicts) == ("mail-bucket", 12, (), None)


def test_eventbridge_keys_are_raw() -> None:
    assert keys(read_event(bridge("raw/a+b%20"))) == ["raw/a+b%20"]


@pytest.mark.parametrize(
    "event",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "x"},
        s3("raw/AMAZON_SES_SETUP_NOTIFICATION"),
        s3("other/abc"),
        s3("raw/"),
        s3("raw/../secrets"),
        s3("raw/%2e%2e/secrets"),
        s3(name="ObjectRemoved:Delete"),
        bridge("raw/AMAZON_SES_SETUP_NOTIFICATION"),
        bridge("exports/x"),
        bridge(kind="Object Deleted"),
    ],
)
def test_what_announces_no_mail_is_done_in_silence(event: dict[str, Any]) -> None:
    assert read_event(event).emails == ()
    for body in (event, enveloped(event)):
        (record,) = read_event(batch(body)).records
        assert (record.emails, record.error) == ((), None)


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (None, "NoneType"),
        ([], "list"),
        ("text", "str"),
        ({}, "none"),
        ({"httpMethod": "GET", "path": "/"}, "httpMethod, path"),
        ({"Records": [{"eventSource": "aws:kinesis"}]}, "aws:kinesis"),
        ({"Records": [{"eventSource": "aws:sqs"}, {"eventSource": "aws:s3"}]}, "aws:s3, aws:sqs"),
        ({"Records": "x"}, "Records"),
        ({"source": "aws.ec2", "detail-type": "x", "detail": {}}, "aws.ec2"),
        ({"notificationType": "Bounce", "mail": MAIL}, "Bounce"),
    ],
)
def test_an_unknown_shape_is_named_and_so_is_what_is_taken(event: object, named: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_event(event)
    assert named in str(caught.value)
    assert "taken is" in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Records",
                    "ses",
                    "mail",
                    "receipt",
                    "s3",
                    "body",
                    "Sns",
                    "Message",
                    "Type",
                    "eventSource",
                    "detail",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_read_or_refused_by_name(event: object) -> None:
    try:
        announced = read_event(event)
    except RequestError as error:
        announced = None
        assert str(error)  # noqa: PT017  # either answer is right, a traceback is not
    assert announced is None or announced.kind in ("sqs", "sns", "ses", "s3", "eventbridge")


def test_real_samples_are_read_or_refused_by_name(corpora: Path) -> None:
    """The events of two public collections: none may end in a traceback."""
    folders = (corpora / "aws-lambda-go-events", corpora / "powertools-events")
    files = [path for folder in folders for path in folder.rglob("*.json")]
    assert len(files) > 20
    read = 0
    for path in files:
        try:
            read += bool(read_event(json.loads(path.read_text())))
        except RequestError as error:
            assert "taken is" in str(error), path  # noqa: PT017  # either answer is right, a traceback is not
    assert read >= 8
