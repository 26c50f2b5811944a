"""Counters are made of log lines: each filter of template.yaml is held against lines that the code really writes."""

from __future__ import annotations

import asyncio
import json
import logging
import operator
import re
from contextlib import contextmanager
from dataclasses import replace

import pytest
from awslambdaric.lambda_runtime_log_utils import JsonFormatter

from local.template import load_template
from parley.analysis.machine import INSIGHT_NAMES, TranscriptMachine
from parley.core.outcome import Outcome
from parley.errors import LLMAPIError, RetryableError
from parley.inbound.delivery_events import Settlement
from parley.inbound.intake import Intake
from parley.insights.analysis import AnalysisConfig, AnalysisRequest, AnalysisService
from parley.insights.analyst import Analyst, transcript_json
from parley.insights.service import StoredInsightsVersion
from parley.insights.transcripts import StoredTranscript
from parley.insights.worker import Worker
from parley.ledger.claims import MAX_ATTEMPTS
from parley.ledger.gauges import WATCHED
from parley.llm.budget import Budget, Price
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMReply, LLMRequest
from parley.mail.outgoing import SendUnknown
from parley.store.results import Stored
from parley.transcripts import parse_transcript
from tests.inbound.test_pipeline import MAILBOX, World, eml
from tests.ledger.test_sweep import DAY, HOUR, Place
from tests.llm_stub import SCRIPT
from tests.support import FakeBackend

TEMPLATE = load_template()
RESOURCES = TEMPLATE.document["Resources"]
FILTERS = {
    resource["Properties"]["MetricTransformations"][0]["MetricName"]: resource["Properties"]
    for resource in RESOURCES.values()
    if resource["Type"] == "AWS::Logs::MetricFilter"
}
ALARMS = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
NAMESPACE = {"Fn::Sub": "Parley/${AWS::StackName}"}


# ---- CloudWatch's filter patterns, as far as the template uses them ---------------

_TERM = re.compile(r'\$\.(\w+) (=|>|>=) (?:"([^"]*)"|(\*)|(\d+))')
_COMPARED = {">": operator.gt, ">=": operator.ge, "=": operator.eq}


def matches(pattern, line):
    inside = re.fullmatch(r"\{ (.*) \}", pattern)
    assert inside, pattern
    return all(_holds(term, line) for term in inside[1].split(" && "))


def _holds(term, line):
    found = _TERM.fullmatch(term)
    assert found, term
    name, compare, text, anything, number = found.groups()
    value = line.get(name)
    if value is None:
        return False
    if anything:
        return True
    if text is not None:
        return value == text
    return isinstance(value, int | float) and _COMPARED[compare](value, int(number))


def counted(name, lines):
    """What the filter makes of the lines: (dimension's value or None, value)."""
    properties = FILTERS[name]
    [made] = properties["MetricTransformations"]
    dimension = made.get("Dimensions", [{"Value": None}])[0]["Value"]
    return [
        (_taken(dimension, line) if dimension else None, float(_taken(made["MetricValue"], line)))
        for line in lines
        if matches(properties["FilterPattern"], line)
    ]


def _taken(value, line):
    return line[value.removeprefix("$.")] if value.startswith("$.") else value


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ('{ $.message = "a b" }', {"message": "a b"}, True),
        ('{ $.message = "a" }', {"message": "a b"}, False),
        ('{ $.message = "a" && $.n > 0 }', {"message": "a", "n": 0}, False),
        ('{ $.message = "a" && $.n > 0 }', {"message": "a", "n": 0.001}, True),
        ('{ $.message = "a" && $.n >= 0 }', {"message": "a"}, False),
        ("{ $.x = * }", {"x": None}, False),
        ("{ $.x = * }", {"x": "y"}, True),
    ],
)
def test_the_evaluator_reads_patterns_as_cloudwatch_does(pattern, line, expected):
    assert matches(pattern, line) is expected


# ---- lines, as the runtime writes them --------------------------------------------


class Written(logging.Handler):
    def __init__(self):
        super().__init__(logging.INFO)
        self.setFormatter(JsonFormatter())
        self.lines = []

    def emit(self, record):
        self.lines.append(json.loads(self.format(record)))


