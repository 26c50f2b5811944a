"""Real replies and bounces that nobody here wrote; skipped where the corpora are absent."""

from __future__ import annotations

import pytest

from parley.mail.automated import automated
from parley.mail.mime import parse_email
from parley.mail.typed_text import typed_from_html, typed_text


def some(folder, pattern):
    found = sorted(folder.rglob(pattern))
    if not found:
        pytest.skip(f"no {pattern} below {folder.name}")
    return found


def test_html_replies_of_the_big_clients(corpora):
    for page in some(corpora / "talon-fixtures", "html_replies/*.html"):
        assert " ".join(typed_from_html(page.read_text()).split()) == "Hi. I am fine. Thanks, Alex", page.name


def test_plain_replies_of_the_big_clients(corpora):
    for mail in some(corpora / "talon-fixtures", "standard_replies/*.eml"):
        assert parse_email(mail.read_bytes()).text == "Hello", mail.name


def test_no_reply_is_emptied_and_no_quote_is_typed(corpora):
    for folder in ("zapier-email-reply-parser", "github-email-reply-parser"):
        for body in some(corpora / folder, "emails/*.txt"):
            typed = typed_text(body.read_text(errors="replace"))
            assert typed, body.name
            assert not any(line.startswith(">") for line in typed.split("\n")), body.name


def test_bounces_are_recognised(corpora):
    mails = some(corpora / "sisimai-set-of-emails", "maildir/*/*.eml")
    missed = [mail.name for mail in mails if automated(parse_email(mail.read_bytes())) is None]
    assert len(missed) * 100 <= len(mails), missed


def test_real_transcripts_lose_no_line(corpora):
    for file in some(corpora / "ethereum-pm", "*.vtt")[:5]:
        text = file.read_text(encoding="utf-8").replace("\r\n", "\n").strip()
        assert typed_text(text).split() == text.split(), file.name
