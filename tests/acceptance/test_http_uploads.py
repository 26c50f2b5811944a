"""The HTTP API: a transcript that comes as a file, without the API in between."""

from __future__ import annotations

from parley.insights.transcripts import LARGEST_UPLOAD
from tests.acceptance.world import a_modelled_api, analyzed, created

VTT = b"""WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ann Berg>I will send the pricing sheet by Friday.

00:00:05.000 --> 00:00:08.000
<v Jennifer Liu>Good, then we start the pilot in May.
"""


async def uploaded(api, content: bytes, **request) -> str:
    status, upload, _ = await api.call("POST", "/uploads")
    assert (status, upload["method"]) == (201, "PUT")
    async with api.session.put(upload["url"], data=content, **request) as answer:
        assert answer.status == 200
    return upload["upload_id"]


async def test_a_file_that_was_uploaded_is_analysed_as_a_transcript_is(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        ident = await uploaded(api, VTT)
        answer = await analyzed(api, meeting, transcript=None, upload_id=ident, filename="talk.vtt")
        assert set(answer) == {"meeting_id", "insights"}
        evidence = answer["insights"]["action_items"][0]["evidence"]
        assert (evidence["speaker"], evidence["start"], evidence["verified"]) == ("Ann Berg", 1.0, True)
        # It is kept with the meeting: it need not be sent again.
        assert (await analyzed(api, meeting, transcript=None))["insights"] == answer["insights"]


async def refusal(api, **body) -> list[str]:
    """The fields that the refusal of an analysis names."""
    answer = await analyzed(api, await created(api), status=422, **body)
    return [error["field"] for error in answer["errors"]]


async def test_an_upload_that_is_not_there_is_a_422(stores):
    async with a_modelled_api(stores) as (_, api):
        _, upload, _ = await api.call("POST", "/uploads")
        for ident in (upload["upload_id"], "upload_" + "0" * 32, "../demo/upload_1", "x"):
            assert await refusal(api, transcript=None, upload_id=ident) == ["upload_id"]


async def test_an_upload_and_a_transcript_in_one_request_are_a_422(stores):
    async with a_modelled_api(stores) as (_, api):
        ident = await uploaded(api, VTT)
        await analyzed(api, await created(api), status=422, upload_id=ident)


async def test_an_upload_that_is_no_transcript_is_a_422(stores):
    async with a_modelled_api(stores) as (stub, api):
        for content in (b"", b"\x00\x01\x02" * 100):
            ident = await uploaded(api, content)
            assert await refusal(api, transcript=None, upload_id=ident) == ["upload_id"]
        assert stub.calls == []


async def test_an_upload_that_is_too_big_is_a_413(stores):
    async with a_modelled_api(stores) as (_, api):
        ident = await uploaded(api, b"a" * (LARGEST_UPLOAD + 1))
        await analyzed(api, await created(api), status=413, transcript=None, upload_id=ident)


async def test_no_tenant_reads_anothers_upload(stores):
    async with a_modelled_api(stores) as (_, api):
        ident = await uploaded(api, VTT)
        path = "/users"
        user = {"name": "Rita", "email": "rita@rival.example"}
        _, rita, _ = await api.call("POST", path, json=user, by="other")
        meeting = {"title": "Theirs", "user_id": rita["id"]}
        _, theirs, _ = await api.call("POST", "/meetings", json=meeting, by="other")
        path = f"/meetings/{theirs['meeting_id']}/analyze"
        status, body, _ = await api.call("POST", path, json={"upload_id": ident}, by="other")
        assert (status, [error["field"] for error in body["errors"]]) == (422, ["upload_id"])


async def test_a_deployment_without_uploads_says_so(api):
    assert (await api.call("POST", "/uploads"))[0] == 404


async def test_an_upload_is_begun_once_for_one_key(stores):
    async with a_modelled_api(stores) as (_, api):
        key = {"Idempotency-Key": "drawing-7"}
        status, first, _ = await api.call("POST", "/uploads", headers=key)
        assert (status, (await api.call("POST", "/uploads", headers=key))[1]) == (201, first)
        assert (await api.call("POST", "/uploads"))[1]["upload_id"] != first["upload_id"]
