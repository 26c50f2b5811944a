"""The resources of template.yaml, made in the embedded AWS services."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.resource_names import bucket_name, physical, queue_arn, topic_arn

if TYPE_CHECKING:
    import aioboto3

    from local.template import EventRule, Queue, Subscription, Table, Template


# What EventBridge does by itself. moto would fill a text with the event's parts one after the other,
# and a reply whose subject says "<resources>" would break it.
WHOLE_EVENT = "<aws.events.event.json>"


@dataclass(frozen=True, slots=True)
class Clients:
    """One client a service, open."""

    s3: Any
    dynamodb: Any
    sqs: Any
    sns: Any
    ses: Any


async def open_clients(session: aioboto3.Session, resources: AsyncExitStack) -> Clients:
    """The clients that the stack itself uses; `resources` closes them."""
    opened = resources.enter_async_context
    return Clients(
        s3=await opened(session.client("s3")),
        dynamodb=await opened(session.client("dynamodb")),
        sqs=await opened(session.client("sqs")),
        sns=await opened(session.client("sns")),
        ses=await opened(session.client("ses")),
    )


async def provision_events(session: aioboto3.Session, clients: Clients, template: Template) -> None:
    """Have SES's events brought to their queue, which need not be there yet."""
    async with session.client("events") as events:
        await asyncio.gather(
            *(
                clients.ses.create_configuration_set(ConfigurationSet={"Name": physical(name)})
                for name in template.configuration_sets
            ),
            *(_rule(events, rule) for rule in template.rules),
        )


async def _rule(events: Any, rule: EventRule) -> None:
    name = physical(rule.name)
    await events.put_rule(Name=name, EventPattern=json.dumps(rule.pattern))
    await events.put_targets(
        Rule=name,
        Targets=[
            {"Id": str(n), "Arn": queue_arn(queue), "InputTransformer": {"InputTemplate": WHOLE_EVENT}}
            for n, queue in enumerate(rule.queues)
        ],
    )


async def provision(clients: Clients, template: Template, *, reply_from: str) -> None:
    """Make everything at once; only what must exist before another is waited for."""
    await asyncio.gather(
        *(clients.s3.create_bucket(Bucket=bucket_name(name)) for name in template.buckets),
        *(_table(clients.dynamodb, table) for table in template.tables),
        _messaging(clients, template),
        clients.ses.verify_email_identity(EmailAddress=reply_from),
    )


async def _table(dynamodb: Any, table: Table) -> None:
    name = physical(table.name)
    await dynamodb.create_table(**table.create_arguments(name))
    if table.ttl:
        ttl = {"AttributeName": table.ttl, "Enabled": True}
        await dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)


async def _messaging(clients: Clients, template: Template) -> None:
    plain = [queue for queue in template.queues if not queue.dead_letters]
    topics = (clients.sns.create_topic(Name=physical(name)) for name in template.topics)
    await asyncio.gather(*topics, *(_queue(clients.sqs, queue) for queue in plain))
    # A redrive policy names a queue that has to be there.
    redriven = (queue for queue in template.queues if queue.dead_letters)
    await asyncio.gather(*(_queue(clients.sqs, queue) for queue in redriven))
    await asyncio.gather(*(_subscribe(clients.sns, one) for one in template.subscriptions))


async def _queue(sqs: Any, queue: Queue) -> None:
    attributes = {
        "VisibilityTimeout": str(queue.visibility_timeout),
        "MessageRetentionPeriod": str(queue.retention),
    }
    if queue.dead_letters:
        redrive = {
            "deadLetterTargetArn": queue_arn(queue.dead_letters),
            "maxReceiveCount": queue.max_receive_count,
        }
        attributes["RedrivePolicy"] = json.dumps(redrive)
    await sqs.create_queue(QueueName=physical(queue.name), Attributes=attributes)


async def _subscribe(sns: Any, subscription: Subscription) -> None:
    attributes = {"RawMessageDelivery": str(subscription.raw).lower()}
    if subscription.dead_letters:
        attributes["RedrivePolicy"] = json.dumps(
            {"deadLetterTargetArn": queue_arn(subscription.dead_letters)}
        )
    await sns.subscribe(
        TopicArn=topic_arn(subscription.topic),
        Protocol="sqs",
        Endpoint=queue_arn(subscription.queue),
        Attributes=attributes,
    )
