"""Mails of our own writing that tests mutate; each is a shape that the world sends."""

from __future__ import annotations

PLAIN = (
    b"From: Ada Example <ada@example.com>\r\nTo: meetings@parley.local\r\nSubject: Notes\r\n"
    b"Message-ID: <one@example.com>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\nHello there.\r\n"
)
ALTERNATIVE = (
    b"From: =?utf-8?B?w4RkYQ==?= <ada@example.com>\r\nTo: Team: b@example.com, c@example.com;\r\n"
    b'Subject: =?utf-8?Q?Pl=C3=A4?= =?utf-8?Q?ne?=\r\nContent-Type: multipart/alternative; boundary="x-1"\r\n\r\n'
    b"preamble\r\n--x-1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"\r\nWir tref=\r\nfen uns sp=C3=A4ter.\r\n--x-1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Wir treffen uns <b>sp\xc3\xa4ter</b>.</p>\r\n--x-1--\r\nepilogue\r\n"
)
MIXED = (
    b"From: ada@example.com\r\nSubject: files\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\n\r\nSee the files.\r\n"
    b'--b\r\nContent-Type: text/vtt; name="../../etc/call.vtt"\r\nContent-Disposition: attachment\r\n\r\nWEBVTT\r\n'
    b"--b\r\nContent-Type: text/calendar; method=request; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=sum.bin\r\n\r\nAAEC\r\nAwQF\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: old@example.com\r\nSubject: inner\r\n\r\nInner words.\r\n--b--\r\n"
)
SAMPLES = (PLAIN, ALTERNATIVE, MIXED, PLAIN.replace(b"\r\n", b"\r"), MIXED.replace(b"\r\n", b"\n"))
