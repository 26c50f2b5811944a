"""template.yaml read as data, so that the laptop provisions what AWS would.

    template = load_template()
    template.function("inbound_email").timeout         seconds
    template.environment("inbound_email", values)      names to strings
    template.table("RunsTable").create_arguments(name) for DynamoDB's CreateTable

Only what the embedded stack uses is read: functions and their queues, tables,
queues, topics, buckets, event rules, configuration sets. `values` of `environment`
says what a name stands for here: a resource ("Bucket"), an attribute of one
("HttpApi.ApiEndpoint"), a parameter ("ReplyFrom") or a pseudo parameter
("AWS::Region").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from local.environment import PSEUDO
from parley.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parents[1]

# What a document of another shape than expected raises where it is taken apart.
_MALFORMED = (KeyError, IndexError, TypeError, AttributeError, ValueError)

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class QueueSource:
    """One SQS event source of a function."""

    queue: str
    batch_size: int
    partial_failures: bool
    maximum_concurrency: int | None


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda function; `environment` still holds intrinsics, `Template.environment` resolves them."""

    name: str
    folder: str
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, Any] = field(repr=False)
    sources: tuple[QueueSource, ...]


@dataclass(frozen=True, kw_only=True)
class Key:
    """A table's or an index's key: attribute names, all of them strings (type S)."""

    partition: str
    sort: str | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A DynamoDB table: its key, its global indexes by name, its TTL attribute if it has one."""

    name: str
    key: Key
    indexes: Mapping[str, Key]
    ttl: str | None
    properties: Mapping[str, Any] = field(repr=False)

    def create_arguments(self, table_name: str) -> dict[str, Any]:
        """What DynamoDB's CreateTable wants; TTL and backups are calls of their own."""
        names = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
        return {
            "TableName": table_name,
            **{name: self.properties[name] for name in names if name in self.properties},
        }


