"""Whatever happens in whatever order, every email ends once: a state machine that tries.

Deliver, duplicate, reorder, die, stand still and wake, lose answers, throttle,
let time pass and leases expire, redrive; after each step, and at the end when
all is quiet, the promises are looked at. A violation prints the steps, and
`python -m tests.faults.test_model CASES SEED` finds it again.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from parley.inbound.run_record import STATUS
from parley.ledger.outbox import OutboxState
from parley.mail.send_events import SendKind
from tests.faults.sim import SECOND_BOX, Email, Fault, Mode, Sim, new_loop
from tests.inbound.test_pipeline import BOX, eml

CASES = 150
STEPS = 30
SEED = 20261121
EFFECTS = 40
"""About as many as a transcript takes."""

TALK = """WEBVTT

1
00:00:05.000 --> 00:00:09.000
Ann Berg: I will send the pricing sheet by Friday, codeword-{name}.

2
00:00:09.500 --> 00:00:14.000
Bo Lind: Great, and we decided that we start the pilot in May.
"""

PLACES = st.one_of(
    st.integers(0, EFFECTS),
    st.tuples(st.sampled_from(["table", "backend", "model", "mail", "queue"]), st.integers(0, 9)),
)
FAULTS = st.one_of(
    st.builds(Fault, PLACES, st.sampled_from(Mode)),
    # The send is one effect in dozens, and the one that matters most.
    st.builds(Fault, st.just(("ses", 0)), st.sampled_from(Mode)),
)
PLANS = st.lists(FAULTS, max_size=2, unique_by=lambda fault: fault.at).map(tuple)
BAD = st.lists(FAULTS, min_size=1, max_size=2, unique_by=lambda fault: fault.at).map(tuple)
SEEDS = st.integers(0, 2**16)
BOXES = st.sampled_from([(BOX,), (BOX,), (BOX, SECOND_BOX)])
ARRIVALS = st.one_of(
    st.tuples(st.just("transcript"), BOXES, st.sampled_from([True, True, True, False])),
    st.tuples(st.just("invite"), st.integers(0, 1), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("question"), st.integers(0, 1), st.integers(0, 3)),
    st.tuples(st.just("automated")),
)


def transcript(name: str, boxes: tuple[str, ...]) -> Email:
    headers = {"From": f"{name}@acme.test", "Subject": f"Talk {name}", "Message_ID": f"<{name}@acme.test>"}
    return Email(name, "transcript", eml(vtt=TALK.format(name=name), **headers), boxes)


def automated(name: str) -> Email:
    headers = {"Auto_Submitted": "auto-replied", "From": "robot@acme.test"}
    raw = eml(vtt=TALK.format(name=name), Message_ID=f"<{name}@acme.test>", **headers)
    return Email(name, "automated", raw, (BOX,))


def question(conversation: int, place: int) -> Email:
    """Mail `place` of a conversation: it names all that came before it."""
    ids = [f"<c{conversation}.{n}@acme.test>" for n in range(place + 1)]
    raw = eml(
        f"Question {place}?",
        vtt=None,
        Subject=f"Re: Plan {conversation}" if place else f"Plan {conversation}",
        Message_ID=ids[-1],
        References=" ".join(ids[:-1]),
        In_Reply_To=ids[-2] if place else "",
    )
    return Email(f"c{conversation}.{place}", "question", raw, (BOX,), f"plan {conversation}")


def invite(uid: int, sequence: int, *, cancel: bool) -> Email:
    method = "CANCEL" if cancel else "REQUEST"
    name = f"i{uid}.{sequence}.{method}"
    lines = [
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:uid-{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:20260301T08000{sequence}Z",
        f"DTSTART:2026030{sequence + 4}T130000Z",
        "DURATION:PT45M",
        f"SUMMARY:Review {uid} at {sequence}",
        "ORGANIZER:mailto:sarah@acme.test",
        "ATTENDEE;CN=Kim Ode:mailto:kim@acme.test",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    raw = eml(
        "An invitation.", vtt="\r\n".join(lines), Subject=f"Review {uid}", Message_ID=f"<{name}@acme.test>"
    )
    raw = raw.replace(b"text/vtt", b"text/calendar").replace(b"call.vtt", b"invite.ics")
    return Email(name, "invite", raw, (BOX,))


class Bugs(logging.Handler):
    """What the intake had to take for a bug of ours: nothing that happens here is one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(
            f"{record.getMessage()}: {getattr(record, 'error', '')} {getattr(record, 'where', '')}"
        )


