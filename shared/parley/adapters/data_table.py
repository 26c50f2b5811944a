"""The backend's records in one DynamoDB table, keyed by partition and part.

The table: `pk` and `sk`, one index `gsi1` (`gsi1pk`, `gsi1sk`, everything
projected), TTL on `expires_at`. Every write is one request: a single
conditional one where one record is meant, a transaction where several must
agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parley.adapters.store_errors import error_code, translated
from parley.errors import RetryableError
from parley.store.record import (
    Action,
    Change,
    Guard,
    IndexKey,
    ListQuery,
    Position,
    Record,
    RecordKey,
    RecordPage,
    Refusal,
    Upserted,
)

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb.client import DynamoDBClient

Item = Mapping[str, Any]

INDEX = "gsi1"
MAX_BATCH_GET = 100
BATCH_ATTEMPTS = 5

_CONTENDED = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_GUARDS: Mapping[Guard, str] = {
    Guard.NEW: "attribute_not_exists(pk)",
    Guard.LIVE: "attribute_exists(pk) AND attribute_not_exists(deleted)",
    Guard.VERSION: "version = :version",
    Guard.EXPIRED: "attribute_not_exists(pk) OR expires_at < :now",
}
_UNSEEN = "NOT contains(applied, :token)"
_NOT_OUTRANKED = "(attribute_not_exists(#rank) OR #rank <= :rank)"


def table_definition(name: str) -> dict[str, Any]:
    """The arguments of CreateTable, as template.yaml declares the same table."""
    names = ("pk", "sk", "gsi1pk", "gsi1sk")
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in names],
        "KeySchema": _key_schema("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": INDEX,
                "KeySchema": _key_schema("gsi1pk", "gsi1sk"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


class DynamoDataStore:
    """A `store.ports.DataStore`; the client is opened and closed by whoever passes it in."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    async def get(self, key: RecordKey) -> Record | None:
        with translated("The data table"):
            answer = await self._client.get_item(TableName=self._table, Key=_key(key), ConsistentRead=True)
        item = answer.get("Item")
        return _record(item) if item else None

    async def get_many(self, keys: Sequence[RecordKey]) -> list[Record | None]:
        if len(keys) > MAX_BATCH_GET:
            raise ValueError(f"at most {MAX_BATCH_GET} records can be read at once")
        found: dict[RecordKey, Record] = {}
        wanted: list[Any] = [_key(key) for key in dict.fromkeys(keys)]
        for attempt in range(BATCH_ATTEMPTS):
            if not wanted:
                return [found.get(key) for key in keys]
            await asyncio.sleep(0.05 * attempt)
            wanted = await self._read_batch(wanted, found)
        raise RetryableError("The data table did not read all of a batch")

    async def _read_batch(self, wanted: list[Any], found: dict[RecordKey, Record]) -> list[Any]:
        with translated("The data table"):
            answer = await self._client.batch_get_item(
                RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}}
            )
        for item in answer["Responses"].get(self._table, []):
            record = _record(item)
            found[record.key] = record
        left = answer.get("UnprocessedKeys", {}).get(self._table)
        return list(left["Keys"]) if left else []

    async def write(self, *changes: Change) -> Refusal | None:
        try:
            with translated("The data table"):
                await self._write(changes)
        except RetryableError as error:
            refusal = _refusal(error.__cause__)
            if refusal is None:
                raise
            return refusal
        return None

    async def _write(self, changes: Sequence[Change]) -> None:
        if len(changes) == 1 and changes[0].action is Action.PUT:
            await self._client.put_item(**self._operation(changes[0]))
        elif len(changes) == 1 and changes[0].action is Action.DELETE:
            await self._client.delete_item(**self._operation(changes[0]))
        else:
            await self._transact(changes)

    async def _transact(self, changes: Sequence[Change]) -> None:
        names = {Action.PUT: "Put", Action.CHECK: "ConditionCheck", Action.DELETE: "Delete"}
        items: list[Any] = [{names[change.action]: self._operation(change)} for change in changes]
        await self._client.transact_write_items(TransactItems=items)

    def _operation(self, change: Change) -> dict[str, Any]:
        operation: dict[str, Any] = {"TableName": self._table}
        if change.guard is not Guard.ANY:
            operation["ConditionExpression"] = _GUARDS[change.guard]
            operation["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if change.guard is Guard.VERSION:
            operation["ExpressionAttributeValues"] = {":version": _number(change.version)}
        if change.guard is Guard.EXPIRED:
            operation["ExpressionAttributeValues"] = {":now": _number(change.now)}
        if change.action is Action.PUT and change.record is not None:
            return operation | {"Item": _item(change.record)}
        return operation | {"Key": _key(change.key)}

    async def upsert(self, record: Record, *, token: str) -> Upserted:
        try:
            with translated("The data table"):
                answer = await self._client.update_item(
                    TableName=self._table, Key=_key(record.key), **_upsert_arguments(record, token)
                )
        except RetryableError as error:
            standing = _standing(error.__cause__) if _condition_failed(error.__cause__) else None
            if standing is None:
                raise
            return Upserted(standing, applied=False)
        old = _record(answer["Attributes"]) if answer.get("Attributes") else None
        return Upserted(_after(record, token, old), applied=True, replaced=old)

    async def query(self, query: ListQuery) -> RecordPage:
        with translated("The data table"):
            answer = await self._client.query(
                TableName=self._table, IndexName=INDEX, Limit=query.limit, **_query_arguments(query)
            )
        return RecordPage(tuple(_record(item) for item in answer["Items"]), _position(answer))

    async def parts(self, partition: str, *, prefix: str = "") -> list[Record]:
        begins = {":prefix": _text(prefix)} if prefix else {}
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk" + (" AND begins_with(sk, :prefix)" if begins else ""),
            "ExpressionAttributeValues": {":pk": _text(partition), **begins},
        }
        with translated("The data table"):
            pages = self._client.get_paginator("query").paginate(**arguments)
            return [_record(item) async for page in pages for item in page["Items"]]


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def _fields(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"M": {name: _text(value) for name, value in fields.items()}}


