from __future__ import annotations

import asyncio

import pytest

FOUND = {
    "summary": {"text": "Two depots are live."},
    "action_items": [{"text": "Ask for the date", "owner": "Marcus", "due_date": None}],
    "key_topics": None,
}


@pytest.fixture
async def meeting(api):
    await api.call("PUT", "/meetings/m-1", by="pipeline", json={"title": "Check-in"})
    return "/meetings/m-1/insights"


async def put_run(api, path, run, text="Two depots are live.", **more):
    insights = FOUND | {"summary": {"text": text}}
    return await api.call("PUT", path, by="pipeline", json={"run_id": run, "insights": insights, **more})


async def text_of(api, path, **params):
    _, body, _ = await api.call("GET", path, params=params)
    return body["insights"]["summary"]["text"]


async def test_what_a_run_found_can_be_read(api, meeting):
    status, body, headers = await put_run(
        api, meeting, "run-1", errors={"key_topics": "LLM call failed after 3 retries"}, partial_success=True
    )
    assert (status, body["stored"], body["version"], headers["ETag"]) == (200, True, 1, '"1"')
    status, read, _ = await api.call("GET", meeting)
    assert status == 200
    assert read["meeting_id"] == "m-1"
    assert read["insights"]["action_items"] == FOUND["action_items"]
    assert read["insights"]["key_topics"] is None
    assert read["errors"] == {"key_topics": "LLM call failed after 3 retries"}
    assert read["partial_success"] is True


async def test_a_run_is_stored_once(api, meeting):
    await put_run(api, meeting, "run-1", "first")
    status, body, _ = await put_run(api, meeting, "run-1", "the same run, told otherwise")
    assert (status, body["stored"], body["reason"], body["version"]) == (200, False, "repeated", 1)
    assert body["insights"]["summary"]["text"] == "first"
    assert await text_of(api, meeting) == "first"


async def test_an_old_run_that_comes_back_does_not_undo_a_newer_one(api, meeting):
    await put_run(api, meeting, "run-1", "first")
    await put_run(api, meeting, "run-2", "second")
    _, body, _ = await put_run(api, meeting, "run-1", "first")
    assert (body["stored"], body["reason"]) == (False, "repeated")
    assert await text_of(api, meeting) == "second"


async def test_what_was_produced_earlier_never_replaces_what_was_produced_later(api, meeting):
    await put_run(api, meeting, "run-2", "later", produced_at="2025-11-02T10:00:00+01:00")
    _, body, _ = await put_run(api, meeting, "run-1", "earlier", produced_at="2025-11-02T08:30:00Z")
    assert (body["stored"], body["reason"]) == (False, "newer")
    assert await text_of(api, meeting) == "later"


async def test_earlier_versions_are_kept(api, meeting):
    for number in (1, 2, 3):
        await put_run(api, meeting, f"run-{number}", f"text {number}")
    assert [await text_of(api, meeting, version=n) for n in (1, 2, 3)] == ["text 1", "text 2", "text 3"]
    assert (await api.call("GET", meeting, params={"version": 4}))[0] == 404


async def test_a_persons_edit_is_not_overwritten(api, meeting):
    await put_run(api, meeting, "run-1", "by the machine")
    edit = {"insights": {"summary": {"text": "by a person"}}}
    status, body, _ = await api.call("PUT", meeting, json=edit, headers={"If-Match": '"1"'})
    assert (status, body["version"], body["edited_by"]) == (200, 2, "user_1")
    for run in ("run-1", "run-2"):
        status, body, _ = await put_run(api, meeting, run, "by the machine again")
        assert (status, body["stored"]) == (200, False)
    assert body["reason"] == "edited"
    assert await text_of(api, meeting) == "by a person"
    assert await text_of(api, meeting, version=1) == "by the machine"


async def test_an_edit_of_an_old_version_is_refused(api, meeting):
    await put_run(api, meeting, "run-1")
    await put_run(api, meeting, "run-2")
    edit = {"insights": {"summary": {"text": "mine"}}}
    status, _, _ = await api.call("PUT", meeting, json=edit, headers={"If-Match": '"1"'})
    assert status == 412


