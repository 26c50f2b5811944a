"""Mail from a member without anything to work on: one how-to answer a thread."""

from __future__ import annotations

from parley.inbound.routes.base import Answer, Handled, Job

NAME = "other"


class OtherRoute:
    name = NAME

    def takes(self, job: Job) -> bool:
        del job
        return True

    async def handle(self, job: Job, found: bool) -> Handled:
        del found
        first = await job.once("howto", job.mailbox.address, job.thread_id)
        return Handled(NAME, answer=how_to(job) if first else None)


def how_to(job: Job, problem: str | None = None) -> Answer:
    """What to send instead. `problem` says what was wrong with what came."""
    return Answer("howto", {"mailbox": job.mailbox.address, "problem": problem})
