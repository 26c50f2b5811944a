"""Mail from a member without anything to work on: told how to send it, once a thread.

In a thread in which a transcript was analysed, thanks are met with silence and
a correction with what can be done about it.
"""

from __future__ import annotations

from parley.errors import SenderError
from parley.inbound.routes.base import Answer, Handled, Job
from parley.mail.acknowledgement import is_acknowledgement
from parley.mail.automated import automated

NAME = "other"
ANALYSED = "analysed"
"""What the first run of a thread that analyses a transcript is known by."""


class OtherRoute:
    name = NAME

    def takes(self, job: Job) -> bool:
        del job
        return True

    async def handle(self, job: Job, found: bool) -> Handled:
        del found
        refuse_machine(job)
        place = (job.mailbox.address, job.thread_id)
        answers = bool(job.email.in_reply_to or job.email.references)
        if answers and await job.done_before(ANALYSED, *place):
            return await answer_in_thread(job)
        if answers and is_acknowledgement(job.email.text):
            return Handled(NAME)
        first = await job.once("howto", *place)
        return Handled(NAME, answer=how_to(job) if first else None)


async def answer_in_thread(job: Job) -> Handled:
    """The answer to words in a thread whose transcript was analysed before."""
    if is_acknowledgement(job.email.text):
        return Handled(NAME)
    first = await job.once("correction", job.mailbox.address, job.thread_id)
    return Handled(NAME, answer=Answer("correction", {"mailbox": job.mailbox.address}) if first else None)


def refuse_machine(job: Job) -> None:
    """End the run of a machine's mail that holds nothing to work on. Raises SenderError."""
    sent = automated(job.email) if not job.from_person else None
    if sent:
        raise SenderError(sent.reason, f"the email was sent by a machine ({sent.evidence})")


def how_to(job: Job, problem: str | None = None) -> Answer:
    """What to send instead. `problem` says what was wrong with what came."""
    return Answer("howto", {"mailbox": job.mailbox.address, "problem": problem})
