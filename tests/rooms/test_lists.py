from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import RejectedRequest
from parley.store.cursors import decode_cursor, encode_cursor
from parley.store.record import ListQuery, Position, RecordKey

QUERY = ListQuery(group="demo#meeting", limit=1)
END = Position("2025-11-15T10:00:00#m-1", RecordKey("demo#meeting#m-1"))


async def walk(api, path, **params):
    items, pages, cursor = [], 0, {}
    while True:
        _, page, _ = await api.call("GET", path, params=params | cursor)
        items += page["items"]
        pages += 1
        if not page["next_cursor"]:
            return items, pages
        cursor = {"cursor": page["next_cursor"]}


async def test_pages_together_are_the_whole_list_each_item_once(api):
    whole, _ = await walk(api, "/meetings", limit=100)
    for limit in (1, 3):
        paged, pages = await walk(api, "/meetings", limit=limit)
        assert paged == whole
        assert pages >= len(whole) // limit


async def test_a_filtered_list_is_whole_however_short_its_pages(api):
    found, _ = await walk(api, "/meetings", limit=1, contact_id="contact_2")
    assert [meeting["id"] for meeting in found] == ["hist_meeting_3"]


async def test_rubbish_is_422(api):
    rubbish = ["x", "!!!", "é", "eyJhIjoxfQ", base64.urlsafe_b64encode(b"[" * 900).decode(), "A" * 4001]
    for cursor in rubbish:
        status, problem, _ = await api.call("GET", "/meetings", params={"cursor": cursor})
        assert (status, problem["errors"][0]["field"]) == (422, "cursor")


async def test_a_forged_place_is_422_and_leaks_nothing(api):
    query = ListQuery(group="demo#meeting", limit=50)
    for partition in ("rival#meeting#m-1", "nonsense", "demo#meeting#\ud800"):
        cursor = encode_cursor(query, Position("2025#x", RecordKey(partition)))
        status, body, _ = await api.call("GET", "/meetings", params={"cursor": cursor})
        # A key of another partition only says where in demo's own list to go on.
        assert status in {200, 422}
        assert "rival" not in json.dumps(body.get("items", []))


async def test_a_cursor_belongs_to_its_filters(api):
    _, page, _ = await api.call("GET", "/meetings", params={"limit": 1})
    params = {"limit": 1, "status": "completed", "cursor": page["next_cursor"]}
    assert (await api.call("GET", "/meetings", params=params))[0] == 422


async def test_limits_have_limits(api):
    for limit in ("0", "101", "many"):
        status, problem, _ = await api.call("GET", "/meetings", params={"limit": limit})
        assert (status, problem["errors"][0]["field"]) == (422, "limit")


def test_a_cursor_says_where_its_page_ended():
    assert decode_cursor(QUERY, encode_cursor(QUERY, END)) == END


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_any_other_text_is_a_problem(text):
    with pytest.raises(RejectedRequest) as caught:
        decode_cursor(QUERY, text)
    assert caught.value.errors[0].field == "cursor"
