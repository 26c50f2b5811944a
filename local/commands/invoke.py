"""`parley invoke`: one function, one event, as `sam local invoke` does it, without Docker."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import traceback
from typing import TYPE_CHECKING, Any, TextIO

from local.commands.files import read_file
from local.lambda_runtime import ExecutionEnvironment, FunctionTimedOut
from local.output import log_to_stderr, results_only
from local.stack import open_stack
from local.stack_types import Options
from local.template import load_template
from parley.errors import RequestError

if TYPE_CHECKING:
    from local.template import Function, Template


def invoke(name: str, event_file: str) -> int:
    """Exit code: 1 when the function raised."""
    template = load_template()
    function = template.function(name)
    event = read_event(event_file)
    with results_only() as out:
        log_to_stderr(logging.INFO)
        return asyncio.run(_invoke(template, function, event, out))


def read_event(name: str) -> Any:
    """The event's JSON; RequestError for a file that holds none."""
    try:
        return json.loads(read_file(name))
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{name} holds no JSON: {error}") from error


async def _invoke(template: Template, function: Function, event: Any, out: TextIO) -> int:
    if os.environ.get("AWS_ENDPOINT_URL"):
        _only_declared(template, function)
        return await _answer(function, event, out)
    async with open_stack(Options(poll=False, samples=True)):
        return await _answer(function, event, out)


def _only_declared(template: Template, function: Function) -> None:
    """What template.yaml does not declare for a function is not there in Lambda either."""
    declared = {name for one in template.functions for name in one.environment}
    for name in declared - set(function.environment):
        os.environ.pop(name, None)


async def _answer(function: Function, event: Any, out: TextIO) -> int:
    environment = ExecutionEnvironment(function)
    try:
        answer = await environment.invoke(event)
    except Exception as error:  # noqa: BLE001  # Lambda too reports whatever a handler raises
        print(json.dumps(as_lambda_error(error)), file=out, flush=True)
        return 1
    else:
        print(json.dumps(answer), file=out, flush=True)
        return 0
    finally:
        await environment.close()


def as_lambda_error(error: Exception) -> dict[str, Any]:
    """An exception as Lambda answers it."""
    if isinstance(error, FunctionTimedOut):
        return {"errorType": "Sandbox.Timedout", "errorMessage": str(error)}
    logging.getLogger("local.invoke").debug("%s", "".join(traceback.format_exception(error)))
    return {"errorType": type(error).__name__, "errorMessage": str(error)}
