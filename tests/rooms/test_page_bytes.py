"""A page holds what one answer can carry, and its cursor goes on exactly where it ended."""

from __future__ import annotations

import pytest

BIG = "x" * 280_000
WIDE = "é" * 200_000


async def all_pages(api, path, **params):
    pages, cursor = [], None
    while True:
        wanted = {**params, "limit": "100", **({"cursor": cursor} if cursor else {})}
        status, page, headers = await api.call("GET", path, params=wanted)
        assert status == 200
        assert int(headers["Content-Length"]) < 6_000_000
        pages.append(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return pages


@pytest.mark.parametrize("text", [BIG, WIDE])
async def test_messages_are_paged_by_bytes_too(api, text):
    for n in range(30):
        body = {"thread_id": "t-big", "text": text, "at": f"2026-03-02T09:00:{n:02}Z"}
        assert (await api.call("PUT", f"/messages/m-{n:02}", by="pipeline", json=body))[0] == 200
    pages = await all_pages(api, "/messages", thread_id="t-big")
    assert len(pages) > 1
    assert [one["id"] for page in pages for one in page] == [f"m-{n:02}" for n in range(30)]
    status, conversation, _ = await api.call("GET", "/conversations/t-big", params={"limit": "100"})
    assert (status, len(conversation["messages"]), bool(conversation["next_cursor"])) == (
        200,
        len(pages[0]),
        True,
    )


async def test_meetings_found_by_a_link_or_a_text_are_paged_by_bytes_too(api):
    for n in range(24):
        body = {
            "title": f"Kiln round {n:02}",
            "user_id": "user_1",
            "contact_id": "contact_3",
            "scheduled_time": f"2026-05-01T{n:02}:00:00",
            "summary": BIG,
        }
        assert (await api.call("POST", "/meetings", json=body))[0] == 201
    for wanted in ({"contact_id": "contact_3"}, {"text": "kiln"}):
        pages = await all_pages(api, "/meetings", **wanted)
        assert [one["title"] for page in pages for one in page] == [f"Kiln round {n:02}" for n in range(24)]


async def test_a_text_is_kept_as_far_as_an_answer_can_carry_it(api):
    body = {"thread_id": "t-long", "text": "y" * 3_000_000}
    status, made, _ = await api.call("POST", "/messages", json=body)
    assert (status, len(made["text"])) == (201, 2_500_000)


async def test_a_body_that_no_answer_could_carry_is_413(api):
    body = {"title": "t", "user_id": "user_1", "source": {"raw": "z" * 5_500_000}}
    status, problem, _ = await api.call("POST", "/meetings", json=body)
    assert (status, problem["errors"][0]["field"]) == (413, "body")
