"""What Lambda does around a function: one thread, one module, one event after the other.

The handler owns an event loop, so it gets a thread of its own, as an execution
environment has a process of its own.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.environment import ACCOUNT, REGION
from local.template import ROOT
from parley.errors import ConfigError, ParleyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from local.template import Function

PATIENCE = 3.0
"""Seconds that `close` gives an event at work."""
_copies = itertools.count(1)


class FunctionTimedOut(ParleyError):
    """The function did not answer within its timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaContext:
    """The second argument of a handler, as far as handlers use it."""

    function_name: str
    memory_limit_in_mb: int
    deadline: float
    monotonic: Callable[[], float] = time.monotonic
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - self.monotonic()) * 1000))


def new_context(function: Function) -> LambdaContext:
    """The context of one invocation that begins now."""
    return LambdaContext(
        function_name=function.name,
        memory_limit_in_mb=function.memory,
        deadline=time.monotonic() + function.timeout,
    )


def load_module(function: Function, root: Path = ROOT) -> ModuleType:
    """A new copy of the function's module, with globals of its own, as a new execution environment has.

    Raises ConfigError when there is none. What the module itself raises goes up.
    """
    path = root / "lambdas" / function.folder / f"{function.handler.partition('.')[0]}.py"
    name = f"_lambda_{function.folder}_{next(_copies)}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigError(f"template.yaml's {function.name} has no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class ExecutionEnvironment:
    """Loads the handler at its first event, in its own thread, and keeps both."""

    def __init__(self, function: Function, *, root: Path = ROOT) -> None:
        self._function = function
        self._root = root
        self._thread: ThreadPoolExecutor | None = None
        self._module: ModuleType | None = None

    async def invoke(self, event: Any) -> Any:
        """The handler's answer, as JSON values.

        What the handler raises goes up. After the timeout FunctionTimedOut is
        raised and the environment is left behind: the next event gets a new one.
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=self._function.folder)
        answer = asyncio.get_running_loop().run_in_executor(self._thread, self._call, json.dumps(event))
        try:
            return await asyncio.wait_for(asyncio.shield(answer), self._function.timeout)
        except TimeoutError as error:
            if answer.done():
                raise
            self._leave_behind(self._thread)
            raise FunctionTimedOut(f"Task timed out after {self._function.timeout}.00 seconds") from error

    def _leave_behind(self, thread: ThreadPoolExecutor) -> None:
        thread.shutdown(wait=False)
        self._thread = self._module = None

    def _call(self, event: str) -> Any:
        if self._module is None:
            self._module = load_module(self._function, self._root)
        handler = getattr(self._module, self._function.handler.partition(".")[2])
        # JSON on the way in and out, as over the wire: nothing else gets through there.
        return json.loads(json.dumps(handler(json.loads(event), new_context(self._function))))

    async def close(self) -> None:
        """Close what the handler keeps; Lambda would just kill it. An event at work is given a moment."""
        if self._thread is None:
            return
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        done, _ = await asyncio.wait([closing], timeout=PATIENCE)
        self._leave_behind(self._thread)
        for one in done:
            one.result()

    def _close(self) -> None:
        kept = getattr(self._module, "environment", None)
        if kept is not None:
            kept.close()