@contextmanager
def written():
    handler, logger = Written(), logging.getLogger("parley")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


class Half:
    """A model that answers all but one extractor."""

    async def complete(self, request, *, timeout):  # noqa: ASYNC109  # `Provider` names it so
        if request.name == "risks":
            raise LLMAPIError("down")
        return LLMReply(SCRIPT[request.name], 1_000, 100)


async def no_nap(seconds):
    del seconds


def with_model(world, *, fallback):
    machine = TranscriptMachine(Gateway(Half(), price=Price(2, 8), sleep=no_nap), fallback=fallback)
    world.pipeline = replace(world.pipeline, machine=machine)
    return world


class Handed:
    async def hand_back(self, message, *, seconds):
        pass


async def inbound_lines():
    """A mail worked by a model, one that is answered into the unknown, one that fails, and a bug."""
    with written() as lines:
        await with_model(World(), fallback=True).deliver(eml())
        await with_model(World(), fallback=False).deliver(eml())
        unknown = World()
        unknown.sender.ends = [SendUnknown("dropped")]
        await unknown.deliver(eml())
        failing = World()
        failing.backend.broken = {"meeting"}
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(RetryableError):
                await failing.deliver(eml())
        failing.backend.broken = set()
        await failing.deliver(eml(), fresh=True)
        broken = Intake(pipeline=None, queue=Handed(), clock=World().clock)
        event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": "{}", "attributes": {}}]}
        await broken.take(event, seconds=60)
        await rested()
    return lines


async def scheduled_lines():
    """A lost mail, an abandoned run, one that waits for a person."""
    with written() as lines:
        place = Place()
        await place.runs.mark_email_processed(await place.claim("q"), Outcome.QUARANTINED)
        await place.claim()
        place.clock.forward(DAY)
        place.raw.put("raw/lost", age=HOUR)
        await place.rounds.run(seconds=300)
    return lines


async def delivery_lines():
    """A reply that was delivered, and one that bounced for good."""
    with written() as lines:
        for kind, about in (
            ("Delivery", {}),
            ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": []}),
        ):
            world = World()
            await world.deliver(eml())
            [tag] = [row["name"] for (_, sk), row in world.table.rows.items() if sk.startswith("outbox#")]
            settlement = Settlement(
                runs=world.pipeline.runs,
                backend=Settled(MAILBOX),
                clock=world.clock,
                reply_from="assistant@parley.test",
            )
            mail = {"messageId": "ses-1", "destination": ["sarah@acme.test"], "tags": {"parley-reply": [tag]}}
            detail = {"eventType": kind, "mail": mail, kind.lower(): about}
            event = {"source": "aws.ses", "region": "eu-west-1", "detail": detail}
            await settlement.take(event, seconds=60)
    return lines


TALK = (
    "Ann: I will send the pricing sheet by Friday.\nBo: So we agreed to start the pilot in May.\nAnn: Good."
)


class Jobs:
    """`jobs.BackendAPI` with one job, of which nothing is kept."""

    async def get_job(self, tenant, job_id):
        job = {"status": "queued", "meeting_id": "m-1", "transcript": "d", "edition": "rules", "round": 1}
        return {**job, "extractors": list(INSIGHT_NAMES), "over_edits": False}

    async def put_job(self, tenant, job_id, body):
        pass

    async def get_meeting(self, tenant, meeting_id):
        return {"title": "Pilot"}

    async def get_transcript(self, tenant, meeting_id, name):
        return transcript_json(parse_transcript(TALK.encode()))

    async def put_insights(self, tenant, meeting_id, body):
        return {"version": 1, "stored": True, "reason": None}


class Down:
    async def complete(self, request, *, timeout):  # noqa: ASYNC109  # `Provider` names it so
        raise LLMAPIError("down")


async def rested():
    """A provider that is down, asked until it is left to rest."""
    gateway = Gateway(Down(), sleep=no_nap)
    budget = Budget(seconds=lambda: 60.0)
    for _ in range(21):
        with pytest.raises(LLMAPIError):
            await gateway.complete(LLMRequest("risks", "", "", {}), budget=budget)


