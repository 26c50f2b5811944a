"""SES's events as the embedded services raise them: what the code reads, and what SES promises."""

import json
import time

import boto3
import pytest

from local.provision import WHOLE_EVENT
from local.ses_events import Sent, events_of
from local.template import load_template
from parley.mail.send_events import SendKind, read_send_event

RAW = b'From: Notes <notes@parley.local>\r\nTo: a@example.org\r\nSubject: Re: A <resources> "call" <id>\r\n\r\nHello'


TAG = "0123456789abcdef" * 2


def sent(recipient="a@example.org"):
    return Sent(
        message_id="0100-abc",
        source="notes@parley.local",
        destinations=(recipient,),
        raw=RAW,
        configuration_set="events",
        tags={"parley-reply": TAG},
        region="us-east-1",
    )


@pytest.mark.parametrize(
    ("recipient", "kinds"),
    [
        ("a@example.org", ["Send", "Delivery"]),
        ("success@simulator.amazonses.com", ["Send", "Delivery"]),
        ("bounce@simulator.amazonses.com", ["Send", "Bounce"]),
        ("Bounce+one@simulator.amazonses.com", ["Send", "Bounce"]),
        ("suppressionlist@simulator.amazonses.com", ["Send", "Bounce"]),
        ("complaint@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]),
        ("bounce@example.org", ["Send", "Delivery"]),
    ],
)
def test_an_address_of_the_simulator_behaves_as_it_says(recipient, kinds):
    assert [event.detail["eventType"] for event in events_of(sent(recipient))] == kinds


def test_the_core_reads_what_is_published():
    for event in events_of(sent("bounce@simulator.amazonses.com")):
        envelope = {"source": "aws.ses", "region": "us-east-1", "detail": event.detail}
        read = read_send_event(json.dumps(envelope))
        assert (read.tag, read.ses_id) == (TAG, "<0100-abc@email.amazonses.com>")
        assert read.recipients == ("bounce@simulator.amazonses.com",)
        assert read.permanent is (read.kind is SendKind.BOUNCE)


def test_the_tags_name_the_configuration_set_as_ses_does():
    event = events_of(sent())[0]
    assert event.detail["mail"]["tags"]["ses:configuration-set"] == ["events"]
    assert event.resources == ("arn:aws:ses:us-east-1:123456789012:configuration-set/events",)
    assert (event.detail_type, event.detail["send"]) == ("Email Sent", {})


# ---- through moto's EventBridge ----------------------------------------------


@pytest.fixture
def services(aws):
    """A queue that the template's rule feeds, beside whatever else the server holds."""
    clients = {name: boto3.client(name, **aws) for name in ("ses", "sqs", "events")}
    name = f"told-{time.monotonic_ns()}"
    url = clients["sqs"].create_queue(QueueName=name)["QueueUrl"]
    arn = clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    [rule] = load_template().rules
    clients["events"].put_rule(Name=name, EventPattern=json.dumps(rule.pattern))
    whole = {"InputTemplate": WHOLE_EVENT}
    clients["events"].put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn, "InputTransformer": whole}])
    clients["ses"].verify_email_identity(EmailAddress="notes@parley.local")
    clients["ses"].create_configuration_set(ConfigurationSet={"Name": name})
    yield clients, url, name
    clients["events"].remove_targets(Rule=name, Ids=["1"])
    clients["events"].delete_rule(Name=name)


def send(ses, to, *, configuration_set=None, tag=TAG):
    extra = {"ConfigurationSetName": configuration_set} if configuration_set else {}
    tags = {"Tags": [{"Name": "parley-reply", "Value": tag}]} if tag else {}
    message = {"Data": RAW.replace(b"a@example.org", to.encode())}
    return ses.send_raw_email(
        Source="notes@parley.local", Destinations=[to], RawMessage=message, **tags, **extra
    )["MessageId"]


def told(sqs, url, count):
    found = []
    end = time.monotonic() + 20
    while len(found) < count and time.monotonic() < end:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        found += [json.loads(message["Body"]) for message in answer.get("Messages", ())]
    return found


def test_what_is_sent_under_our_tag_is_told_to_the_queue(services):
    clients, url, name = services
    message_id = send(clients["ses"], "complaint@simulator.amazonses.com", configuration_set=name)
    events = told(clients["sqs"], url, 3)
    assert {e["detail-type"] for e in events} == {"Email Sent", "Email Delivered", "Email Complaint Received"}
    for event in events:
        assert event["source"] == "aws.ses"
        assert event["detail"]["mail"]["messageId"] == message_id
        assert event["detail"]["mail"]["destination"] == ["complaint@simulator.amazonses.com"]
        assert event["detail"]["mail"]["commonHeaders"]["subject"] == 'Re: A <resources> "call" <id>'
        assert event["time"].endswith("Z")
        assert read_send_event(json.dumps(event)).tag == TAG


def test_what_carries_no_tag_or_no_configuration_set_is_told_to_nobody(services):
    clients, url, name = services
    send(clients["ses"], "a@example.org", configuration_set=name, tag=None)
    send(clients["ses"], "b@example.org")
    send(clients["ses"], "c@example.org", configuration_set="not-there")
    last = send(clients["ses"], "d@example.org", configuration_set=name)
    assert {e["detail"]["mail"]["messageId"] for e in told(clients["sqs"], url, 2)} == {last}