# One row an attribute: how the field of a Record is written; what is empty is not.
_WRITERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "body": _text,
    "blob": _text,
    "digest": _text,
    "created_at": _text,
    "updated_at": _text,
    "fields": _fields,
    "stamps": _fields,
    "version": _number,
    "rank": _number,
    "applied": lambda tokens: {"SS": sorted(tokens)},
    "deleted": lambda flag: {"BOOL": flag},
    "expires_at": _number,
}


def _key(key: RecordKey) -> dict[str, Any]:
    return {"pk": _text(key.partition), "sk": _text(key.part)}


def _attributes(record: Record) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in _WRITERS}
    item = {
        name: _WRITERS[name](value)
        for name, value in values.items()
        if value or (value == 0 and value is not False)
    }
    if record.index:
        item |= {"gsi1pk": _text(record.index.group), "gsi1sk": _text(record.index.sort)}
    return item


def _item(record: Record) -> dict[str, Any]:
    return _key(record.key) | _attributes(record)


def _texts(item: Item, name: str) -> dict[str, str]:
    return {key: value["S"] for key, value in item.get(name, {}).get("M", {}).items()}


def _record(item: Item) -> Record:
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    index = IndexKey(text["gsi1pk"], text["gsi1sk"]) if "gsi1pk" in text else None
    expires = item.get("expires_at")
    return Record(
        key=RecordKey(text["pk"], text["sk"]),
        body=text.get("body"),
        blob=text.get("blob"),
        digest=text.get("digest"),
        version=int(item["version"]["N"]) if "version" in item else 0,
        created_at=text.get("created_at", ""),
        updated_at=text.get("updated_at", ""),
        index=index,
        fields=_texts(item, "fields"),
        stamps=_texts(item, "stamps"),
        rank=int(item["rank"]["N"]) if "rank" in item else None,
        applied=frozenset(item.get("applied", {}).get("SS", ())),
        deleted="deleted" in item,
        expires_at=int(expires["N"]) if expires else None,
    )