async def test_one_run_put_many_times_at_once_is_one_version(api, meeting):
    answers = await asyncio.gather(*(put_run(api, meeting, "run-1") for _ in range(8)))
    assert {(status, body["version"]) for status, body, _ in answers} == {(200, 1)}
    assert sum(body["stored"] for _, body, _ in answers) == 1


async def test_two_runs_at_once_are_two_versions(api, meeting):
    await asyncio.gather(put_run(api, meeting, "run-1", "one"), put_run(api, meeting, "run-2", "two"))
    assert {await text_of(api, meeting, version=n) for n in (1, 2)} == {"one", "two"}


async def test_without_a_meeting_there_are_no_insights(api):
    body = {"run_id": "r", "insights": {}}
    assert (await api.call("PUT", "/meetings/m-9/insights", json=body))[0] == 404
    assert (await api.call("GET", "/meetings/m-9/insights"))[0] == 404


async def test_a_run_may_put_its_insights_before_its_meeting(api):
    status, body, _ = await put_run(api, "/meetings/m-9/insights", "run-1")
    assert (status, body["stored"]) == (200, True)
    assert (await api.call("GET", "/meetings/m-9/insights"))[0] == 404
    await api.call("PUT", "/meetings/m-9", by="pipeline", json={"title": "t"})
    assert (await api.call("GET", "/meetings/m-9/insights"))[1]["run_id"] == "run-1"


async def test_a_run_that_comes_back_after_the_meeting_was_removed_stores_nothing(api, meeting):
    await put_run(api, meeting, "run-1")
    await api.call("DELETE", "/meetings/m-1")
    status, body, _ = await put_run(api, meeting, "run-1")
    assert (status, body["stored"], body["reason"]) == (200, False, "deleted")
    assert (await api.call("GET", meeting))[0] == 404


async def test_the_pipeline_names_its_run(api, meeting):
    status, body, _ = await api.call("PUT", meeting, by="pipeline", json={"insights": {}})
    assert (status, body["errors"][0]["field"]) == (422, "run_id")


@pytest.mark.parametrize(
    ("insights", "field"),
    [
        ({"mood": "blue"}, "insights.mood"),
        ({"summary": "a text"}, "insights.summary"),
        ({"action_items": [{"text": "a"}, {"owner": "Ann"}]}, "insights.action_items.1.text"),
        ({"action_items": [{"text": ""}]}, "insights.action_items.0.text"),
        ({"action_items": [{"text": "a", "due_date": "Friday"}]}, "insights.action_items.0.due_date"),
        ({"action_items": [{"text": "a", "due_date": "20260230"}]}, "insights.action_items.0.due_date"),
        ({"action_items": [{"text": "a", "owner": 7}]}, "insights.action_items.0.owner"),
        ({"key_topics": ["pricing"]}, "insights.key_topics.0"),
        ({"decisions": [{"text": "a", "evidence": "said so"}]}, "insights.decisions.0.evidence"),
        ({"sentiment": {"label": "splendid"}}, "insights.sentiment.label"),
        ({"sentiment": {"label": "positive", "score": 7}}, "insights.sentiment.score"),
        ({"risks": [{"text": "a", "severity": "dire"}]}, "insights.risks.0.severity"),
    ],
)
async def test_what_is_no_insight_is_named(api, meeting, insights, field):
    status, body, _ = await api.call("PUT", meeting, json={"insights": insights})
    assert (status, body["errors"][0]["field"]) == (422, field)


async def test_an_edit_is_kept_as_it_was_given(api, meeting):
    item = {"text": "Send the sheet", "due_date": "2025-11-07", "note": "ours"}
    edit = {"insights": {"action_items": [item], "sentiment": {"label": "mixed"}}}
    assert (await api.call("PUT", meeting, json=edit))[0] == 200
    kept = (await api.call("GET", meeting))[1]["insights"]
    assert kept["action_items"] == [item]
    assert kept["sentiment"] == {"label": "mixed"}
    assert (len(kept), kept["risks"]) == (7, None)
    # What was read can be sent back.
    assert (await api.call("PUT", meeting, json={"insights": kept}))[0] == 200