async def jobs_lines():
    """A job that the rules made good in part, and one of which a part stayed out."""
    with written() as lines:
        for fallback in (True, False):
            machine = TranscriptMachine(Gateway(Half(), price=Price(2, 8), sleep=no_nap), fallback=fallback)
            analyst = Analyst(machine=machine)
            worker = Worker(analyst=analyst, backend=Jobs(), queue=Handed(), clock=World().clock)
            record = {"messageId": "m", "body": json.dumps({"job_id": "job_1", "tenant": "demo"})}
            assert await worker.take({"Records": [record]}, seconds=60) == {"batchItemFailures": []}
        await rested()
    return lines


class NoRecords:
    """`Records`, as far as an analysis asks it: one meeting, and all that is written is well."""

    store = blobs = None

    async def fetch(self, tenant, kind, ident):
        return Stored({"title": "Pilot", "status": "completed", "rrule": None}, 1)


class NoTranscripts:
    async def keep(self, meeting_id, transcript):
        return StoredTranscript(transcript, "d")

    async def note_run(self, meeting_id, run_id):
        pass


class NoInsights:
    async def put_run(self, tenant, meeting_id, body, *, over_edits, on_request):
        return StoredInsightsVersion(body, 1)


async def api_lines():
    """The same two through the API's own service."""
    with written() as lines:
        for fallback in (True, False):
            machine = TranscriptMachine(Gateway(Half(), price=Price(2, 8), sleep=no_nap), fallback=fallback)
            analysing = AnalysisConfig(analyst=Analyst(machine=machine))
            service = AnalysisService(NoRecords(), NoTranscripts(), analysing, "demo", insights=NoInsights())
            answer, _ = await service.analyze("m-1", AnalysisRequest(transcript=TALK))
            assert answer["insights"]["decisions"]
        await rested()
    return lines


class Settled(FakeBackend):
    async def get_email(self, tenant, run_id):
        return None

    async def put_suppression(self, tenant, address, body):
        self.suppressed.add(address)


GROUPS = {
    "InboundEmailLogs": inbound_lines,
    "ScheduledLogs": scheduled_lines,
    "DeliveryEventsLogs": delivery_lines,
    "BackendApiLogs": api_lines,
    "AnalysisJobsLogs": jobs_lines,
}


@pytest.mark.parametrize("name", FILTERS)
async def test_every_filter_finds_a_line_that_the_code_writes(name):
    lines = await GROUPS[FILTERS[name]["LogGroupName"]["Ref"]]()
    found = counted(name, lines)
    assert found, [line for line in lines if line["message"] != "step"]
    assert all(value >= 0 for _, value in found)
    assert any(value > 0 for _, value in found)


async def test_runs_are_counted_by_their_outcome_once_each():
    lines = await inbound_lines()
    assert sorted(counted("Runs", lines)) == [
        ("failed", 1.0),
        ("processed", 1.0),
        ("processed", 1.0),
        ("processed", 1.0),
        ("processed", 1.0),
    ]


async def test_fallbacks_failures_attempts_and_cost_are_what_happened():
    lines = await inbound_lines()
    assert counted("Fallbacks", lines) == [(None, 1.0)]
    assert counted("ExtractorsFailed", lines) == [(None, 1.0)]
    assert sum(n for _, n in counted("AttemptsFailed", lines)) == MAX_ATTEMPTS
    assert len(counted("RepliesSent", lines)) == 3
    assert counted("AmbiguousSends", lines) == [(None, 1.0)]
    assert counted("MessagesFailed", lines) == [(None, 1.0)]
    spent = [line for line in lines if line["message"] == "run finished" and line["llm_calls"]]
    assert sum(n for _, n in counted("LlmCalls", lines)) == sum(line["llm_calls"] for line in spent)
    # 6 answers of 1,000 tokens in and 100 out, at 2 and 8 dollars a million.
    assert counted("LlmCostUsd", lines) == [(None, pytest.approx(6 * 0.0028))] * 2


async def test_a_reply_that_a_dead_worker_left_is_counted_as_ambiguous_too():
    """Nobody saw how that send ended; the next worker parks it."""
    world = World()
    world.sender.ends = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await world.deliver(eml())
    world.clock.forward(HOUR)
    with written() as lines:
        await world.deliver(eml(), fresh=False)
    assert counted("AmbiguousSends", lines) == [(None, 1.0)]