def _upsert_arguments(record: Record, token: str) -> dict[str, Any]:
    """All but the counters is replaced: an attribute that the new record lacks is removed."""
    kept = {"version", "applied", "created_at", *(("rank",) if record.rank is None else ())}
    wanted = _attributes(record)
    known = [*(name for name in _WRITERS if name not in kept), "gsi1pk", "gsi1sk"]
    sets = [f"#{name} = :{name}" for name in known if name in wanted]
    removes = [f"#{name}" for name in known if name not in wanted]
    names = {f"#{name}": name for name in [*known, "created_at", "version"]}
    values = {f":{name}": wanted[name] for name in known if name in wanted}
    expression = f"SET {', '.join(sets)}, #created_at = if_not_exists(#created_at, :updated_at)"
    expression += f" REMOVE {', '.join(removes)}" if removes else ""
    return {
        "UpdateExpression": f"{expression} ADD #version :one, applied :tokens",
        "ConditionExpression": f"{_UNSEEN} AND {_NOT_OUTRANKED}" if record.rank is not None else _UNSEEN,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values
        | {":one": _number(1), ":tokens": {"SS": [token]}, ":token": _text(token)},
        "ReturnValues": "ALL_OLD",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _after(record: Record, token: str, old: Record | None) -> Record:
    """What an upsert of `record` over `old` leaves."""
    return replace(
        record,
        version=old.version + 1 if old else 1,
        created_at=(old and old.created_at) or record.updated_at,
        applied=(old.applied if old else frozenset()) | {token},
        rank=record.rank if record.rank is not None or old is None else old.rank,
    )


def _query_arguments(query: ListQuery) -> dict[str, Any]:
    condition, values = _range(query)
    arguments: dict[str, Any] = {
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values | {":group": _text(query.group)},
        "ScanIndexForward": not query.newest_first,
    }
    if query.fields:
        names = {f"#f{n}": name for n, name in enumerate(query.fields)}
        wanted = [f"#fields.#f{n} = :f{n}" for n in range(len(query.fields))]
        arguments["FilterExpression"] = " AND ".join(wanted)
        arguments["ExpressionAttributeNames"] = names | {"#fields": "fields"}
        values = {f":f{n}": _text(value) for n, value in enumerate(query.fields.values())}
        arguments["ExpressionAttributeValues"] |= values
    if query.after:
        sort = {"gsi1pk": _text(query.group), "gsi1sk": _text(query.after.sort)}
        arguments["ExclusiveStartKey"] = _key(query.after.key) | sort
    return arguments


def _range(query: ListQuery) -> tuple[str, dict[str, Any]]:
    low = {":low": _text(query.low)} if query.low is not None else {}
    high = {":high": _text(query.high)} if query.high is not None else {}
    if low and high:
        return "gsi1pk = :group AND gsi1sk BETWEEN :low AND :high", low | high
    if low:
        return "gsi1pk = :group AND gsi1sk >= :low", low
    return ("gsi1pk = :group AND gsi1sk <= :high" if high else "gsi1pk = :group"), high


def _position(answer: Mapping[str, Any]) -> Position | None:
    end = answer.get("LastEvaluatedKey")
    if not end:
        return None
    return Position(end["gsi1sk"]["S"], RecordKey(end["pk"]["S"], end["sk"]["S"]))


def _condition_failed(error: BaseException | None) -> bool:
    return error_code(error) == "ConditionalCheckFailedException"


def _standing(error: BaseException | None) -> Record | None:
    response: Mapping[str, Any] = error.response if isinstance(error, ClientError) else {}
    item = response.get("Item")
    return _record(item) if item else None


def _refusal(error: BaseException | None) -> Refusal | None:
    """Why nothing was written: a broken guard comes before mere contention."""
    if _condition_failed(error):
        return Refusal(0, _standing(error))
    if error_code(error) in {"TransactionConflictException", "TransactionInProgressException"}:
        return Refusal(0, contended=True)
    response: Mapping[str, Any] = error.response if isinstance(error, ClientError) else {}
    reasons = list(enumerate(response.get("CancellationReasons", [])))
    for position, reason in reasons:
        if reason.get("Code") == "ConditionalCheckFailed":
            item = reason.get("Item")
            return Refusal(position, _record(item) if item else None)
    contended = [position for position, reason in reasons if reason.get("Code") in _CONTENDED]
    return Refusal(contended[0], contended=True) if contended else None
