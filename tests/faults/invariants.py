"""What must hold when all is quiet, whatever happened on the way.

At-least-once processing; at most one send attempt with an unknown outcome per
reply; every ambiguous send visible. `violations` is the one judge of it.
"""

from __future__ import annotations

import email
import email.policy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain

from parley.ledger.outbox import OutboxEntry
from tests.faults.paths import EXTRACTORS, MADE_UP
from tests.faults.proxy import Action, Entry
from tests.faults.refusals import Refusal
from tests.faults.state import Observed, Row, kind_of, name_of, normal, tenant_of
from tests.faults.zygote import Died

LOUD = frozenset({"sent", "ambiguous"})
"""The states of a reply that may have met the wire."""


def violations(seen: Observed, clean: Observed | None) -> list[str]:
    """Every broken promise, in a sentence each; `clean` is the same email's end without any fault."""
    found = list(chain.from_iterable(check(seen) for check in CHECKS))
    return found + (list(_same_end(seen, clean)) if clean else [])


# -- every email ends --------------------------------------------------------------------------


def _quiet(seen: Observed) -> Iterator[str]:
    if not seen.quiet:
        yield f"the message still comes back after {len(seen.ends)} deliveries"


def _terminal(seen: Observed) -> Iterator[str]:
    if len(seen.claims) != len(seen.path.recipients):
        yield f"{len(seen.claims)} runs stand for {len(seen.path.recipients)} mailboxes"
    for claim in seen.claims:
        if claim["state"] != "finished" or claim.get("outcome") != seen.path.outcome:
            yield f"a run stands as {claim['state']}/{claim.get('outcome')}, not {seen.path.outcome}"


# -- the reply ---------------------------------------------------------------------------------


def _wire(seen: Observed) -> Iterator[str]:
    """At most one message for each reply, and never one without its intent."""
    if seen.taken_by_ses != len(seen.sent):
        yield f"SES counts {seen.taken_by_ses} messages, the wire's ledger {len(seen.sent)}"
    intents = {OutboxEntry(row).tag: row for row in seen.outbox}
    for tag, count in Counter(sent.tag for sent in seen.sent).items():
        if count > 1:
            yield f"{count} copies of one reply on the wire"
        if tag not in intents:
            yield "a message on the wire without an intent"
    for sent in seen.sent:
        if sent.tag in intents and not _says(sent.raw, intents[sent.tag]["message"]):
            yield "the message on the wire is not the one that was intended"
        if sent.recipients != (seen.path.sender,):
            yield f"a message to {sent.recipients}"


def _says(raw: bytes, intended: Row) -> bool:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n").strip() if body else None
    return bool(message["Subject"] == intended["subject"] and text == intended["text"].strip())


def _ledger(seen: Observed) -> Iterator[str]:
    """What the outbox says is so: sent is sent, unknown is ambiguous, refused for now is sent in the end."""
    on_wire = {sent.tag: sent for sent in seen.sent}
    if len(seen.outbox) != seen.path.replies:
        yield f"{len(seen.outbox)} intents for {seen.path.replies} replies"
    for row in seen.outbox:
        state, sent = row["state"], on_wire.get(OutboxEntry(row).tag)
        if state not in LOUD:
            yield f"a reply is left as {state}"
        if state == "sent" and (sent is None or sent.message_id != row.get("ses_id")):
            yield "a reply is said to be sent and is not on the wire, or under another id"
        if state == "ambiguous" and not _unknown_end(seen, row):
            yield "a reply is ambiguous, and nothing happened that could make it so"


def _unknown_end(seen: Observed, row: Row) -> bool:
    """Whether a fault met this reply between taking `sending` and the record of its end."""
    steps = [e for e in seen.journal if e.label.startswith(("dynamodb:PutItem:outbox:", "ses:"))]
    begun = next((e.number for e in steps if e.label.endswith(":sending")), None)
    if begun is None:
        return False
    settled = [e.finished for e in steps if e.label.endswith(":sent") and e.carried and e.status == 200]
    until = settled[-1] if len(settled) == seen.path.replies else len(seen.journal)
    return any(e.fault is not None and begun <= e.number < until and _hides(e) for e in seen.journal)


def _hides(entry: Entry) -> bool:
    """Whether the fault can hide how a send ended: a plain refusal of SES hides nothing."""
    fault = entry.fault
    assert fault is not None
    definite = fault.action is Action.ANSWER and fault.refusal is not Refusal.UNAVAILABLE
    return not (entry.service == "ses" and definite)


def _silent(seen: Observed) -> Iterator[str]:
    if seen.path.outcome == "refused" and (seen.sent or seen.outbox):
        yield "automated mail is answered"


# -- the backend's side ------------------------------------------------------------------------


def _once(seen: Observed) -> Iterator[str]:
    """One meeting, one set of insights, one message each way."""
    path = seen.path
    if len(seen.of("meeting")) != path.meetings:
        yield f"{len(seen.of('meeting'))} meetings, not {path.meetings}"
    if len(seen.of("meeting", "INSIGHTS")) != path.insights:
        yield f"{len(seen.of('meeting', 'INSIGHTS'))} sets of insights, not {path.insights}"
    ways = Counter((m["run_id"], m["direction"]) for m in seen.of("message"))
    for (_, direction), count in ways.items():
        if count > 1:
            yield f"{count} {direction} messages of one run"
    runs = {name_of(c["pk"]) for c in seen.claims if c.get("outcome") == "processed"}
    if missing := [run for run in runs if (run, "inbound") not in ways]:
        yield f"{len(missing)} inbound messages are lost"
    yield from _outbound(seen)