INTAKE_LOG = logging.getLogger("parley.inbound.intake")


class Mailroom(RuleBasedStateMachine):
    """One world; each rule is something that the network, a clock or a crash may do."""

    @initialize(mild=st.sampled_from([False, False, True]))
    def open(self, mild: bool) -> None:
        """In a `mild` world answers get lost, and the SDK asks again: nobody may notice."""
        self.mild = mild
        self.loop = new_loop()
        self.sim = Sim()
        self.finished: dict[str, tuple[str, str | None]] = {}
        self.names = 0
        self.bugs = Bugs()
        INTAKE_LOG.addHandler(self.bugs)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    # -- mail comes in

    @rule(arrivals=st.lists(ARRIVALS, min_size=1, max_size=3))
    def mail_arrives(self, arrivals: list[tuple[Any, ...]]) -> None:
        for kind, *more in arrivals:
            self.names += 1
            if kind == "transcript":
                boxes, there = more
                self.sim.deliver(transcript(f"t{self.names}", boxes), there=there)
            elif kind == "automated":
                self.sim.deliver(automated(f"a{self.names}"))
            elif kind == "invite":
                uid, sequence, cancel = more
                self.sim.deliver(invite(uid, sequence, cancel=cancel))
            else:
                self.sim.deliver(question(*more))

    @precondition(lambda self: self.sim.deliveries)
    @rule(which=st.integers(0, 99), copies=st.integers(1, 3))
    def the_same_event_again(self, which: int, copies: int) -> None:
        delivery = self._one(which)
        for _ in range(copies):
            self.sim.queue.put(delivery)

    @precondition(lambda self: self.sim.deliveries)
    @rule(which=st.integers(0, 99))
    def the_same_email_by_another_way(self, which: int) -> None:
        email = self.sim.deliveries[self._one(which)]
        self.sim.deliver(email, extra=b"Received: from elsewhere by mx; Tue, 03 Mar 2026 10:00:01 +0000\r\n")

    def _one(self, which: int) -> str:
        return f"d{which % len(self.sim.deliveries)}"

    # -- it is worked

    @precondition(lambda self: self.sim.queue.waiting)
    @rule(plan=BAD, count=st.integers(1, 2), seed=SEEDS)
    def one_works_badly(self, plan: tuple[Fault, ...], count: int, seed: int) -> None:
        self.run(self.sim.work(self.softened(plan), count=count, seed=seed))

    @precondition(lambda self: self.sim.queue.waiting)
    @rule(plans=st.lists(PLANS, min_size=2, max_size=3), count=st.integers(1, 4), seed=SEEDS)
    def several_work_at_once(self, plans: list[tuple[Fault, ...]], count: int, seed: int) -> None:
        self.run(self.sim.work(*map(self.softened, plans), count=count, seed=seed))

    @precondition(lambda self: self.sim.queue.waiting)
    @rule(delivery=st.integers(0, 99), plan=BAD, seconds=st.sampled_from([0, 190, 1100]), seed=SEEDS)
    def a_copy_comes_after_the_first_was_worked_badly(
        self, delivery: int, plan: tuple[Fault, ...], seconds: int, seed: int
    ) -> None:
        self.run(self.sim.work(self.softened(plan), count=1, seed=seed))
        self.sim.clock.forward(seconds)
        self.sim.queue.put(self._one(delivery))
        self.run(self.sim.work((), seed=seed))

    def softened(self, plan: tuple[Fault, ...]) -> tuple[Fault, ...]:
        return tuple(replace(fault, mode=Mode.ECHO) for fault in plan) if self.mild else plan

    @precondition(lambda self: self.sim.frozen)
    @rule(which=st.integers(0, 99))
    def a_frozen_worker_wakes(self, which: int) -> None:
        self.run(self.sim.wake(which % len(self.sim.frozen)))

    @rule(seconds=st.sampled_from([2, 30, 190, 1100, 4_000, 13 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        """190 s end a lease, 1,100 a visibility, an hour what a naive ledger remembers."""
        self.sim.clock.forward(seconds)

    @precondition(lambda self: self.sim.queue.dead)
    @rule()
    def redrive(self) -> None:
        self.sim.queue.redrive()

    @precondition(lambda self: self.sim.wire.sent)
    @rule(which=st.integers(0, 99), kind=st.sampled_from(SendKind), plan=PLANS, seed=SEEDS)
    def ses_says(self, which: int, kind: SendKind, plan: tuple[Fault, ...], seed: int) -> None:
        if kind is SendKind.REJECT:
            return  # what SES rejects never left
        self.run(self.sim.ses_says(which % len(self.sim.wire.sent), kind, self.softened(plan), seed=seed))

    @rule()
    def late_objects_appear(self) -> None:
        self.sim.appear()

    # -- what holds all the time

    @invariant()
    def no_reply_leaves_twice_or_unintended(self) -> None:
        sim = getattr(self, "sim", None)
        if sim is None:
            return
        twice = [tag for tag, count in Counter(tag for tag, _, _ in sim.wire.sent).items() if count > 1]
        assert not twice, f"sent more than once: {twice} after {sim.faults}"
        assert not sim.wire.unintended
        assert "robot@acme.test" not in {recipient for _, recipient, _ in sim.wire.sent}

    @invariant()
    def nothing_is_paid_twice_or_left_running(self) -> None:
        sim = getattr(self, "sim", None)
        if sim is None:
            return
        assert not sim.model.repeated, f"asked again though recorded: {sim.model.repeated}"
        assert not self.bugs.seen
        assert not sim.left_over, f"tasks outlive their invocation: {sim.left_over}"

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        sim = getattr(self, "sim", None)
        if sim is None:
            return
        for (pk, sk), row in sim.table.rows.items():
            if sk != "claim" or "#run#" not in pk:
                continue
            end = (row.get("outcome"), row.get("reason"))
            assert self.finished.get(pk, end) == end, f"{pk} was {self.finished[pk]}, and is now {end}"
            if row["state"] == "finished" and row["outcome"] != "failed":
                self.finished[pk] = end

    # -- what holds in the end

    def teardown(self) -> None:
        if not hasattr(self, "sim"):
            return
        try:
            self.until_quiet()
            check_end(self.sim)
            self.what_has_ended_stays_so()
            self.no_reply_leaves_twice_or_unintended()
            self.nothing_is_paid_twice_or_left_running()
        finally:
            INTAKE_LOG.removeHandler(self.bugs)
            self.run(self.sim.close())
            self.loop.close()

    def until_quiet(self) -> None:
        """Some of the frozen wake before the rest is worked, the last one when all has ended."""
        while len(self.sim.frozen) > 1:
            self.run(self.sim.wake(0))
        self.run(self.sim.drain())
        while self.sim.frozen:
            check_end(self.sim)
            self.run(self.sim.wake(0))
            self.run(self.sim.drain())


# -- the promises, looked at when all is quiet ---------------------------------------------------


def check_end(sim: Sim) -> None:
    """Every email has ended, once; nothing is missing, and nothing is there twice."""
    for (_, box), email in sim.contents().items():
        check_content(sim, email, box)
    check_outbox(sim)
    check_meetings(sim)


def check_content(sim: Sim, email: Email, box: str) -> None:
    keys = sim.runs_of(email, box)
    claims = [sim.claim_of(key) for key in keys]
    assert all(claim and claim["state"] == "finished" for claim in claims), (
        f"{email.name} is not done: {claims}"
    )
    ends = Counter(claim["outcome"] for claim in claims if claim)
    wanted = (
        {"refused": len(keys)} if email.kind == "automated" else {"processed": 1, "duplicate": len(keys) - 1}
    )
    assert ends == Counter({k: v for k, v in wanted.items() if v}), f"{email.name} ended {dict(ends)}"
    for key, claim in zip(keys, claims, strict=True):
        record = sim.backend.puts["email", key.tenant, key.run_id]
        assert claim
        assert (record["outcome"], record["reason"]) == (claim["outcome"], claim["reason"])
        if email.kind == "transcript" and record["outcome"] == "processed":
            check_transcript(sim, record, key.run_id)


def check_transcript(sim: Sim, record: dict[str, Any], run_id: str) -> None:
    """One meeting with one version of complete insights, which its record shows."""
    held = {ident: v for ident, v in sim.backend.insights.items() if run_id in {one["run_id"] for one in v}}
    ((meeting, versions),) = held.items()
    assert meeting == record["meeting_id"]
    assert len(versions) == 1
    assert versions[0]["insights"] == record["insights"]
    assert all(value is not None for value in record["insights"].values())
    assert record["reply"] is not None
    check_usage(sim, record)


def harmless(sim: Sim) -> bool:
    """Whether nothing happened after which a worker does not know what it did."""
    return all(
        fault.endswith(Mode.ECHO) or (fault.endswith(Mode.REFUSED) and not fault.startswith("table."))
        for fault in sim.faults
    )


def check_usage(sim: Sim, record: dict[str, Any]) -> None:
    """The record knows every call to the model, but for what a dying process took along."""
    name = record["email"]["subject"].removeprefix("Talk ")
    boxes = [box for content, box in sim.contents() if content == name]
    asked = sum(call == name for call, _ in sim.model.calls) if sim.model else 0
    counted = record["usage"]["llm_calls"]
    assert counted <= asked
    if len(boxes) == 1 and harmless(sim):
        assert counted == asked, f"{asked} calls for {name}, {counted} on record after {sim.faults}"


def check_outbox(sim: Sim) -> None:
    """Each reply's state agrees with what left the house, with what SES said of it, and with its record."""
    left = Counter(tag for tag, _, _ in sim.wire.sent)
    bounced = {event.tag for event in sim.heard if event.permanent}
    proven = {event.tag for event in sim.heard}
    for entry in sim.outbox():
        state, count = entry.state, left[entry.tag]
        if entry.tag in proven:
            wanted = {OutboxState.FAILED if entry.tag in bounced else OutboxState.SENT}
        elif state is OutboxState.SUPPRESSED:
            wanted = {state} if entry.message["to"] in sim.backend.suppressed else set()
        else:
            wanted = {OutboxState.SENT} if harmless(sim) else {OutboxState.SENT, OutboxState.AMBIGUOUS}
        assert state in wanted, f"a reply is {state} after {sim.faults}"
        if state is OutboxState.SENT:
            assert count == 1, f"a reply is {state}, and {count} left the house"
        record = sim.backend.puts["email", entry.tenant, entry.run_id]
        shown = record["reply"] and record["reply"]["status"]
        # A worker that saw the send and died before it could settle it may have said so in the record.
        known = {STATUS[state]} | ({"sent"} if state is OutboxState.AMBIGUOUS and count else set())
        if state is OutboxState.SENT and entry.tag not in proven and not harmless(sim):
            # A zombie that ended the send, and stands still or died before it could say so in the record.
            known.add("ambiguous")
        assert shown in known, f"a record shows a reply that is {state} as {shown} after {sim.faults}"
    for event in sim.heard:
        assert not event.unwelcome or set(event.recipients) <= sim.backend.suppressed


def check_meetings(sim: Sim) -> None:
    """The invites made the meetings that they make in the best order, one after the other."""
    invites = {email.name: email for email in sim.deliveries.values() if email.kind == "invite"}
    if not invites:
        return
    loop, best = new_loop(), Sim(model=False)
    for name in sorted(invites):
        best.deliver(invites[name])
        loop.run_until_complete(best.drain())
    loop.close()
    assert schedule(sim) == schedule(best)


def schedule(sim: Sim) -> list[dict[str, Any]]:
    """The invited meetings without what names the run that spoke last."""
    found = [dict(body) for body in sim.backend.of("meeting") if body.get("ical_uid")]
    for body in found:
        body.pop("run_id")
    return sorted(found, key=lambda body: body["ical_uid"])


# -- running it ---------------------------------------------------------------------------------

CALM = settings(
    max_examples=CASES,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


def run(cases: int, seed_: int) -> int:
    """Try so many seeded cases; answers how many were tried, and raises what was violated, with its steps."""
    tried = 0

    class Counted(Mailroom):
        def teardown(self) -> None:
            nonlocal tried
            tried += 1
            super().teardown()

    phases = (Phase.generate,)
    try:
        run_state_machine_as_test(
            seed(seed_)(Counted), settings=settings(CALM, max_examples=cases, phases=phases)
        )
    except BaseException as error:
        error.add_note(f"found by: python -m tests.faults.test_model {cases} {seed_}")
        raise
    return tried


def test_whatever_happens_every_email_ends_once():
    assert run(CASES, SEED) >= CASES


if __name__ == "__main__":
    logging.getLogger("parley").addHandler(logging.NullHandler())
    began = time.monotonic()
    count = run(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(f"{count} cases, no violation, {time.monotonic() - began:.1f} s\n")
