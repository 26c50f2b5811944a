"""Large tables in the embedded DynamoDB: what moto does with all of a table is done with what is needed.

For each item of a transaction moto copies the table, to put it back where one is
refused; for each query it sorts the table. Both answers stay what they are.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any


def speed_up_tables() -> None:
    """Teach moto's tables, for all of this process."""
    from moto.dynamodb.models.table import Table

    whole = Table.query

    def query(table: Any, hash_key: Any, *args: Any, **more: Any) -> Any:
        # Neither writes to the table: the part has the same settings and indexes.
        part = copy.copy(table)
        index = args[_INDEX_NAME] if len(args) > _INDEX_NAME else more.get("index_name")
        part.items = _partition(table, hash_key, index)
        return whole(part, hash_key, *args, **more)

    Table.query = query  # type: ignore[assignment]  # the same arguments, unnamed
    Table.__deepcopy__ = _copied  # type: ignore[attr-defined]  # `copy` looks for it there


_INDEX_NAME = 6
"""Its place among the arguments that follow the hash key."""


def _copied(table: Any, _: dict[int, Any]) -> Any:
    """Parley's transactions put and delete, which changes no item in place: the copy may share them."""
    found = copy.copy(table)
    found.items = defaultdict(dict, {key: dict(parts) for key, parts in table.items.items()})
    return found


def _partition(table: Any, hash_key: Any, index: str | None) -> dict[Any, dict[Any, Any]]:
    """The items that a query for this hash key may find."""
    if index is None:
        return {hash_key: table.items[hash_key]} if hash_key in table.items else {}
    schemas = {one.name: one.schema for one in table.all_indexes()}
    (name,) = (key["AttributeName"] for key in schemas[index] if key["KeyType"] == "HASH")
    found: dict[Any, dict[Any, Any]] = {}
    for key, rows in table.items.items():
        for place, item in rows.items():
            value = item.attrs.get(name)
            if value is not None and value.value == hash_key.value:
                found.setdefault(key, {})[place] = item
    return found