def _outbound(seen: Observed) -> Iterator[str]:
    """What is sent is stored; what is stored is on the wire, though the ledger may not know it."""
    stored = {m["run_id"]: m["message_id"] for m in seen.of("message") if m["direction"] == "outbound"}
    if lost := [r for r in seen.outbox if r["state"] == "sent" and name_of(r["pk"]) not in stored]:
        yield f"{len(lost)} outbound messages are lost"
    if not set(stored.values()) <= {sent.message_id for sent in seen.sent}:
        yield "an outbound message is stored that is not on the wire"


def _quotes(seen: Observed) -> Iterator[str]:
    """A quote that is shown as proof was said; one that was not is not shown."""
    shown = " ".join(row["message"]["text"] + row["message"]["html"] for row in seen.outbox)
    if MADE_UP in shown:
        yield "the reply shows a quote that nobody said"
    for evidence in chain.from_iterable(_evidence(b) for b in seen.of("meeting", "INSIGHTS")):
        said = any(evidence["quote"] in line for line in seen.path.spoken)
        if evidence["verified"] and not said:
            yield f"a verified quote that nobody said: {evidence['quote']}"


def _evidence(value: object) -> Iterator[Row]:
    if isinstance(value, dict):
        if value.get("quote"):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _evidence(one)


def _tenants(seen: Observed) -> Iterator[str]:
    """A tenant's rows name no run, meeting or message of another's."""
    keys = [pk for pk, _ in (*seen.runs, *seen.data)]
    names = {
        tenant: {name_of(pk) for pk in keys if tenant_of(pk) == tenant} for tenant in map(tenant_of, keys)
    }
    for (pk, sk), row in (*seen.runs.items(), *seen.data.items()):
        text = json.dumps(row, default=list)
        for tenant, foreign in names.items():
            if tenant != tenant_of(pk) and any(name in text for name in foreign):
                yield f"{tenant_of(pk)} sees something of {tenant}: {kind_of(pk)} {sk}"


# -- what a model costs ------------------------------------------------------------------------


def _paid_once(seen: Observed) -> Iterator[str]:
    """No answer is asked for again once it is recorded."""
    for name in EXTRACTORS:
        calls = [e.number for e in seen.journal if e.label == f"llm:{name}"]
        kept = [e.finished for e in seen.journal if _records(e, name)]
        if kept and any(number >= kept[0] for number in calls):
            yield f"{name} is paid for again after it was recorded"


def _bills(seen: Observed) -> Iterator[str]:
    """On the bill is every call that was recorded, or whose attempt lived to give its word."""
    if not seen.path.model or not seen.quiet:
        return
    until = _finishing_turn(seen)
    died = {turn for turn, end in enumerate(seen.ends) if isinstance(end, Died)}
    calls_in = Counter(e.turn for e in seen.journal if e.service == "llm" and e.turn <= until)
    recorded = sum(_records(e, name) and e.turn in died for e in seen.journal for name in EXTRACTORS)
    lived = sum(n for turn, n in calls_in.items() if turn not in died)
    least, most = recorded + lived, recorded + lived
    if len(seen.faults) > 1:
        # An attempt's word of what it has spent may have met the second fault.
        least, most = calls_in[until], calls_in.total()
    for record in seen.of("email"):
        billed = record["usage"]["llm_calls"]
        if not least <= billed <= most:
            yield f"{billed} calls on the bill; calls by delivery: {dict(calls_in)}, died: {died}"


def _records(entry: Entry, name: str) -> bool:
    return (
        entry.label.startswith("dynamodb:PutItem:step:")
        and entry.label.endswith(f"analysis.{name}")
        and entry.carried
        and entry.status == 200
    )


def _finishing_turn(seen: Observed) -> int:
    """The delivery that wrote the record as it stands: the last one that said anything of it."""
    return max((e.turn for e in seen.journal if e.label == "api:PUT /emails/{id}" and e.carried), default=-1)


# -- the same end ------------------------------------------------------------------------------


def _same_end(seen: Observed, clean: Observed) -> Iterator[str]:
    """Same input, same final state; how an ambiguous reply ended is nobody's to say."""
    now, then = (normal(one, open_ended=seen.ambiguous) for one in (seen, clean))
    for key in sorted(now.keys() ^ then.keys()):
        yield f"{'more' if key in now else 'less'} than without the fault: {key[0][:60]} {key[1]}"
    for key in sorted(now.keys() & then.keys()):
        if now[key] != then[key]:
            yield f"not as without the fault: {key[0][:60]} {key[1]}: {_difference(now[key], then[key])}"


def _difference(now: object, then: object) -> str:
    if isinstance(now, dict) and isinstance(then, dict):
        keys = [k for k in {**now, **then} if now.get(k) != then.get(k)]
        return "; ".join(f"{k}: {_difference(now.get(k), then.get(k))}" for k in keys)
    return f"{now!r:.120} for {then!r:.120}"


CHECKS: tuple[Callable[[Observed], Iterator[str]], ...] = (
    _quiet,
    _terminal,
    _wire,
    _ledger,
    _silent,
    _once,
    _quotes,
    _tenants,
    _paid_once,
    _bills,
)
