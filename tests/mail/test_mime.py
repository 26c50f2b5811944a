from __future__ import annotations

import base64
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parley.errors import QuarantineError, SenderError
from parley.mail.email import Address
from parley.mail.limits import Limits
from parley.mail.mime import parse_email
from tests.mail.samples import ALTERNATIVE, MIXED, PLAIN


def mail(body: bytes = b"words", **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return b"From: ada@example.com\r\n" + lines.encode("utf-8") + b"\r\n" + body


def multipart(*parts: bytes, kind: str = "mixed") -> bytes:
    joined = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return mail(joined + b"--b--\r\n", Content_Type=f"multipart/{kind}; boundary=b")


# --- the ordinary ------------------------------------------------------------


def test_a_plain_mail_is_read_in_full() -> None:
    email = parse_email(PLAIN)
    assert email.from_ == Address("Ada Example", "ada@example.com")
    assert email.to == (Address("", "meetings@parley.local"),)
    assert email.subject == "Notes"
    assert email.message_id == "<one@example.com>"
    assert email.date == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert email.body.strip() == email.text == "Hello there."
    assert email.size == len(PLAIN)
    assert email.problems == ()


def test_plain_text_is_preferred_and_html_kept() -> None:
    email = parse_email(ALTERNATIVE)
    assert email.body == "Wir treffen uns später."
    assert email.html is not None
    assert "<b>später</b>" in email.html
    assert email.subject == "Pläne"
    assert email.from_ == Address("Äda", "ada@example.com")
    assert [a.address for a in email.to] == ["b@example.com", "c@example.com"]


def test_attachments_keep_bytes_type_and_a_safe_name() -> None:
    email = parse_email(MIXED)
    assert email.body == "See the files."
    assert [(a.filename, a.content_type) for a in email.attachments] == [
        ("call.vtt", "text/vtt"),
        (None, "text/calendar; method=REQUEST"),
        ("résum.bin", "application/octet-stream"),
        (None, "message/rfc822"),
    ]
    assert email.attachments[2].content == bytes(range(6))
    assert email.attachments[3].content == b"From: old@example.com\r\nSubject: inner\r\n\r\nInner words."


def test_html_alone_becomes_text() -> None:
    email = parse_email(mail(b"<p>One</p><p>Two&nbsp;words</p>", Content_Type="text/html"))
    assert email.body.split("\n") == ["One", "", "Two words"]


def test_a_plain_stub_gives_way_to_the_html() -> None:
    email = parse_email(
        multipart(
            b"Content-Type: text/plain\r\n\r\nYour client cannot display this.",
            b"Content-Type: text/html\r\n\r\n<p>We decided to move the launch to Friday, and Ada owns the notes.</p>",
            kind="alternative",
        )
    )
    assert email.body == "We decided to move the launch to Friday, and Ada owns the notes."


def test_a_footer_after_html_does_not_hide_it() -> None:
    email = parse_email(
        multipart(
            b"Content-Type: text/html\r\n\r\n<p>The words.</p>",
            b"Content-Type: text/plain\r\n\r\nlist footer",
        )
    )
    assert email.body == "The words.\nlist footer"


def test_headers_are_decoded_unfolded_and_free_of_line_ends() -> None:
    email = parse_email(
        b"From: a@example.com\r\nX-Note: one\r\n two\r\nSubject: =?utf-8?Q?a=0D=0ABcc:_x=40y?=\r\n\r\nx"
    )
    assert email.header("x-note") == "one two"
    assert "\r" not in email.subject
    assert "\n" not in email.subject
    assert all("\n" not in value and "\r" not in value for _, value in email.headers)
    assert email.header_all("bcc") == ()


# --- what the world gets wrong -----------------------------------------------


@pytest.mark.parametrize(
    "charset", ["uft-8", "us-askey", "fakescii", "x-unknown", "utf-8 Content-Foo: bar", '"', "rot13"]
)
def test_a_lying_charset_never_costs_the_text(charset: str) -> None:
    email = parse_email(mail("schöne Grüße".encode(), Content_Type=f"text/plain; charset={charset}"))
    assert email.body == "schöne Grüße"


def test_wrongly_declared_utf8_is_guessed() -> None:
    russian = "Добрый день, коллеги. Встречу переносим на пятницу, жду ваших ответов."
    email = parse_email(mail(russian.encode("koi8-r"), Content_Type="text/plain; charset=utf-8"))
    assert email.body == russian


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n"])
def test_every_line_end_is_read(end: bytes) -> None:
    email = parse_email(ALTERNATIVE.replace(b"\r\n", end))
    assert email.body == "Wir treffen uns später."
    assert email.subject == "Pläne"


def test_bare_cr_in_a_binary_attachment_is_kept() -> None:
    blob = b"\x00\r\x01\n\x02\r\n\x03"
    email = parse_email(multipart(b"\r\nhello", b"Content-Type: application/pdf\r\n\r\n" + blob))
    assert email.attachments[0].content == blob


def test_repeated_and_missing_headers_are_survived() -> None:
    email = parse_email(b"Subject: one\r\nSubject: two\r\n\r\nbody")
    assert email.subject == "one"
    assert email.from_ is None
    assert "the subject header is there 2 times" in email.problems


def test_two_from_addresses_are_no_sender() -> None:
    email = parse_email(b"From: a@example.com\r\nFrom: b@example.com\r\n\r\nbody")
    assert email.from_ is None
    assert [a.address for a in email.senders] == ["a@example.com", "b@example.com"]


def test_a_header_that_begins_with_a_blank_is_read() -> None:
    assert parse_email(b" Subject: first\r\nFrom: a@example.com\r\n\r\nbody").subject == "first"


def test_a_stray_line_between_headers_costs_nothing() -> None:
    email = parse_email(b"From: a@example.com\r\nnonsense without colon\r\nSubject: kept\r\n\r\nbody")
    assert (email.subject, email.body) == ("kept", "body")


def test_a_missing_blank_line_does_not_hide_the_body() -> None:
    assert parse_email(b"Subject: x\r\nThis is prose. It has no colon\r\nmore").body.startswith(
        "This is prose"
    )


def test_a_boundary_that_never_comes_leaves_the_text() -> None:
    email = parse_email(mail(b"all of the words", Content_Type="multipart/mixed; boundary=nowhere"))
    assert email.body == "all of the words"
    assert email.problems


@pytest.mark.parametrize("declared", ["multipart/mixed", "multipart/mixed; boundary=wrong"])
def test_a_lost_boundary_is_found_in_the_body(declared: str) -> None:
    email = parse_email(
        mail(b"--real\r\n\r\none\r\n--real\r\n\r\ntwo\r\n--real--\r\n", Content_Type=declared)
    )
    assert email.body == "one\ntwo"


def test_a_missing_closing_boundary_is_survived() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\ninner text"
    email = parse_email(multipart(inner, b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF"))
    assert email.body == "inner text"
    assert email.attachments[0].filename == "a.pdf"


def test_one_bad_base64_part_costs_only_itself() -> None:
    good = base64.b64encode(b"fine text here")
    email = parse_email(
        multipart(
            b"Content-Transfer-Encoding: base64\r\n\r\n" + good,
            b"Content-Type: application/pdf; name=bad.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBE*Rg=\x80=A",
        )
    )
    assert email.body == "fine text here"
    assert email.attachments[0].content.startswith(b"%PD")


def test_text_wrongly_called_base64_is_read() -> None:
    email = parse_email(
        mail(b"This was never encoded, only labelled so.", Content_Transfer_Encoding="base64")
    )
    assert email.body == "This was never encoded, only labelled so."


def test_soft_line_breaks_survive_bare_cr() -> None:
    email = parse_email(mail(b"one=\rtwo=20end", Content_Transfer_Encoding="quoted-printable"))
    assert email.body == "onetwo end"


def test_format_flowed_paragraphs_are_joined() -> None:
    email = parse_email(mail(b"We will \r\nmeet.\r\n-- \r\nAda", Content_Type="text/plain; format=flowed"))
    assert email.body == "We will meet.\n-- \nAda"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("name*=utf-8''%e4%bd%a0.txt", "你.txt"),
        ('name="=?utf-8?B?w6k=?=.txt"', "é.txt"),
        ("name=..\\..\\x.txt", "x.txt"),
        ('name="a\tb\x01.txt"', "ab.txt"),
        ('name="gpj\u202etxt.exe"', "gpjtxt.exe"),
        ('name=".."', None),
        ("name=" + "x" * 400 + ".vtt", "x" * 196 + ".vtt"),
    ],
)
def test_file_names_are_decoded_and_harmless(given: str, shown: str | None) -> None:
    raw = multipart(b"\r\nbody", f"Content-Type: application/pdf; {given}\r\n\r\nx".encode())
    assert parse_email(raw).attachments[0].filename == shown


def test_the_words_of_an_embedded_mail_are_not_lost() -> None:
    email = parse_email(mail(b"Subject: inner\r\n\r\nThe only words.", Content_Type="message/rfc822"))
    assert email.body == "The only words."
    assert email.attachments[0].content_type == "message/rfc822"


def test_an_email_that_holds_nothing_but_another_has_its_words() -> None:
    inner = multipart(b"\r\nThe only words.", b"Content-Type: application/pdf\r\n\r\n" + b"x" * 1_000)
    raw = b"From: a@example.com\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    email = parse_email(raw, limits=Limits(decoded_bytes=2 * len(inner)))
    assert email.body == "The only words."
    assert [one.body for one in email.enclosed] == ["The only words."]


def test_enclosed_emails_are_read_however_they_are_attached() -> None:
    inner = (
        b"From: Bo <bo@example.com>\r\nSubject: Inner\r\nDate: Mon, 5 Jan 2026 09:00:00 +0100\r\n\r\nHello."
    )
    deeper = (
        multipart(
            b"Content-Type: text/plain\r\n\r\nSee below.",
            b'Content-Type: application/octet-stream; name="talk.eml"\r\n\r\n' + inner,
        )
        .replace(b"--b", b"--c")
        .replace(b"boundary=b", b"boundary=c")
    )
    email = parse_email(
        multipart(b"Content-Type: text/plain\r\n\r\nTwo.", b"Content-Type: message/rfc822\r\n\r\n" + deeper)
    )
    assert [one.body for one in email.with_enclosed()] == ["Two.", "See below.", "Hello."]
    assert [one.subject for one in email.with_enclosed()][-1] == "Inner"
    assert email.attachments[0].content_type == "message/rfc822"


def test_a_file_that_is_only_called_an_email_stays_a_file() -> None:
    email = parse_email(
        multipart(b"\r\nhello", b'Content-Type: application/octet-stream; name="x.eml"\r\n\r\nnothing at all')
    )
    assert (email.enclosed, len(email.attachments)) == ((), 1)


def test_a_character_cut_between_two_encoded_words_is_whole() -> None:
    assert parse_email(mail(Subject="=?utf-8?B?ww==?= =?UTF-8?B?hGg=?=")).subject == "Äh"


def test_an_empty_body_is_fine() -> None:
    email = parse_email(mail(b""))
    assert (email.body, email.text, email.attachments) == ("", "", ())


def test_forwarded_mail_is_kept_apart() -> None:
    body = (
        b"Please file this.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Bob <bob@example.net>\r\n"
        b"Date: Thu, 19 Nov 2026 at 09:00\r\nSubject: Plan\r\nTo: ada@example.com\r\n\r\nWe ship on Monday.\r\n"
    )
    email = parse_email(mail(body, Subject="Fwd: Plan"))
    assert email.forwarded is not None
    assert email.forwarded.sender == Address("Bob", "bob@example.net")
    assert email.text == "Please file this."


# --- what cannot be read is named --------------------------------------------


def test_winmail_dat_is_named() -> None:
    email = parse_email(
        multipart(b"\r\nhello", b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx")
    )
    assert [why.partition(":")[0] for why in email.sealed] == ["winmail.dat"]
    assert "HTML" in email.sealed[0]
    assert email.body == "hello"


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (
            mail(b"AAAA", Content_Type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"),
            "S/MIME",
        ),
        (
            multipart(
                b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
                b"Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----",
                kind="encrypted",
            ),
            "PGP",
        ),
        (mail(b"x", Content_Type="application/vnd.ms-tnef"), "Outlook"),
        (mail(b"x", Content_Type="application/octet-stream; name=smime.p7m"), "S/MIME"),
        (mail(b"x", Content_Type="application/zip; name=talks.zip"), "archives"),
        (mail(b"x", Content_Type="video/mp4; name=talk.mp4"), "recordings"),
        (mail(b"Rar!x", Content_Type="application/octet-stream"), "archives"),
    ],
)
def test_what_is_sealed_is_named_with_what_to_do(raw: bytes, word: str) -> None:
    (why, *_) = parse_email(raw).sealed
    assert word in why
    assert "Send " in why


def test_a_word_file_is_no_archive() -> None:
    assert parse_email(mail(b"PK\x03\x04", Content_Type="application/zip; name=talk.docx")).sealed == ()


@pytest.mark.parametrize("raw", [b"", b" \r\n\r\n"])
def test_nothing_at_all_is_quarantined(raw: bytes) -> None:
    with pytest.raises(QuarantineError, match="empty") as caught:
        parse_email(raw)
    assert caught.value.reason == "unreadable"


def test_a_readable_file_beside_a_sealed_one_is_kept() -> None:
    email = parse_email(
        multipart(
            b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx",
            b"Content-Type: text/vtt; name=call.vtt\r\nContent-Disposition: attachment\r\n\r\nWEBVTT",
        )
    )
    assert [a.filename for a in email.attachments] == ["winmail.dat", "call.vtt"]


def test_reading_plain_mail_imports_nothing_heavy() -> None:
    code = (
        "import sys; from parley.mail import inbound_events, mime, ses_headers; from tests.mail.samples import PLAIN; "
        "mime.parse_email(PLAIN); print([m for m in HEAVY if m in sys.modules])"
    )
    heavy = (
        "HEAVY = ['pydantic', 'lxml', 'icalendar', 'chardet', 'inscriptis', 'dateparser', 'idna', 'bs4']; "
    )
    answer = subprocess.run(
        [sys.executable, "-c", heavy + code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert answer.stdout.strip() == "[]"


# --- limits ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "raw"),
    [
        (Limits(raw_bytes=100), mail(b"x" * 100)),
        (Limits(parts=10), multipart(*[b"\r\nx"] * 11)),
        (Limits(header_count=10), b"A: b\r\n" * 11 + b"\r\nx"),
        (Limits(header_bytes=100), b"A: " + b"b" * 200 + b"\r\n\r\nx"),
        (Limits(decoded_bytes=100), mail(b"x" * 101)),
    ],
)
def test_over_a_limit_is_too_big(limits: Limits, raw: bytes) -> None:
    with pytest.raises(SenderError, match="over a limit") as caught:
        parse_email(raw, limits=limits)
    assert caught.value.reason == "too_big"


@pytest.mark.parametrize("raw", [mail("é€😀\n".encode() * 100), multipart(*["\r\né€😀".encode()] * 90)])
@pytest.mark.parametrize("size", range(100, 110))
def test_too_much_text_is_cut_between_characters_and_named(raw: bytes, size: int) -> None:
    email = parse_email(raw, limits=Limits(text_bytes=size))
    assert len(email.body.encode()) <= size + 20
    assert set(email.body) == set("é€😀\n")
    assert any(problem.startswith("only the first") for problem in email.problems)


def test_within_the_limits_is_read() -> None:
    limits = Limits(raw_bytes=400, parts=11, header_count=20, header_bytes=300, decoded_bytes=100)
    assert parse_email(multipart(*[b"\r\nx"] * 10), limits=limits).body == "\n".join("x" * 10)


def test_three_hundred_and_more_parts_are_read() -> None:
    email = parse_email(multipart(b"\r\nbody", *[b"Content-Type: image/png\r\n\r\nx"] * 400))
    assert len(email.attachments) == 400


def test_a_nesting_bomb_is_quarantined() -> None:
    bomb = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(2_000)
    )
    with pytest.raises(QuarantineError, match="deep"):
        parse_email(b"From: a@example.com\r\n" + bomb)


def test_mails_within_mails_end() -> None:
    raw = (
        b"From: a@example.com\r\n"
        + b"Content-Type: message/rfc822\r\n\r\n" * 2_000
        + b"Subject: x\r\n\r\nwords"
    )
    assert parse_email(raw).body == ""


# --- one email, one hash -----------------------------------------------------

HASHED = MIXED.replace(
    b"From:", b"Message-ID: <m@x>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nTo: t@example.com\r\nFrom:", 1
)


@pytest.mark.parametrize(
    "changed",
    [
        b"Received: from x by y; today\r\nReturn-Path: <a@b>\r\nDKIM-Signature: v=1\r\nX-SES-Spam-Verdict: PASS\r\n"
        + HASHED,
        b"ARC-Seal: i=1\r\nAuthentication-Results: x; spf=pass\r\n" + HASHED,
        HASHED.replace(b"\r\n", b"\n"),
        HASHED.replace(b"Subject: files", b"Subject:\r\n files"),
        HASHED.replace(
            b"\r\n\r\nSee the files.", b"Content-Transfer-Encoding: base64\r\n\r\nU2VlIHRoZSBmaWxlcy4="
        ),
    ],
)
def test_the_road_does_not_change_the_hash(changed: bytes) -> None:
    changed = changed.replace(b"--bContent", b"--b\r\nContent")
    assert changed != HASHED
    assert parse_email(changed).content_hash == parse_email(HASHED).content_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ada@example.com", b"eve@example.com"),
        (b"t@example.com", b"u@example.com"),
        (b"Subject: files", b"Subject: filed"),
        (b"10:00:00 +0000", b"10:00:01 +0000"),
        (b"<m@x>", b"<n@x>"),
        (b"See the files.", b"See the file."),
        (b"AAEC", b"AAED"),
        (b"WEBVTT", b"WEBVTX"),
        (b"call.vtt", b"cell.vtt"),
        (b"Inner words", b"Other words"),
    ],
)
def test_another_content_is_another_hash(old: bytes, new: bytes) -> None:
    assert old in HASHED
    assert parse_email(HASHED.replace(old, new)).content_hash != parse_email(HASHED).content_hash
