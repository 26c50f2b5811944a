"""What HTTP promises for every route: depth of bodies, HEAD, 304, Allow, Location, and words that name a field."""

from __future__ import annotations

import json

import pytest

MEETING = {"title": "Roof inspection", "user_id": "user_1", "scheduled_time": "2026-04-02T09:30:00"}


def nested(levels, *, listed=False):
    value = "bottom"
    for _ in range(levels):
        value = [value] if listed else {"in": value}
    return value


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("levels", [65, 300, 900, 20_000])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/messages", {"thread_id": "t-1", "extra": None}),
        ("POST", "/meetings", {**MEETING, "source": {"deep": None}}),
        ("POST", "/meetings", {**MEETING, "sentiment": {"deep": None}}),
        ("PUT", "/meetings/hist_meeting_1/insights", {"insights": {}, "source": {"deep": None}}),
    ],
)
async def test_a_body_that_is_nested_too_deep_is_422(api, method, path, body, *, levels, listed):
    opened, closed = ("[", "]") if listed else ('{"in": ', "}")
    text = json.dumps(body).replace("null", opened * levels + "1" + closed * levels)
    status, problem, _ = await api.call(method, path, data=text)
    assert (status, problem["errors"][0]["field"]) == (422, "body")
    assert "64 levels" in problem["detail"]


async def test_what_is_nested_as_people_write_it_is_taken(api):
    body = {**MEETING, "source": {"deep": nested(40)}}
    assert (await api.call("POST", "/meetings", json=body))[0] == 201


async def test_head_answers_as_get_without_a_body(api):
    for path in ("/meetings/hist_meeting_1", "/meetings", "/users/nobody"):
        got, _, headers = await api.call("GET", path)
        status, body, head = await api.call("HEAD", path)
        assert (status, body) == (got, None)
        assert (head.get("ETag"), head["Content-Length"]) == (headers.get("ETag"), headers["Content-Length"])


@pytest.mark.parametrize("tags", ["{}", 'W/"9", {}', "W/{}"])
async def test_a_version_that_is_known_is_not_sent_again(api, tags):
    _, _, headers = await api.call("GET", "/meetings/hist_meeting_1")
    wanted = {"If-None-Match": tags.format(headers["ETag"])}
    status, body, again = await api.call("GET", "/meetings/hist_meeting_1", headers=wanted)
    assert (status, body, again["ETag"]) == (304, None, headers["ETag"])
    other = {"If-None-Match": '"77"'}
    assert (await api.call("GET", "/meetings/hist_meeting_1", headers=other))[0] == 200


async def test_all_methods_of_a_path_are_allowed_in_one_answer(api):
    status, problem, headers = await api.call("PUT", "/meetings")
    assert (status, headers["Allow"], problem["errors"][0]["field"]) == (405, "GET, HEAD, POST", "method")
    _, _, headers = await api.call("POST", "/meetings/hist_meeting_1")
    assert headers["Allow"] == "DELETE, GET, HEAD, PATCH, PUT"


@pytest.mark.parametrize(
    ("path", "body", "at"),
    [
        ("/meetings", MEETING, "/v1/meetings/{meeting_id}"),
        ("/users", {"name": "Ivo Brandt", "email": "ivo@company.com"}, "/v1/users/{id}"),
        ("/contacts", {"email": "rosa@quarry.example"}, "/v1/contacts/{id}"),
    ],
)
async def test_what_was_made_is_named_by_its_location(api, path, body, at):
    status, made, headers = await api.call("POST", path, by="admin", json=body)
    assert (status, headers["Location"]) == (201, at.format_map(made))
    found = await api.call("GET", headers["Location"].removeprefix("/v1"), by="admin")
    assert found[0] == 200


@pytest.mark.parametrize(
    ("path", "by"),
    [("/meetings/hist_meeting_1", "member"), ("/users/user_1", "admin"), ("/contacts/contact_1", "member")],
)
async def test_a_patch_that_says_nothing_makes_no_version(api, path, by):
    _, before, read = await api.call("GET", path)
    status, after, headers = await api.call("PATCH", path, by=by, json={})
    assert (status, after, headers["ETag"]) == (200, before, read["ETag"])
    stale = {"If-Match": '"77"'}
    assert (await api.call("PATCH", path, by=by, json={}, headers=stale))[0] == 412


