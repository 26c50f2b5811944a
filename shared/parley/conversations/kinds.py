"""The kinds of record of conversations: messages, emails (one a run) and mailboxes."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.outcome import Outcome
from parley.store.kind import Body, Kind
from parley.store.mentions import addresses, list_or_empty, mapping_or_empty


def thread_group(thread_id: str) -> str:
    """The list of one conversation's messages."""
    return f"thread#{thread_id}"


_CERTAINTY = {"ambiguous": 1, "sent": 2, "failed": 3}
"""How much is known of a reply: SES may say of one that was sent that it came back, and never the reverse."""
_MOST_STATES, _MOST_GENERATIONS = 99, 1_000_000


def _progress(body: Body) -> int:
    """How far a run has come: generation, ending, states, and how surely its reply has ended, in this order.

    A run that failed may be worked again, so any other ending outranks that one.
    """
    outcome = body.get("outcome")
    ending = 0 if not outcome else 1 if outcome == Outcome.FAILED else 2
    states = min(len(body.get("states") or ()), _MOST_STATES)
    return ((_generation(body) * 3 + ending) * (_MOST_STATES + 1) + states) * 10 + _certainty(body)


def _generation(body: Body) -> int:
    """1, and one more with each replay. The field is one that the API takes as it comes."""
    generation = body.get("generation")
    return max(1, min(generation, _MOST_GENERATIONS)) if isinstance(generation, int) else 1


def _certainty(body: Body) -> int:
    reply = body.get("reply")
    status = reply.get("status") if isinstance(reply, Mapping) else None
    return _CERTAINTY.get(status, 0) if isinstance(status, str) else 0


def in_email(body: Body) -> list[str]:
    """Of a run's record: sender, recipients, whom the reply is to, and everyone in its invites.

    `named` are those whom the mail names elsewhere, where the pipeline says so.
    """
    email, reply = mapping_or_empty(body.get("email")), mapping_or_empty(body.get("reply"))
    invites = [mapping_or_empty(invite) for invite in list_or_empty(body.get("invites"))]
    named = [
        email.get("from"),
        reply.get("to"),
        *list_or_empty(email.get("to")),
        *list_or_empty(email.get("cc")),
    ]
    named += list_or_empty(body.get("named"))
    for invite in invites:
        named += [invite.get("organizer"), *list_or_empty(invite.get("attendees"))]
    return addresses(named)


def in_message(body: Body) -> list[str]:
    """Sender and recipients; one that belongs to a run is found by the run."""
    return [] if body.get("run_id") else addresses([body.get("from"), *list_or_empty(body.get("to"))])


MESSAGE = Kind(
    name="message",
    sort=lambda body: body.get("at") or "",
    group=lambda body: thread_group(body["thread_id"]),
    # All rank alike, but below what was erased.
    rank=lambda _: 0,
    people=in_message,
)
EMAIL = Kind(
    name="email",
    sort=lambda body: body.get("received_at") or "",
    fields=("outcome", "route", "mailbox", "trust", "sent_by"),
    rank=_progress,
    people=in_email,
    ident="run_id",
)
MAILBOX = Kind(
    name="mailbox",
    sort=lambda body: body["address"],
    fields=("tenant",),
    everywhere=True,
    claimed="aliases",
    ident="address",
)