@dataclass(frozen=True, kw_only=True)
class Queue:
    """An SQS queue: times in seconds; `dead_letters` is a logical name."""

    name: str
    visibility_timeout: int
    retention: int
    max_receive_count: int | None
    dead_letters: str | None


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A topic that feeds a queue; `dead_letters` takes what could not be delivered."""

    name: str
    topic: str
    queue: str
    raw: bool
    dead_letters: str | None


@dataclass(frozen=True, kw_only=True)
class EventRule:
    """An EventBridge rule that feeds queues; `queues` are logical names."""

    name: str
    pattern: Mapping[str, Any]
    queues: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Template:
    """The parsed file; `document` is all of it, short tags spelt out as `{"Fn::Sub": ...}`."""

    document: Mapping[str, Any] = field(repr=False)
    functions: tuple[Function, ...]
    tables: tuple[Table, ...]
    queues: tuple[Queue, ...]
    subscriptions: tuple[Subscription, ...]
    topics: tuple[str, ...]
    buckets: tuple[str, ...]
    rules: tuple[EventRule, ...]
    configuration_sets: tuple[str, ...]

    def function(self, name: str) -> Function:
        """By logical name (InboundEmail) or folder (inbound_email); RequestError lists the known ones."""
        for function in self.functions:
            if name in (function.name, function.folder):
                return function
        known = ", ".join(f"{function.name} ({function.folder})" for function in self.functions)
        raise RequestError(f"template.yaml has no function {name!r}; it has {known}")

    def table(self, name: str) -> Table:
        return _by_name(self.tables, name, "table")

    def queue(self, name: str) -> Queue:
        return _by_name(self.queues, name, "queue")

    def parameters(self) -> dict[str, str]:
        """The parameters that have a default, as strings."""
        declared = self.document.get("Parameters", {})
        return {name: str(spec["Default"]) for name, spec in declared.items() if "Default" in spec}

    def environment(self, function: str, values: Mapping[str, str]) -> dict[str, str]:
        """A function's variables where `values` says what the names stand for.

        Defaults of parameters and pseudo parameters are known already. A name
        that nobody gave a value is a RequestError that says which.
        """
        names = {**PSEUDO, **self.parameters(), **values}
        resolve = _Resolver(names, self.document.get("Conditions", {})).resolve
        declared = self.function(function).environment
        try:
            return {key: str(resolve(value)) for key, value in declared.items()}
        except (*_MALFORMED, RecursionError) as error:
            raise RequestError(f"the template's variables of {function} make no sense: {error!r}") from error


def load_template(path: Path = ROOT / "template.yaml") -> Template:
    """Read a SAM template; RequestError when it is absent, no YAML, or lacks what we need."""
    document = _read(path)
    try:
        return _template(document)
    except _MALFORMED as error:
        raise RequestError(f"{path} is no usable template: {type(error).__name__} {error}") from error


def _read(path: Path) -> Mapping[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader below
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"cannot read the template {path}: {error}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise RequestError(f"{path} is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise RequestError(f"{path} has no Resources")
    return document


def _template(document: Mapping[str, Any]) -> Template:
    resources = document["Resources"]
    defaults = document.get("Globals", {}).get("Function", {})
    parameters = document.get("Parameters", {})

    def each(kind: str) -> list[tuple[str, dict[str, Any]]]:
        found = ((name, resource) for name, resource in resources.items() if resource["Type"] == kind)
        return [(name, resource.get("Properties") or {}) for name, resource in found]

    functions = [
        _function(name, {**defaults, **properties}, parameters)
        for name, properties in each("AWS::Serverless::Function")
    ]
    return Template(
        document=document,
        functions=tuple(functions),
        tables=tuple(_table(*found) for found in each("AWS::DynamoDB::Table")),
        queues=tuple(_queue(*found) for found in each("AWS::SQS::Queue")),
        subscriptions=tuple(_subscription(*found) for found in each("AWS::SNS::Subscription")),
        topics=tuple(name for name, _ in each("AWS::SNS::Topic")),
        buckets=tuple(name for name, _ in each("AWS::S3::Bucket")),
        rules=tuple(_rule(*found) for found in each("AWS::Events::Rule")),
        configuration_sets=tuple(name for name, _ in each("AWS::SES::ConfigurationSet")),
    )


def _function(name: str, properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> Function:
    events = properties.get("Events", {}).values()
    return Function(
        name=name,
        folder=Path(properties["CodeUri"]).name,
        handler=properties["Handler"],
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        environment=properties.get("Environment", {}).get("Variables", {}),
        sources=tuple(_source(event["Properties"], parameters) for event in events if event["Type"] == "SQS"),
    )


def _source(properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> QueueSource:
    concurrency = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
    if isinstance(concurrency, dict):
        concurrency = parameters[concurrency["Ref"]]["Default"]
    return QueueSource(
        queue=_logical(properties["Queue"]),
        batch_size=int(properties.get("BatchSize", 10)),
        partial_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ()),
        maximum_concurrency=None if concurrency is None else int(concurrency),
    )


def _table(name: str, properties: Mapping[str, Any]) -> Table:
    indexes = properties.get("GlobalSecondaryIndexes", [])
    ttl = properties.get("TimeToLiveSpecification", {})
    return Table(
        name=name,
        key=_key(properties["KeySchema"]),
        indexes={index["IndexName"]: _key(index["KeySchema"]) for index in indexes},
        ttl=ttl["AttributeName"] if ttl.get("Enabled") else None,
        properties=properties,
    )


def _key(schema: list[dict[str, str]]) -> Key:
    parts = {part["KeyType"]: part["AttributeName"] for part in schema}
    return Key(partition=parts["HASH"], sort=parts.get("RANGE"))


def _queue(name: str, properties: Mapping[str, Any]) -> Queue:
    redrive = properties.get("RedrivePolicy", {})
    return Queue(
        name=name,
        visibility_timeout=int(properties.get("VisibilityTimeout", 30)),
        retention=int(properties.get("MessageRetentionPeriod", 345600)),
        max_receive_count=int(redrive["maxReceiveCount"]) if redrive else None,
        dead_letters=_logical(redrive["deadLetterTargetArn"]) if redrive else None,
    )


def _subscription(name: str, properties: Mapping[str, Any]) -> Subscription:
    redrive = properties.get("RedrivePolicy", {})
    return Subscription(
        name=name,
        topic=_logical(properties["TopicArn"]),
        queue=_logical(properties["Endpoint"]),
        raw=bool(properties.get("RawMessageDelivery", False)),
        dead_letters=_logical(redrive["deadLetterTargetArn"]) if redrive else None,
    )


def _rule(name: str, properties: Mapping[str, Any]) -> EventRule:
    targets = properties["Targets"]
    return EventRule(
        name=name,
        pattern=properties["EventPattern"],
        queues=tuple(_logical(target["Arn"]) for target in targets),
    )


def _logical(reference: Mapping[str, Any]) -> str:
    """The resource that a !Ref or !GetAtt speaks of."""
    name = reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0]
    return str(name)


Named = TypeVar("Named", Table, Queue)


def _by_name(items: tuple[Named, ...], name: str, kind: str) -> Named:
    for item in items:
        if item.name == name:
            return item
    raise RequestError(
        f"template.yaml has no {kind} {name!r}; it has {', '.join(item.name for item in items)}"
    )


class _Resolver:
    """Works out intrinsic functions over known names."""

    def __init__(self, names: Mapping[str, str], conditions: Mapping[str, Any]) -> None:
        self._names = names
        self._conditions = conditions
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._name,
            "Condition": lambda name: self.resolve(self._conditions[name]),
            "Fn::GetAtt": lambda parts: self._name(".".join(parts)),
            "Fn::Sub": self._sub,
            "Fn::If": lambda args: self.resolve(args[1 if self.resolve(self._conditions[args[0]]) else 2]),
            "Fn::Equals": lambda args: self.resolve(args[0]) == self.resolve(args[1]),
            "Fn::Not": lambda args: not self.resolve(args[0]),
            "Fn::And": lambda args: all(self.resolve(arg) for arg in args),
            "Fn::Or": lambda args: any(self.resolve(arg) for arg in args),
            "Fn::Join": lambda args: args[0].join(self.resolve(part) for part in self.resolve(args[1])),
            "Fn::Split": lambda args: self.resolve(args[1]).split(args[0]),
            "Fn::Select": lambda args: self.resolve(args[1])[int(args[0])],
        }

    def resolve(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        name, argument = next(iter(value.items()))
        if name not in self._functions:
            raise RequestError(f"the template uses {name}, which has no meaning in the embedded stack")
        return self._functions[name](argument)

    def _name(self, name: str) -> str:
        if name not in self._names:
            raise RequestError(f"the template needs a value for {name}, and none is given")
        return self._names[name]

    def _sub(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def replaced(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return "${" + name + "}"
            return str(self.resolve(own[name]) if name in own else self._name(name))

        return _PLACEHOLDER.sub(replaced, text)


class _Loader(yaml.SafeLoader):
    """SafeLoader that also spells out CloudFormation's short tags."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third and last kind
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name: value}


_Loader.add_multi_constructor("!", _short_tag)
