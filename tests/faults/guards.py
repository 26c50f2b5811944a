"""Every guard is needed: take one away, and a test fails.

    python -m tests.faults.guards [NAME...]

copies the sources to a temporary folder, takes away one guard at a time there,
runs the tests that should notice, and prints what did. It ends with 1 when a
guard is gone and nobody notices. The checkout is never touched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("shared", "local", "lambdas", "tests", "events")
FILES = ("template.yaml", "pyproject.toml")
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info")
SECONDS = 1800
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)

CLAIMS, STEPS, OUTBOX, TABLE, LEDGER = (
    f"shared/parley/ledger/{name}.py" for name in ("claims", "steps", "outbox", "table", "ledger")
)
EMAIL_LEDGER = "shared/parley/inbound/email_ledger.py"
PIPELINE, INTAKE, SETTLEMENT, REPLIES = (
    f"shared/parley/inbound/{name}.py" for name in ("pipeline", "intake", "delivery_events", "replies")
)
DYNAMO, CLIENT, SES = (f"shared/parley/adapters/{name}.py" for name in ("dynamo", "api_client", "ses"))
BOOTSTRAP = "shared/parley/bootstrap/clients.py"
INSIGHTS, IDEMPOTENCY = ("shared/parley/insights/service.py", "shared/parley/store/idempotency.py")

JOBS, OF_MEETING = ("shared/parley/insights/worker.py", "shared/parley/insights/analyst.py")
GATEWAY, PREPARER = ("shared/parley/llm/gateway.py", "shared/parley/preparation/preparer.py")
INVITE, ERASING = ("shared/parley/inbound/routes/invite.py", "shared/parley/insights/erasure.py")

T_OUTAGE = "tests/inbound/test_out_of_service.py"
T_JOBS, T_BREAKER = ("tests/insights/test_worker.py", "tests/llm/test_circuit_breaker.py")
T_PREPARED = "tests/inbound/test_invite_preparation.py"
T_RUNS = "tests/ledger/test_runs.py"
T_PIPELINE, T_INTAKE = (f"tests/inbound/test_{name}.py" for name in ("pipeline", "intake"))
T_TABLE, T_CLIENT, T_SES = (
    "tests/contract/test_run_table.py",
    "tests/adapters/test_api_client.py",
    "tests/adapters/test_ses.py",
)
T_SETTLED = "tests/inbound/test_delivery_events.py"
T_HERE = "tests/faults/test_guards.py"
T_CONCURRENCY, T_POISON = (f"tests/faults/test_{name}.py" for name in ("concurrency", "poison"))


@dataclass(frozen=True)
class Guard:
    """`old` stands once in `file`; with `new` in its place one of `tests` (node ids without parameters) fails."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def guard(name: str, file: str, old: str, new: str, *tests: str) -> Guard:
    return Guard(name, file, old, new, tests)


_LOST_CREATE = 'existing = await table.create(mine)\n    if existing is None or existing.get("write_id") == mine["write_id"]:'
_LOST_REPLACE = (
    'existing = await table.replace(mine, version=int(old["version"]))\n'
    '    if existing is None or existing.get("write_id") == mine["write_id"]:'
)

