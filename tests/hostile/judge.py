"""What holds for every reply, whatever the mail was."""

from __future__ import annotations

import email
import email.policy
from html.parser import HTMLParser

from parley.core.outcome import Outcome
from tests.hostile.build import BOX, SENDER

HEADERS = {
    "from", "to", "subject", "auto-submitted", "x-auto-response-suppress", "in-reply-to", "references",
    "mime-version", "content-type",
}  # fmt: skip
TAGS = {
    "html", "head", "meta", "body", "div", "p", "h2", "h3", "table", "tr", "td", "strong", "span", "br", "ul", "ol", "li", "em",
}  # fmt: skip
ATTRIBUTES = {"style", "charset", "name", "content", "role", "cellpadding", "cellspacing"}


class Shape(HTMLParser):
    """The tags and attributes of a page: what is text in it does not show here."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles |= {value or "" for name, value in attrs if name == "style"}


def shape(html: str) -> Shape:
    found = Shape()
    found.feed(html)
    found.close()
    return found


def hold_what_replies_promise(recipient: str, raw: bytes, *, secrets: tuple[str, ...]) -> None:
    """One recipient, the honest one; the headers that we write, once each; markup of ours alone."""
    assert recipient == SENDER
    answer = email.message_from_bytes(raw, policy=email.policy.default)
    names = [name.lower() for name in answer]
    assert set(names) <= HEADERS
    assert len(names) == len(set(names))
    assert answer["To"] == SENDER
    assert not answer.defects
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert [part.get_content_type() for part in answer.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    html = answer.get_body(("html",)).get_content()
    text = answer.get_body(("plain",)).get_content()
    found = shape(html)
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES
    assert not any("url(" in style or "expression" in style for style in found.styles)
    for secret in secrets:
        assert secret not in text
        assert secret not in html
        assert secret not in str(answer["Subject"])


def hold_what_a_run_promises(world, report, *, tenant: str) -> None:
    """A terminal outcome with a record of it, and nothing of it with anybody but its tenant."""
    assert report.outcome in set(Outcome) - {Outcome.FAILED}
    assert (report.reason is None) == (report.outcome in (Outcome.PROCESSED, Outcome.DUPLICATE))
    record = world.record()
    assert record["outcome"] == str(report.outcome)
    assert record["reason"] == (report.reason and str(report.reason))
    assert (record["detail"] is None) == (report.reason is None)
    assert record["states"][-1] == "done"
    assert {owner for _, owner, _ in world.backend.puts} == {tenant}
    assert world.backend.of("email")[0]["mailbox"] in (BOX, "")
