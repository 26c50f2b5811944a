"""Mail to a deals mailbox: kept in its conversation, in silence."""

from __future__ import annotations

from parley.inbound.routes.base import Handled, Job
from parley.mail.mailbox import Purpose

NAME = "deal"


class DealRoute:
    name = NAME

    def takes(self, job: Job) -> bool | None:
        return True if job.mailbox.purpose is Purpose.DEALS else None

    async def handle(self, job: Job, found: bool) -> Handled:
        del job, found
        return Handled(NAME)