GUARDS = (
    # -- claims
    guard(
        "claim condition",
        DYNAMO,
        'ConditionExpression="attribute_not_exists(pk)"',
        'ConditionExpression="attribute_not_exists(pk) OR attribute_exists(pk)"',
        f"{T_TABLE}::test_create_answers_none_and_then_what_stands",
    ),
    guard(
        "version condition",
        DYNAMO,
        'ConditionExpression="#version = :version"',
        'ConditionExpression="#version = :version OR attribute_exists(pk)"',
        f"{T_TABLE}::test_replace_takes_only_the_version_it_names",
    ),
    guard(
        "ALL_OLD",
        DYNAMO,
        'ReturnValuesOnConditionCheckFailure="ALL_OLD"',
        'ReturnValuesOnConditionCheckFailure="NONE"',
        f"{T_TABLE}::test_create_answers_none_and_then_what_stands",
    ),
    guard(
        "own token, first write",
        TABLE,
        _LOST_CREATE,
        _LOST_CREATE.replace(' or existing.get("write_id") == mine["write_id"]', ""),
        f"{T_RUNS}::test_a_lost_answer_to_the_claim_is_met_as_our_own",
    ),
    guard(
        "own token, later write",
        TABLE,
        _LOST_REPLACE,
        _LOST_REPLACE.replace(' or existing.get("write_id") == mine["write_id"]', ""),
        f"{T_RUNS}::test_a_lost_answer_to_the_end_still_ends_the_run",
    ),
    guard(
        "busy",
        CLAIMS,
        'if standing["state"] == "open" and left > 0:',
        'if standing["state"] == "never" and left > 0:',
        f"{T_RUNS}::test_a_living_owner_makes_every_other_copy_busy",
    ),
    guard(
        "lease",
        CLAIMS,
        'if standing["state"] == "open" and left > 0:',
        'if standing["state"] == "open":',
        f"{T_RUNS}::test_a_dead_owner_is_replaced_after_its_lease_with_the_steps_read_back",
    ),
    guard(
        "lease margin",
        CLAIMS,
        "LEASE_MARGIN = 5.0",
        "LEASE_MARGIN = 0.0",
        f"{T_CONCURRENCY}::test_while_its_owner_lives_a_copy_is_busy_and_afterwards_it_takes_over",
    ),
    guard(
        "takeover is conditional",
        CLAIMS,
        'if not won:\n            raise BusyError(f"run {key.run_id} was just taken", retry_after=1.0)',
        "del won",
        f"{T_HERE}::test_of_two_that_take_over_at_once_one_is_busy",
    ),
    guard(
        "attempts end",
        CLAIMS,
        "if attempts > self._max_attempts:",
        "if attempts > 10 * self._max_attempts:",
        f"{T_RUNS}::test_attempts_end",
    ),
    guard(
        "only a redrive reopens",
        CLAIMS,
        "(not (failed and fresh) or",
        "(not failed or",
        f"{T_RUNS}::test_only_a_redriven_copy_reopens_a_failed_run",
    ),
    guard(
        "erased stays erased",
        CLAIMS,
        ' or standing.get("erased_at")):',
        "):",
        f"{T_HERE}::test_a_redrive_of_what_was_erased_finds_it_ended",
    ),
    guard(
        "finished stays finished",
        CLAIMS,
        'if standing["state"] == "finished" and (not',
        'if standing["state"] == "never" and (not',
        f"{T_RUNS}::test_a_finished_run_says_how_it_ended",
    ),
    guard(
        "lease given back",
        LEDGER,
        "elif not self.last_attempt(claim):\n                await self._surely_release(claim, counted=True)\n",
        "elif not self.last_attempt(claim):\n                pass\n",
        f"{T_PIPELINE}::test_a_throttled_send_is_tried_again_by_the_next_copy",
    ),
    guard(
        "waiting is no attempt",
        CLAIMS,
        "attempts = claim.attempt if counted else claim.attempt - 1",
        "attempts = claim.attempt",
        f"{T_PIPELINE}::test_waiting_for_another_copy_is_no_attempt",
    ),
    # -- the same content
    guard(
        "content claim",
        PIPELINE,
        "if earlier:\n",
        "if earlier and not earlier:\n",
        f"{T_PIPELINE}::test_the_same_mail_in_two_deliveries_is_answered_once",
    ),
    guard(
        "content busy",
        EMAIL_LEDGER,
        'if other is None or other["state"] != "finished" or other["outcome"] == Outcome.FAILED:',
        "if other is None:",
        f"{T_RUNS}::test_the_same_content_in_another_delivery_is_a_duplicate_once_the_first_has_ended",
    ),
    guard(
        "content of a stopped run",
        EMAIL_LEDGER,
        'if other["outcome"] in _STOPPED:',
        'if other["outcome"] in ():',
        f"{T_PIPELINE}::test_a_copy_that_was_stopped_does_not_swallow_the_one_that_is_authentic",
    ),
    guard(
        "once",
        CLAIMS,
        'return won or standing["owner"] == claim.key.run_id',
        "return True",
        f"{T_RUNS}::test_once_belongs_to_the_first_run_and_stays_its_own",
    ),
    # -- steps
    guard(
        "step read-back",
        STEPS,
        "if name in claim.steps:\n            return claim.steps[name]\n",
        "pass\n",
        f"{T_RUNS}::test_a_step_is_made_once_and_the_loser_goes_on_with_what_won",
    ),
    guard(
        "steps survive the owner",
        CLAIMS,
        'return Claim(key, item, *await self._recorded(key, int(item["generation"])))',
        "return Claim(key, item)",
        f"{T_RUNS}::test_a_dead_owner_is_replaced_after_its_lease_with_the_steps_read_back",
    ),
    guard(
        "the loser takes what won",
        STEPS,
        'claim.steps[name] = json.loads(standing["value"])',
        "claim.steps[name] = json.loads(value)",
        f"{T_RUNS}::test_a_step_is_made_once_and_the_loser_goes_on_with_what_won",
    ),
    # -- the reply
    guard(
        "first intent wins",
        OUTBOX,
        "_, standing = await self._create(item)\n        return OutboxEntry(standing)",
        "await self._create(item)\n        return OutboxEntry({**item, 'version': 1})",
        f"{T_RUNS}::test_the_first_intent_wins",
    ),
    guard(
        "outbox state: sending is another's",
        OUTBOX,
        "if entry.state is OutboxState.SENDING:\n            return False, await self.settle(entry, OutboxState.AMBIGUOUS)\n",
        "if entry.state is OutboxState.SENDING:\n            return True, entry\n",
        f"{T_RUNS}::test_a_send_that_nobody_saw_end_is_ambiguous_and_never_tried_again",
    ),
    guard(
        "outbox state: only an intent is sent",
        OUTBOX,
        "if entry.state is not OutboxState.INTENT:\n            return False, entry\n",
        "pass\n",
        f"{T_RUNS}::test_a_reply_is_taken_once",
    ),
    guard(
        "outbox state: settled by its table",
        OUTBOX,
        "while state in OUTBOX_TRANSITIONS[entry.state]:",
        "while state is not entry.state:",
        f"{T_RUNS}::test_the_outbox_moves_only_as_its_table_says",
    ),
    guard(
        "unknown is not refused",
        REPLIES,
        'log.warning("reply ambiguous", extra={"tag": entry.tag, "error": type(error).__name__})\n            return EndOfSend(OutboxState.AMBIGUOUS)',
        "await self.runs.settle(entry, OutboxState.INTENT)\n            raise RetryableError('again') from error",
        f"{T_PIPELINE}::test_a_send_with_an_unknown_end_is_never_tried_again",
    ),
    guard(
        "single SES attempt",
        BOOTSTRAP,
        'retries={"total_max_attempts": 1}',
        'retries={"total_max_attempts": 5}',
        f"{T_SES}::test_each_end_says_what_it_proves_and_at_most_one_is_on_the_wire",
    ),
    guard(
        "a dropped send is unknown",
        SES,
        'raise SendUnknown(f"no answer from SES: {error}") from error',
        'raise SendRefused(f"no answer from SES: {error}") from error',
        f"{T_SES}::test_each_end_says_what_it_proves_and_at_most_one_is_on_the_wire",
    ),
    guard(
        "a 5xx of SES is unknown",
        SES,
        'return SendUnknown(f"SES answered {status_of(error)} {code}")',
        'return SendRefused(f"SES answered {status_of(error)} {code}")',
        f"{T_SES}::test_each_end_says_what_it_proves_and_at_most_one_is_on_the_wire",
    ),
    guard(
        "a fresh connection to SES",
        BOOTSTRAP,
        'connector_args={"force_close": True, "keepalive_timeout": None},',
        "",
        f"{T_HERE}::test_ses_is_asked_on_a_fresh_connection_each_time",
    ),
    guard(
        "suppressed is not written to",
        REPLIES,
        "if run.suppressed:\n            state = OutboxState.SUPPRESSED",
        "if run.suppressed and not run.suppressed:\n            state = OutboxState.SUPPRESSED",
        f"{T_PIPELINE}::test_a_suppressed_correspondent_is_worked_for_and_not_written_to",
    ),
    guard(
        "a bounce fails the reply",
        SETTLEMENT,
        "state = OutboxState.FAILED if event.failed else OutboxState.SENT",
        "state = OutboxState.SENT",
        "tests/inbound/test_delivery_events.py::test_a_bounce_for_good_fails_the_reply_and_suppresses_its_recipient_alone",
    ),
    guard(
        "a bounce suppresses",
        SETTLEMENT,
        "return (to,) if event.unwelcome and named else ()",
        "return ()",
        f"{T_SETTLED}::test_a_bounce_for_good_fails_the_reply_and_suppresses_its_recipient_alone",
    ),
    guard(
        "and nobody else",
        SETTLEMENT,
        "named = not event.recipients or to in event.recipients",
        "named = True",
        f"{T_SETTLED}::test_nobody_is_suppressed_whom_the_reply_was_not_written_to",
    ),
    # -- what is out of service
    guard(
        "an outage uses no attempt",
        LEDGER,
        "isinstance(error, BusyError | OutOfService)",
        "isinstance(error, BusyError)",
        f"{T_OUTAGE}::test_ses_refuses_for_an_hour_and_every_answer_goes_out_once",
    ),
    guard(
        "an outage takes nothing to the dead letters",
        INTAKE,
        "if message.receive_count < RECEIVES_TO_PUT_OFF:",
        "if message.receive_count < 99:",
        f"{T_OUTAGE}::test_an_api_that_is_away_for_a_night_takes_nothing_to_the_dead_letters",
    ),
    guard(
        "a refused set-up rejects no reply",
        SES,
        "if code in SET_UP or NOT_VERIFIED in said:",
        "if not code:",
        f"{T_OUTAGE}::test_ses_refuses_for_an_hour_and_every_answer_goes_out_once",
    ),
    # -- the backend
    guard(
        "idempotency key sent",
        CLIENT,
        'headers["Idempotency-Key"] = uuid.uuid4().hex',
        "pass",
        f"{T_CLIENT}::test_a_post_carries_one_key_through_all_its_tries",
    ),
    guard(
        "retry on a stale connection",
        CLIENT,
        "except (aiohttp.ServerDisconnectedError, ConnectionResetError):\n                return await",
        "except ZeroDivisionError:\n                return await",
        f"{T_HERE}::test_a_post_on_a_stale_connection_is_made_again_at_once",
    ),
    guard(
        "insights once a run",
        INSIGHTS,
        'seen = body["run_id"] in standing.applied',
        "seen = False",
        "tests/rooms/test_insights.py::test_a_run_is_stored_once",
    ),
    guard(
        "idempotency key honoured",
        IDEMPOTENCY,
        "guard=Guard.EXPIRED, record=record, now=now)",
        "guard=Guard.ANY, record=record, now=now)",
        "tests/rooms/test_idempotency.py::test_the_same_request_gets_the_same_answer_and_has_one_effect",
    ),
    guard(
        "idempotency key of another request",
        IDEMPOTENCY,
        'if memory["request"] != idempotency.request:',
        "if memory is None:",
        "tests/rooms/test_idempotency.py::test_another_body_under_the_same_key_is_422",
    ),
    # -- time
    guard(
        "deadline before storing",
        PIPELINE,
        'deadline.require(SECONDS_TO_SEND, "store the results and answer")\n',
        "pass\n",
        f"{T_PIPELINE}::test_no_effect_begins_inside_the_margin",
    ),
    guard(
        "deadline before the send",
        REPLIES,
        'deadline.require(SECONDS_TO_SEND, "send the reply")\n',
        "pass\n",
        f"{T_HERE}::test_without_time_to_send_the_reply_is_left_as_an_intent",
    ),
    guard(
        "deadline before an email",
        INTAKE,
        'deadline.require(1.0, "begin another email")\n',
        "pass\n",
        f"{T_INTAKE}::test_nothing_is_begun_without_time",
    ),
    guard(
        "a send has its limit",
        REPLIES,
        "async with asyncio.timeout(deadline.remaining() - SECONDS_TO_SETTLE):",
        "async with asyncio.timeout(deadline.remaining() + SECONDS_TO_SETTLE):",
        f"{T_HERE}::test_a_send_that_hangs_is_recorded_as_ambiguous_before_time_is_up",
    ),
    guard(
        "work has its limit",
        LEDGER,
        "async with deadline.limit(what):",
        "if True:",
        f"{T_HERE}::test_work_that_hangs_is_given_back_before_time_is_up",
    ),
    # -- the queue
    guard(
        "visibility hand-back",
        INTAKE,
        "await self._hand_back(message, _told(error, message.receive_count), deadline)",
        "pass",
        f"{T_INTAKE}::test_what_comes_back_comes_back_after_its_backoff",
    ),
    guard(
        "a living owner is asked soon",
        INTAKE,
        "isinstance(error, BusyError) and error.alive and error.retry_after is not None",
        "False",
        f"{T_INTAKE}::test_what_comes_back_comes_back_after_its_backoff",
    ),
    guard(
        "suspects alone",
        INTAKE,
        "fresh = [m for m in announced.records if m.receive_count <= 1]\n        again = [m for m in announced.records if m.receive_count > 1]",
        "fresh = [m for m in announced.records]\n        again = []",
        f"{T_INTAKE}::test_fresh_messages_go_side_by_side_and_the_others_alone_after_them",
    ),
    guard(
        "most begun last",
        INTAKE,
        "return sorted(again, key=lambda m: begun[m.message_id])",
        "return again",
        f"{T_POISON}::test_a_mail_that_kills_its_worker_takes_no_neighbour_along_whatever_the_order",
    ),
    guard(
        "one failure costs no neighbour",
        INTAKE,
        "except Exception as error:  # noqa: BLE001  # nothing may cost the neighbours: it is logged and comes back",
        "except ZeroDivisionError as error:",
        f"{T_INTAKE}::test_one_poison_costs_the_other_nine_nothing",
    ),
    guard(
        "a failed run is said again",
        PIPELINE,
        "if finished.outcome is Outcome.FAILED and not finished.erased:",
        "if finished.outcome is None:",
        f"{T_PIPELINE}::test_attempts_that_never_succeed_end_as_failed_and_stay_so_until_redriven",
    ),
    guard(
        "the other mailbox has its turn",
        "shared/parley/core/tasks.py",
        "except Exception as error:  # noqa: BLE001  # raised below, when all had their turn",
        "except ZeroDivisionError as error:",
        f"{T_PIPELINE}::test_a_mailbox_that_fails_costs_the_others_on_the_delivery_nothing",
    ),
    # -- analyses, jobs and preparations
    guard(
        "an analysis at work is busy",
        CLAIMS,
        "        self._refuse_while_alive(standing)\n        erased = {",
        "        erased = {",
        f"{T_JOBS}::test_a_copy_comes_back_while_the_first_is_at_work",
    ),
    guard(
        "a job that is done is not done again",
        JOBS,
        'if job is None or job["status"] == JobStatus.DONE:',
        "if job is None:",
        f"{T_JOBS}::test_a_copy_of_a_job_that_is_done_costs_nothing",
    ),
    guard(
        "a job that fails for good says so",
        JOBS,
        "            if order.is_last:",
        "            if order.receives > 1_000:",
        f"{T_JOBS}::test_where_every_extractor_fails_the_message_comes_back_and_the_last_time_says_so",
    ),
    guard(
        "an analysis that ended is no open run",
        OF_MEETING,
        "            await self.ledger.finish(claim, Outcome.PROCESSED)\n",
        "",
        f"{T_JOBS}::test_the_run_ends_so_that_nothing_takes_it_for_abandoned",
    ),
    guard(
        "breaker",
        GATEWAY,
        "        self._breaker.before_call()\n",
        "",
        f"{T_BREAKER}::test_a_provider_that_is_down_is_not_asked_any_more",
    ),
    guard(
        "no join details in a preparation",
        PREPARER,
        "for c in without_join_details(text))",
        "for c in text)",
        f"{T_PREPARED}::test_what_a_model_writes_is_shown_without_what_it_copied",
    ),
    guard(
        "no join details in an answer",
        "shared/parley/inbound/routes/invite_reply.py",
        "return filter(None, map(without_join_details, texts))",
        "return filter(None, texts)",
        f"{T_PREPARED}::test_the_answer_has_what_is_on_record_and_what_is_still_owed",
    ),
    guard(
        "a preparation is a recorded step",
        INVITE,
        "recorded = await job.record(PREPARATION, write)",
        "recorded = await write()",
        f"{T_PREPARED}::test_a_redelivery_reads_the_model_s_answer_back",
    ),
    guard(
        "an erasure takes the answers of analyses",
        ERASING,
        "known = [await work.erase_from_ledger(run_id) for run_id in runs]",
        "known = [True for run_id in runs]",
        "tests/rooms/test_erasing_analyses.py::test_transcripts_and_recorded_answers_go_and_what_was_found_loses_the_person",
    ),
)


