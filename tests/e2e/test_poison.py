"""One poison mail among ten: what it costs the others, where it ends, and how it comes back."""

from __future__ import annotations

import asyncio
import json

import pytest

from local.lambda_runtime import ExecutionEnvironment
from local.poller import Poller
from local.resource_names import queue_arn, queue_url
from local.ses_inbound import Envelope
from local.stack import open_stack
from local.stack_types import INBOUND, Options
from parley.mail.inbound_events import to_notification
from tests.operating import event_of, parley, row_of, rows, run_id
from tests.running_stack import EVENTS, MAILBOX, RunningStack, fresh

SAMPLE = (EVENTS / "emails" / "srt.eml").read_bytes()


@pytest.mark.processes
async def test_a_poison_mail_costs_nine_nothing_dies_after_its_receives_and_can_be_replayed():
    async with open_stack(Options(poll=False)) as stack:
        where = {
            "aws_endpoint_url": stack.endpoint,
            "api_base_url": stack.api_base_url,
            "api_auth_token": stack.api_auth_token,
            "env": stack.env,
        }
        running = RunningStack(where)
        good = [fresh(SAMPLE) for _ in range(9)]
        envelope = Envelope(sender="someone@example.org", recipients=(MAILBOX,))
        delivered = [await stack.inbound.receive(raw, envelope) for raw, _ in good]
        # Announced, and its object never comes.
        poison = "poison0among0ten"
        function = stack.template.function(INBOUND)
        source = function.sources[0]
        url = queue_url(stack.endpoint, source.queue)
        await stack.clients.sqs.send_message(
            QueueUrl=url, MessageBody=json.dumps(to_notification(event_of(poison)))
        )
        poller = Poller(
            sqs=stack.clients.sqs,
            queue_url=url,
            queue_arn=queue_arn(source.queue),
            source=source,
            new_environment=lambda: ExecutionEnvironment(function),
            come_back=0,
            long_poll=1,
        )
        environment = ExecutionEnvironment(function)
        try:
            batch = await poller.process(environment, await poller._receive())
            assert (len(batch.records), len(batch.failed), batch.error) == (10, 1, None)
            receives = 1
            while messages := await poller._receive():
                again = await poller.process(environment, messages)
                assert again.failed == batch.failed
                receives += 1
        finally:
            await environment.close()
        assert receives == stack.template.queue(source.queue).max_receive_count == 8

        async def command(*arguments):
            return await asyncio.to_thread(parley, running, *arguments)

        def outcomes():
            return [running.result(one)["outcome"] for one in delivered]

        def answers():
            return [len(running.sent(answering=message_id)) for _, message_id in good]

        assert await asyncio.to_thread(outcomes) == ["processed"] * 9
        assert await asyncio.to_thread(answers) == [1] * 9

        row = row_of(await command("dead-letters", "--json"), delivery=poison)
        assert (row["outcome"], row["attempts"], row["run_id"]) == ("failed", 5, run_id(poison))
        assert row["letter"]

        raw, message_id = fresh(SAMPLE)
        await asyncio.to_thread(running.store, raw, delivery=poison)
        (one,) = rows(await command("replay", poison, "--json"))
        assert (one["outcome"], one["dead_letters_deleted"]) == (["failed", "processed"], 1)
        assert len(await asyncio.to_thread(lambda: running.sent(answering=message_id))) == 1
        assert rows(await command("dead-letters", "--json")) == []