async def test_what_the_sweeper_found_is_counted_by_its_kind():
    lines = await scheduled_lines()
    assert sorted(counted("Requeued", lines)) == [("mail", 1.0), ("runs", 1.0)]
    waiting, ages = dict(counted("Waiting", lines)), dict(counted("WaitingSeconds", lines))
    assert waiting["quarantined"] == waiting["abandoned"] == 1.0
    assert ages["quarantined"] == DAY
    assert waiting["ambiguous"] == ages["ambiguous"] == 0.0


async def test_send_events_are_counted_by_their_kind():
    lines = await delivery_lines()
    assert counted("SendEvents", lines) == [("Delivery", 1.0), ("Bounce", 1.0)]
    assert counted("AddressesSuppressed", lines) == [(None, 1.0)]


# ---- what CloudWatch asks of a filter ---------------------------------------------


@pytest.mark.parametrize("name", FILTERS)
def test_what_a_filter_takes_from_a_line_stands_in_its_pattern(name):
    """CloudWatch takes a field's value only where the pattern names it; with dimensions it allows no default."""
    [made] = FILTERS[name]["MetricTransformations"]
    assert made["MetricNamespace"] == NAMESPACE
    assert "DefaultValue" not in made
    taken = [made["MetricValue"], *(one["Value"] for one in made.get("Dimensions", []))]
    for field in (one for one in taken if one.startswith("$.")):
        assert f"{field} " in FILTERS[name]["FilterPattern"]


# ---- alarms -----------------------------------------------------------------------


def own(name):
    return ALARMS[name]["Namespace"] == NAMESPACE


@pytest.mark.parametrize("name", [name for name in ALARMS if own(name)])
def test_an_alarm_watches_a_metric_that_a_filter_makes_by_all_its_dimensions(name):
    alarm = ALARMS[name]
    [made] = FILTERS[alarm["MetricName"]]["MetricTransformations"]
    assert [d["Key"] for d in made.get("Dimensions", [])] == [d["Name"] for d in alarm.get("Dimensions", [])]


VALUES = {
    "outcome": {str(outcome) for outcome in Outcome},
    "what": {"abandoned", *WATCHED},
    "swept": {"mail", "runs"},
}


@pytest.mark.parametrize("name", [name for name in ALARMS if own(name)])
def test_an_alarm_asks_for_a_value_that_is_written(name):
    for dimension in ALARMS[name].get("Dimensions", []):
        assert dimension["Value"] in VALUES[dimension["Name"]]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_the_topic_and_says_what_a_person_should_know(name):
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], []]}
    assert len(alarm["AlarmDescription"]) > 20


def test_what_waits_for_a_person_has_an_alarm():
    watched = {
        (alarm["MetricName"], *(str(d["Value"]) for d in alarm.get("Dimensions", []))): alarm
        for alarm in ALARMS.values()
        if alarm["Namespace"] == NAMESPACE
    }
    assert watched["Runs", "failed"]["Threshold"] == 0
    assert watched["Requeued", "mail"]["Threshold"] == 0
    assert watched["Waiting", "abandoned"]["Threshold"] == 0
    assert watched["Waiting", "sending"]["Threshold"] == 0
    assert watched["Waiting", "undelivered"]["Threshold"] == 0
    assert watched["WaitingSeconds", "held"]["Threshold"] == 900
    for where in ("Mail", "Api", "Jobs"):
        assert watched[(f"{where}ModelRests",)]["Threshold"] == 0
    # SES's event may still settle it: an hour is plenty for that.
    assert watched["WaitingSeconds", "ambiguous"]["Threshold"] == 3600


def test_the_sweeper_is_watched_itself():
    lambdas = {a["MetricName"]: a for a in ALARMS.values() if a["Namespace"] == "AWS/Lambda"}
    assert {d["Value"]["Ref"] for a in lambdas.values() for d in a["Dimensions"]} == {"Scheduled"}
    assert lambdas["Errors"]["Threshold"] == 0
    silent = lambdas["Invocations"]
    assert (silent["TreatMissingData"], silent["ComparisonOperator"]) == ("breaching", "LessThanThreshold")
    assert silent["Period"] >= 4 * 15 * 60