@dataclass(frozen=True)
class Verdict:
    """Which test failed without the guard; None when none did, and the guard may go unnoticed."""

    guard: Guard
    failed: str | None
    seconds: float


@contextmanager
def copied() -> Iterator[Path]:
    """The sources, in a folder that goes with the block."""
    with tempfile.TemporaryDirectory(prefix="parley-guards-") as folder:
        home = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, home / name, ignore=NOT_COPIED)
        for name in FILES:
            shutil.copy(ROOT / name, home / name)
        yield home


def environment(home: Path) -> dict[str, str]:
    """What a process needs to import the copy, and no bytecode of an earlier mutant."""
    path = os.pathsep.join((str(home / "shared"), str(home)))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def check_imports(home: Path) -> None:
    """Raises unless the copy is what is imported: the environment also knows the checkout."""
    say = "import parley, local, tests; print(parley.__file__, local.__file__, tests.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", say],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(path.startswith(str(home)) for path in found.stdout.split()), found.stdout


def failing(home: Path, tests: Sequence[str]) -> list[str]:
    """The tests that fail, and what could not even be collected."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(
        command, cwd=home, env=environment(home), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = FAILED.findall(done.stdout)
    if done.returncode not in {0, 1}:
        raise AssertionError(
            f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    assert bool(found) is bool(done.returncode), done.stdout[-2000:]
    return found


def mutated(one: Guard, source: str) -> str:
    """The source without the guard."""
    assert source.count(one.old) == 1, (
        f"{one.name}: its text stands {source.count(one.old)} times in {one.file}"
    )
    return source.replace(one.old, one.new)


def take_away(one: Guard, home: Path) -> Verdict:
    """Run the guard's tests without it, and put it back."""
    file = home / one.file
    whole = file.read_text(encoding="utf-8")
    began = time.monotonic()
    try:
        file.write_text(mutated(one, whole), encoding="utf-8")
        found = failing(home, one.tests)
    finally:
        file.write_text(whole, encoding="utf-8")
    return Verdict(one, found[0] if found else None, time.monotonic() - began)


def main(names: Sequence[str], guards: Sequence[Guard] = GUARDS) -> int:
    """0 when every guard (of these names) is missed by a test."""
    wanted = [one for one in guards if not names or one.name in names]
    with copied() as home:
        check_imports(home)
        tests = sorted({test for one in wanted for test in one.tests})
        if broken := failing(home, tests):
            sys.stdout.write(f"fails with all guards in place: {broken[0]}\n")
            return 1
        verdicts = [_told(take_away(one, home)) for one in wanted]
    survivors = [v.guard.name for v in verdicts if v.failed is None]
    sys.stdout.write(f"{len(verdicts)} guards, {len(survivors)} missed by no test {survivors or ''}\n")
    return 1 if survivors or not verdicts else 0


def _told(verdict: Verdict) -> Verdict:
    failed = (verdict.failed or "NO TEST").rpartition("::")[2][:80]
    sys.stdout.write(f"{verdict.guard.name:<40} {failed:<82} {verdict.seconds:5.1f} s\n")
    sys.stdout.flush()
    return verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
