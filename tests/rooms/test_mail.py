from __future__ import annotations


async def put(api, ident, **body):
    message = {"thread_id": "t-1", "text": ident} | body
    return await api.call("PUT", f"/messages/{ident}", by="pipeline", json=message)


async def test_a_conversation_is_in_the_order_of_sending(api):
    await put(api, "m-2", at="2025-11-02T10:00:00Z", direction="outbound")
    await put(api, "m-1", at="2025-11-02T10:30:00+01:00")
    await put(api, "elsewhere", thread_id="t-2")
    _, page, _ = await api.call("GET", "/messages", params={"thread_id": "t-1"})
    assert [(m["id"], m["direction"]) for m in page["items"]] == [("m-1", "inbound"), ("m-2", "outbound")]
    status, conversation, _ = await api.call("GET", "/conversations/t-1")
    assert (status, conversation["thread_id"], conversation["messages"]) == (200, "t-1", page["items"])


async def test_a_message_put_again_is_one_message(api):
    body = {"from": "a@b.example", "at": "2025-11-02T10:00:00Z", "x_ray": [1.5, None]}
    for _ in range(3):
        status, stored, headers = await put(api, "m-1", **body)
        assert (status, headers["ETag"]) == (200, '"1"')
    assert (stored["from"], stored["x_ray"], stored["id"]) == ("a@b.example", [1.5, None], "m-1")
    _, page, _ = await api.call("GET", "/messages", params={"thread_id": "t-1"})
    assert page["items"] == [stored]


async def test_a_message_can_be_posted_by_a_member(api):
    status, posted, _ = await api.call("POST", "/messages", json={"thread_id": "t-9", "text": "hello"})
    assert status == 201
    _, page, _ = await api.call("GET", "/messages", params={"thread_id": "t-9"})
    assert page["items"] == [posted]


async def test_messages_are_listed_by_thread_only(api):
    status, problem, _ = await api.call("GET", "/messages")
    assert (status, problem["errors"][0]["field"]) == (422, "thread_id")


async def test_a_new_thread_has_no_conversation(api):
    assert (await api.call("GET", "/conversations/t-0"))[0] == 404
    assert (await api.call("GET", "/messages", params={"thread_id": "t-0"}))[1]["items"] == []


async def test_an_emails_progress_only_goes_forward(api):
    early = {"states": ["received", "claimed"], "mailbox": "meetings@parley.local"}
    late = early | {"states": ["received", "claimed", "parsed", "done"], "outcome": "processed"}
    await api.call("PUT", "/emails/r-1", by="pipeline", json=early)
    await api.call("PUT", "/emails/r-1", by="pipeline", json=late)
    stale = early | {"states": ["received", "claimed", "parsed", "gated", "routed", "analysed"]}
    status, body, _ = await api.call("PUT", "/emails/r-1", by="pipeline", json=stale)
    assert (status, body["outcome"]) == (200, "processed")
    assert (await api.call("GET", "/emails/r-1"))[1]["states"] == late["states"]


async def test_emails_are_listed_newest_first_and_filtered(api):
    for day, outcome in ((1, "processed"), (2, "refused"), (3, "processed")):
        body = {"outcome": outcome, "route": "transcript", "received_at": f"2025-11-0{day}T00:00:00Z"}
        await api.call("PUT", f"/emails/r-{day}", by="pipeline", json=body)
    _, page, _ = await api.call("GET", "/emails")
    assert [email["run_id"] for email in page["items"]] == ["r-3", "r-2", "r-1"]
    _, page, _ = await api.call("GET", "/emails", params={"outcome": "processed"})
    assert [email["run_id"] for email in page["items"]] == ["r-3", "r-1"]
    assert (await api.call("GET", "/emails", params={"outcome": "lost"}))[0] == 422
    assert (await api.call("GET", "/emails/r-9"))[0] == 404