@pytest.mark.parametrize(
    "name", ["user_id", "contact_id", "status", "thread_id", "ical_uid", "from", "to", "text", "cursor"]
)
async def test_a_filter_without_a_value_is_one_that_was_not_given(api, name):
    _, everything, _ = await api.call("GET", "/meetings")
    status, found, _ = await api.call("GET", "/meetings", params={name: ""})
    assert (status, found) == (200, everything)


async def test_a_misspelled_filter_is_refused_with_and_without_a_value(api):
    for value in ("", "x"):
        status, problem, _ = await api.call("GET", "/meetings", params={"conatct_id": value})
        assert (status, problem["errors"][0]["field"]) == (422, "conatct_id")


@pytest.mark.parametrize("when", [1764600000, 1764600000.5, "1764600000", "-3", True, ["2026-01-01"]])
async def test_a_number_is_no_date(api, when):
    for method, path, body in (
        ("POST", "/meetings", {**MEETING, "scheduled_time": when}),
        ("POST", "/availability", {"user_ids": ["user_1"], "date": when, "duration_minutes": 30}),
        ("POST", "/messages", {"thread_id": "t", "at": when}),
    ):
        status, problem, _ = await api.call(method, path, json=body)
        assert status == 422, (path, problem)
    assert (await api.call("GET", "/action-items", params={"due_before": "1764600000"}))[0] == 422


@pytest.mark.parametrize("changes", [{"title": None}, {"title": " \t "}, {"title": ""}, {"user_id": None}])
async def test_a_meeting_keeps_a_title_and_a_user(api, changes):
    status, problem, _ = await api.call("PATCH", "/meetings/hist_meeting_1", json=changes)
    assert (status, problem["errors"][0]["field"]) == (422, next(iter(changes)))


async def test_messages_are_words_and_name_the_field(api):
    body = {**MEETING, "user_id": "no id!", "time_zone": "Mars/Base"}
    _, problem, _ = await api.call("POST", "/meetings", json=body)
    told = {error["field"]: error["message"] for error in problem["errors"]}
    assert told["user_id"].startswith("must be an id")
    assert told["time_zone"].startswith("must be an IANA time zone")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/meetings/m-77", "meeting_id"),
        ("/users/u-77", "user_id"),
        ("/contacts/c-77", "contact_id"),
        ("/emails/run-77", "run_id"),
        ("/conversations/t-77", "thread_id"),
        ("/mailboxes/nobody@parley.local", "address"),
        ("/blacklist/nobody@parley.local", "address"),
        ("/action-items/m-77.1", "action_id"),
        ("/jobs/job-77", "job_id"),
        ("/meetings/hist_meeting_1/insights", "meeting_id"),
        ("/no-such-path", "path"),
    ],
)
async def test_a_404_names_what_was_not_found(api, path, field):
    status, problem, _ = await api.call("GET", path)
    assert (status, problem["errors"][0]["field"]) == (404, field)


@pytest.mark.parametrize(
    "said", ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]
)
async def test_a_body_is_json_whatever_its_type_says(api, said):
    data, headers = json.dumps(MEETING), {"Content-Type": said}
    assert (await api.call("POST", "/meetings", data=data, headers=headers))[0] == 201


async def test_of_several_days_weekends_are_offered_only_where_they_are_asked_for(api):
    async def days(**asked):
        body = {"user_ids": ["user_2"], "date": "2026-06-05", "duration_minutes": 60, **asked}
        _, answer, _ = await api.call("POST", "/availability", json=body)
        return sorted({slot["start"][:10] for slot in answer["slots"]})

    assert await days(end_date="2026-06-09") == ["2026-06-05", "2026-06-08", "2026-06-09"]
    assert await days(end_date="2026-06-09", weekdays=[6, 7]) == ["2026-06-06", "2026-06-07"]
    assert await days(date="2026-06-06") == ["2026-06-06"]
