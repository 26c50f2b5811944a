"""What the resources of template.yaml are called in the embedded stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.environment import ACCOUNT, REGION

if TYPE_CHECKING:
    from local.template import Template


def physical(name: str) -> str:
    """The name of a table, a queue, a topic, a rule or a configuration set."""
    return f"parley-{name}"


def bucket_name(name: str) -> str:
    """Buckets take no capitals."""
    return physical(name).lower()


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{physical(name)}"


def topic_arn(name: str) -> str:
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{physical(name)}"


def queue_url(endpoint: str, name: str) -> str:
    return f"{endpoint}/{ACCOUNT}/{physical(name)}"


def known_names(template: Template, endpoint: str) -> dict[str, str]:
    """What each name stands for, as `Template.environment` wants it."""
    names = {name: bucket_name(name) for name in template.buckets}
    names |= {table.name: physical(table.name) for table in template.tables}
    names |= {queue.name: queue_url(endpoint, queue.name) for queue in template.queues}
    names |= {f"{queue.name}.Arn": queue_arn(queue.name) for queue in template.queues}
    names |= {name: physical(name) for name in template.configuration_sets}
    return names | {name: topic_arn(name) for name in template.topics}
