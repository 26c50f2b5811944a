"""The runs table in DynamoDB."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.aws_errors import code_of, translate
from parley.ledger.table import Index, Item, Place

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

LOST = "ConditionalCheckFailedException"
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_wire(item: Item) -> dict[str, Any]:
    """JSON values as DynamoDB attributes; its numbers are decimals, never floats."""
    return {key: _serialize(_decimals(value)) for key, value in item.items()}


def from_wire(row: dict[str, Any]) -> Item:
    """DynamoDB attributes as JSON values."""
    return {key: _numbers(_deserialize(value)) for key, value in row.items()}


def _decimals(value: Any) -> Any:
    match value:
        case float():
            return Decimal(str(value))
        case dict():
            return {k: _decimals(v) for k, v in value.items()}
        case list() | tuple():
            return [_decimals(v) for v in value]
    return value


def _numbers(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {k: _numbers(v) for k, v in value.items()}
        case list():
            return [_numbers(v) for v in value]
    return value


class DynamoRunTable:
    """`runs.RunTable` over a table with the keys `pk` and `sk`, both strings, and `runs.Index`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    async def create(self, item: Item) -> Item | None:
        return await self._put(item, ConditionExpression="attribute_not_exists(pk)")

    async def replace(self, item: Item, *, version: int) -> Item | None:
        return await self._put(
            item,
            ConditionExpression="#version = :version",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":version": {"N": str(version)}},
        )

    async def _put(self, item: Item, **condition: Any) -> Item | None:
        # ALL_OLD: when the answer to a put is lost, the SDK's retry fails on our own
        # record; seeing that record is how we know it for ours.
        try:
            await self._client.put_item(
                TableName=self._table,
                Item=to_wire(item),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except ClientError as error:
            if code_of(error) == LOST:
                return from_wire(error.response.get("Item", {}))  # type: ignore[arg-type]  # botocore's stub omits Item
            raise translate(error, f"write to table {self._table}") from error
        except BotoCoreError as error:
            raise translate(error, f"write to table {self._table}") from error
        return None

    async def get(self, pk: str, sk: str) -> Item | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        try:
            answer = await self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"read table {self._table}") from error
        return from_wire(answer["Item"]) if "Item" in answer else None

    async def items(self, pk: str) -> list[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        try:
            return [from_wire(row) async for page in pages for row in page["Items"]]
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"read table {self._table}") from error

    async def find(self, index: Index, value: str, *, limit: int) -> list[Place]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=str(index),
            KeyConditionExpression="#by = :value",
            ExpressionAttributeNames={"#by": str(index)},
            ExpressionAttributeValues={":value": {"S": value}},
            PaginationConfig={"MaxItems": limit},
        )
        try:
            return [(row["pk"]["S"], row["sk"]["S"]) async for page in pages for row in page["Items"]]
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"read index {index} of table {self._table}") from error

    async def remove(self, pk: str, sk: str) -> None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        try:
            await self._client.delete_item(TableName=self._table, Key=key)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"remove an item of table {self._table}") from error
