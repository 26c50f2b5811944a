import threading
import time

import pytest

from local.lambda_runtime import ExecutionEnvironment, FunctionTimedOut, LambdaContext, load_module
from local.template import Function
from parley.errors import ConfigError

SOURCE = """
import threading
import time

calls = []


def lambda_handler(event, context):
    calls.append(event)
    if event == "sleep":
        time.sleep(5)
    if event == "raise":
        raise KeyError("what")
    if event == "object":
        return object()
    return {"calls": len(calls), "thread": threading.get_ident(), "name": context.function_name,
            "left": context.get_remaining_time_in_millis(), "tuple": (1, 2)}
"""


@pytest.fixture
def function(tmp_path):
    (tmp_path / "lambdas" / "some").mkdir(parents=True)
    (tmp_path / "lambdas" / "some" / "handler.py").write_text(SOURCE)
    return Function(
        name="Some",
        folder="some",
        handler="handler.lambda_handler",
        timeout=1,
        memory=128,
        environment={},
        sources=(),
    )


async def test_an_environment_keeps_its_module_and_its_thread(function, tmp_path):
    environment = ExecutionEnvironment(function, root=tmp_path)
    first, second = await environment.invoke({}), await environment.invoke({})
    await environment.close()
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["thread"] == second["thread"] != threading.get_ident()
    assert first["name"] == "Some"
    assert 0 < first["left"] <= 1000


async def test_each_environment_has_globals_of_its_own(function, tmp_path):
    one, other = (ExecutionEnvironment(function, root=tmp_path) for _ in range(2))
    await one.invoke({})
    assert (await other.invoke({}))["calls"] == 1
    await one.close()
    await other.close()


async def test_answers_are_json(function, tmp_path):
    environment = ExecutionEnvironment(function, root=tmp_path)
    assert (await environment.invoke({}))["tuple"] == [1, 2]
    with pytest.raises(TypeError, match="JSON"):
        await environment.invoke("object")
    await environment.close()


async def test_what_the_handler_raises_goes_up(function, tmp_path):
    environment = ExecutionEnvironment(function, root=tmp_path)
    with pytest.raises(KeyError, match="what"):
        await environment.invoke("raise")
    assert (await environment.invoke({}))["calls"] == 2
    await environment.close()


async def test_after_its_timeout_an_environment_is_left_behind(function, tmp_path):
    environment = ExecutionEnvironment(function, root=tmp_path)
    await environment.invoke({})
    with pytest.raises(FunctionTimedOut, match=r"1\.00 seconds"):
        await environment.invoke("sleep")
    assert (await environment.invoke({}))["calls"] == 1
    await environment.close()


def test_a_function_without_its_file_is_a_clear_error(function, tmp_path):
    (tmp_path / "lambdas" / "some" / "handler.py").unlink()
    with pytest.raises(ConfigError, match=r"Some has no file .*handler\.py"):
        load_module(function, tmp_path)


def test_the_remaining_time_is_never_negative():
    context = LambdaContext(function_name="f", memory_limit_in_mb=1, deadline=time.monotonic() - 5)
    assert context.get_remaining_time_in_millis() == 0
