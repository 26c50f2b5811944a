"""The judge can tell: every promise, broken by hand in an end that keeps them all, is called broken."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace

import pytest

from tests.faults.bench import open_bench
from tests.faults.cases import Case, Judge, observe
from tests.faults.invariants import violations
from tests.faults.paths import MADE_UP, PATHS
from tests.faults.proxy import Action, Fault
from tests.faults.state import kind_of, tenant_of
from tests.faults.zygote import Died


async def _ends():
    async with open_bench() as bench:
        seen = {name: await observe(bench, path, ()) for name, path in PATHS.items()}
        verdict = await Judge(bench).judge(Case("refused", (Fault(Action.DIE_BEFORE, "ses:SendRawEmail"),)))
        return seen, verdict


@pytest.fixture(scope="module")
def looked(processes):
    return asyncio.run(_ends())


@pytest.fixture
def ends(looked):
    return copy.deepcopy(looked[0])


def rows(seen, kind, sk="#"):
    table = {**seen.runs, **seen.data}
    return [row for (pk, s), row in table.items() if kind_of(pk) == kind and s.startswith(sk)]


def test_what_keeps_every_promise_is_called_so(ends):
    assert {name: violations(seen, seen) for name, seen in ends.items()} == {name: [] for name in ends}


def test_a_request_that_never_came_is_told(looked):
    assert [v for v in looked[1].violations if "never came" in v]


def sent_twice(seen):
    return replace(seen, sent=seen.sent * 2, taken_by_ses=2)


def sent_past_the_ledger(seen):
    return replace(seen, taken_by_ses=2)


def without_an_intent(seen):
    runs = {key: row for key, row in seen.runs.items() if not key[1].startswith("outbox#")}
    return replace(seen, runs=runs)


def lost(seen):
    return replace(seen, sent=(), taken_by_ses=0)


def left_in_sending(seen):
    rows(seen, "run", "outbox#")[0]["state"] = "sending"
    return seen


def ambiguous_without_a_cause(seen):
    rows(seen, "run", "outbox#")[0]["state"] = "ambiguous"
    return seen


def not_ended(seen):
    rows(seen, "run", "claim")[0]["state"] = "open"
    return seen


def never_quiet(seen):
    return replace(seen, quiet=False)


def two_meetings(seen):
    key = next(key for key in seen.data if kind_of(key[0]) == "meeting" and key[1] == "#")
    seen.data[f"{key[0]}0", "#"] = copy.deepcopy(seen.data[key])
    return seen


def two_sets_of_insights(seen):
    key = next(key for key in seen.data if key[1] == "INSIGHTS")
    seen.data[f"{key[0]}0", "INSIGHTS"] = copy.deepcopy(seen.data[key])
    return seen


def message_lost(seen):
    key = next(k for k, row in seen.data.items() if kind_of(k[0]) == "message" and row.get("body"))
    del seen.data[key]
    return seen


def made_up_proof(seen):
    found = rows(seen, "meeting", "INSIGHTS")[0]["body"]["insights"]["action_items"]
    next(one for one in found if one["evidence"]["quote"] == MADE_UP)["evidence"]["verified"] = True
    return seen


def made_up_proof_in_the_reply(seen):
    rows(seen, "run", "outbox#")[0]["message"]["text"] += MADE_UP
    return seen


def paid_again(seen):
    call = next(e for e in seen.journal if e.service == "llm")
    again = replace(call, number=len(seen.journal))
    return replace(seen, journal=(*seen.journal, again))


def unpaid(seen):
    rows(seen, "email")[0]["body"]["usage"]["llm_calls"] = 3
    return seen


def other_words(seen):
    rows(seen, "meeting")[0]["body"]["title"] = "Another"
    return seen


BREACHES = (
    sent_twice,
    sent_past_the_ledger,
    without_an_intent,
    lost,
    left_in_sending,
    ambiguous_without_a_cause,
    not_ended,
    never_quiet,
    two_meetings,
    two_sets_of_insights,
    message_lost,
    made_up_proof,
    made_up_proof_in_the_reply,
    paid_again,
    unpaid,
)


@pytest.mark.parametrize("breach", BREACHES)
def test_a_broken_promise_is_found_without_a_clean_run_beside_it(ends, breach):
    assert violations(breach(ends["transcript"]), None)


def test_another_end_than_without_the_fault_is_found(ends, looked):
    assert violations(other_words(ends["transcript"]), looked[0]["transcript"])


def test_an_answer_to_automated_mail_is_found(ends):
    assert violations(replace(ends["refused"], sent=ends["transcript"].sent, taken_by_ses=1), None)


def test_what_one_tenant_knows_of_another_is_found(ends):
    seen = ends["two mailboxes"]
    ours, theirs = (
        next(
            row
            for (pk, sk), row in seen.data.items()
            if tenant_of(pk) == tenant and kind_of(pk) == "meeting" and sk == "#"
        )
        for tenant in ("demo", "orchard")
    )
    ours["body"]["run_id"] = theirs["body"]["run_id"]
    assert [v for v in violations(seen, None) if "sees something of" in v]


def test_an_ambiguous_reply_is_fine_where_its_send_died(ends):
    seen = ends["transcript"]
    rows(seen, "run", "outbox#")[0]["state"] = "ambiguous"
    send = next(e for e in seen.journal if e.service == "ses")
    fault = Fault(Action.DIE_AFTER, send.label)
    told = tuple(replace(e, fault=fault) if e is send else e for e in seen.journal)
    # The attempt that died is followed by one that finds the reply as it was left.
    ends_of = (Died(), *seen.ends)
    assert violations(replace(seen, journal=told, faults=(fault,), ends=ends_of), None) == []
