from __future__ import annotations

import pytest

PROBLEM = {"type", "title", "status", "detail", "errors"}
JSON = {"Content-Type": "application/json"}


async def refused(api, status, method, path, **more):
    answered, problem, headers = await api.call(method, path, **more)
    assert answered == status, problem
    assert headers["Content-Type"] == "application/problem+json"
    assert set(problem) == PROBLEM
    assert problem["status"] == status
    return problem


async def test_every_error_has_one_shape(api):
    await refused(api, 404, "GET", "/nothing")
    await refused(api, 404, "GET", "/meetings/")
    await refused(api, 405, "PUT", "/meetings")
    await refused(api, 401, "GET", "/meetings", by=None)
    await refused(api, 422, "GET", "/meetings/%00")
    await refused(api, 422, "GET", "/meetings/a%23b")


@pytest.mark.parametrize(
    ("data", "statuses"),
    [
        (b"{", {422}),
        (b"\xff\xfe{}", {400, 422}),
        (b"[" * 100_000, {400, 422}),
        (b'{"title": ' + b"9" * 5000 + b"}", {400, 422}),
        (b"[]", {422}),
        (b"null", {422}),
        (b"", {422}),
        (b'{"title": "\\ud800", "user_id": "user_1"}', {422}),
        (b'{"title": "t", "user_id": "user_1", "source": {"a": NaN}}', {422}),
        (b'{"title": "t", "user_id": "user_1", "source": {"a": "\\udfff"}}', {422}),
        (b'{"title": "t", "user_id": "user_1", "\\ud800": 1}', {422}),
        (b'{"title": "a\\u0000b", "user_id": "user_1"}', {422}),
    ],
)
async def test_what_is_no_usable_json_is_refused(api, data, statuses):
    status, problem, headers = await api.call("POST", "/meetings", data=data, headers=JSON)
    assert status in statuses, problem
    assert set(problem) == PROBLEM
    assert headers["Content-Type"] == "application/problem+json"


async def test_what_was_sent_is_not_repeated(api):
    body = {"title": "t", "user_id": "user_1", "status": "my secret plan"}
    problem = await refused(api, 422, "POST", "/meetings", json=body)
    assert "secret" not in str(problem)


async def test_a_body_beyond_6_mb_is_413_whether_or_not_it_says_so(api):
    big = b'{"title": "' + b"x" * (6 * 1024 * 1024) + b'"}'

    async def in_pieces():
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    await refused(api, 413, "POST", "/meetings", data=big, headers=JSON)
    await refused(api, 413, "POST", "/meetings", data=in_pieces(), headers=JSON)


async def test_no_cross_origin_is_invited(api):
    _, _, headers = await api.call("GET", "/meetings", headers={"Origin": "https://evil.example"})
    assert not [name for name in headers if name.lower().startswith("access-control")]


async def test_a_store_that_does_not_answer_is_503_with_retry_after(api, stores):
    await api.call("GET", "/meetings")  # the token is known from here on
    await stores.dynamodb.delete_table(TableName=stores.table)
    _, problem, headers = await api.call("GET", "/meetings")
    assert (problem["status"], headers["Retry-After"]) == (503, "1")
    assert stores.table not in str(problem)


async def test_json_needs_no_content_type(api):
    body = '{"user_ids": ["user_1"], "date": "2026-03-02", "duration_minutes": 30}'
    for headers in (
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json"},
    ):
        status, answer, _ = await api.call("POST", "/availability", data=body, headers=headers)
        assert (status, len(answer["slots"])) == (200, 1)
    status, _, _ = await api.call(
        "POST",
        "/availability",
        data="user_ids=1",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert status == 422


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/meetings?stat=completed", "contact_id, cursor, from"),
        ("GET", "/action-items?owner=Ann&due=2026-01-01", "due_before"),
        ("GET", "/meetings/hist_meeting_1?version=2", "has none"),
        ("POST", "/availability?user=1", "has none"),
        ("GET", "/users?address=a@b.example", "email"),
        ("GET", "/meetings?status=scheduled&status=completed", "2 times"),
    ],
)
async def test_a_parameter_that_there_is_not_is_named_with_those_that_there_are(api, method, path, names):
    problem = await refused(api, 422, method, path)
    (error,) = problem["errors"]
    assert error["field"] in path
    assert names in error["message"]


@pytest.mark.parametrize("data", [b"{", b'{"title": tomorrow}', b'{"title": NaN}', b"\xff"])
async def test_a_body_that_is_no_json_is_said_so(api, data):
    problem = await refused(api, 422, "POST", "/meetings", data=data, headers=JSON)
    assert problem["errors"][0]["field"] == "body"
    assert "is no JSON" in problem["errors"][0]["message"]
