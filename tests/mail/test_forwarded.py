"""The email inside a forwarded one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from parley.mail.email import Address
from parley.mail.typed_text import find_forwarded, typed_text

ANN = Address(name="Ann Lee", address="ann@mill.example")
TALK = "Ann: Good morning.\nBo: I will mend the wheel by Friday.\nFrom: the lake."
DAY = datetime(2020, 2, 3, 10, 11)  # noqa: DTZ001 - these clients write no offset

FORWARDS = {
    "gmail": "---------- Forwarded message ---------\nFrom: Ann Lee <ann@mill.example>\nDate: Mon, Feb 3, 2020 at 10:11 AM\nSubject: Wheel\nTo: Bo <bo@lake.example>\n\n\n{}",
    "gmail-fr": "---------- Forwarded message ---------\nDe : Ann Lee <ann@mill.example>\nDate: lun. 3 févr. 2020 à 10:11\nSubject: Wheel\nTo: Bo <bo@lake.example>\n\n\n{}",
    "apple": "Begin forwarded message:\n\nFrom: Ann Lee <ann@mill.example>\nSubject: Wheel\nDate: 3 February 2020 at 10:11\nTo: Bo <bo@lake.example>\n\n{}",
    "outlook": "________________________________\nFrom: Ann Lee <ann@mill.example>\nSent: Monday, February 3, 2020 10:11 AM\nTo: Bo\nSubject: Wheel\n\n{}",
    "outlook-old": "-----Original Message-----\nFrom: Ann Lee [mailto:ann@mill.example]\nSent: Monday, February 3, 2020 10:11 AM\nTo: Bo\nSubject: Wheel\n\n{}",
    "outlook-de": "Von: Ann Lee <ann@mill.example>\nGesendet: Montag, 3. Februar 2020 10:11\nAn: Bo\nBetreff: Wheel\n\n{}",
    "outlook-fr": "De : Ann Lee <ann@mill.example>\nEnvoyé : lundi 3 février 2020 10:11\nÀ : Bo\nObjet : Wheel\n\n{}",
    "outlook-es": "De: Ann Lee <ann@mill.example>\nEnviado el: lunes, 3 de febrero de 2020 10:11\nPara: Bo\nAsunto: Wheel\n\n{}",
    "outlook-pt": "De: Ann Lee <ann@mill.example>\nEnviada em: segunda-feira, 3 de fevereiro de 2020 10:11\nPara: Bo\nAssunto: Wheel\n\n{}",
    "outlook-it": "Da: Ann Lee <ann@mill.example>\nInviato: lunedì 3 febbraio 2020 10:11\nA: Bo\nOggetto: Wheel\n\n{}",
    "outlook-nl": "Van: Ann Lee <ann@mill.example>\nVerzonden: maandag 3 februari 2020 10:11\nAan: Bo\nOnderwerp: Wheel\n\n{}",
    "outlook-pl": "Od: Ann Lee <ann@mill.example>\nWysłano: poniedziałek, 3 lutego 2020 10:11\nDo: Bo\nTemat: Wheel\n\n{}",
    "outlook-ru": "От: Ann Lee <ann@mill.example>\nОтправлено: понедельник, 3 февраля 2020 г. 10:11\nКому: Bo\nТема: Wheel\n\n{}",
    "outlook-cs": "Od: Ann Lee <ann@mill.example>\nOdesláno: pondělí 3. února 2020 10:11\nKomu: Bo\nPředmět: Wheel\n\n{}",
    "outlook-sv": "Från: Ann Lee <ann@mill.example>\nSkickat: den 3 februari 2020 10:11\nTill: Bo\nÄmne: Wheel\n\n{}",
    "outlook-hu": "Feladó: Ann Lee <ann@mill.example>\nElküldve: 2020. február 3., hétfő 10:11\nCímzett: Bo\nTárgy: Wheel\n\n{}",
    "outlook-ja": "差出人: Ann Lee <ann@mill.example>\n送信日時: 2020年2月3日 10:11\n宛先: Bo\n件名: Wheel\n\n{}",
    "outlook-zh": "发件人: Ann Lee <ann@mill.example>\n发送时间: 2020年2月3日 10:11\n收件人: Bo\n主题: Wheel\n\n{}",
    "thunderbird-de": "-------- Weitergeleitete Nachricht --------\nBetreff: \tWheel\nDatum: \t2020-02-03 10:11\nVon: \tAnn Lee <ann@mill.example>\nAn: \tBo <bo@lake.example>\n\n{}",
}


@pytest.mark.parametrize("client", FORWARDS)
@pytest.mark.parametrize("note", ["", "Please see below.\n\n"])
def test_the_original_is_kept_apart_from_the_forwarder(client, note):
    body = note + FORWARDS[client].format(TALK) + "\n"
    found = find_forwarded(body)
    assert found is not None
    assert (found.sender, found.subject, found.text) == (ANN, "Wheel", TALK)
    assert found.date is not None
    assert found.date.replace(tzinfo=None) == DAY
    assert typed_text(body) == note.strip()


@pytest.mark.parametrize("client", FORWARDS)
def test_a_forward_that_was_quoted_is_unquoted(client):
    quoted = "\n".join(f"> {line}".rstrip() for line in FORWARDS[client].format(TALK).split("\n"))
    found = find_forwarded(f"Please see below.\n\n{quoted}\n")
    assert found is not None
    assert (found.sender, found.subject, found.text) == (ANN, "Wheel", TALK)


def test_what_the_forwarder_wrote_below_a_quoted_forward_is_his():
    body = "> Begin forwarded message:\n>\n> From: Ann Lee <ann@mill.example>\n> Subject: Wheel\n> Date: 3 Feb 2020\n>\n> Hello.\n\nMy own words."
    found = find_forwarded(body)
    assert found is not None
    assert found.text == "Hello."
    assert typed_text(body) == "My own words."


def test_an_offset_is_kept():
    body = "Begin forwarded message:\n\nFrom: Ann Lee <ann@mill.example>\nSubject: Wheel\nDate: Mon, 3 Feb 2020 10:11:12 +0100\n\nHello."
    found = find_forwarded(body)
    assert found is not None
    assert found.date == datetime(2020, 2, 3, 10, 11, 12, tzinfo=timezone(timedelta(hours=1)))
    assert found.date.astimezone(UTC).hour == 9


def test_an_unreadable_date_is_none():
    body = "Begin forwarded message:\n\nFrom: Ann Lee <ann@mill.example>\nSubject: Wheel\nDate: 99 Nevember 20 at x\n\nHello."
    found = find_forwarded(body)
    assert found is not None
    assert found.date is None
    assert found.text == "Hello."


def test_a_forward_without_headers_still_has_its_text():
    found = find_forwarded("---------- Forwarded message ---------\n\nAnn: Hello.")
    assert found is not None
    assert (found.sender, found.text) == (None, "Ann: Hello.")


def test_a_bare_block_under_a_reply_subject_is_no_forward():
    body = "Yes.\n\n" + FORWARDS["outlook"].format(TALK)
    assert find_forwarded(body, subject="RE: Wheel") is None
    assert find_forwarded(body, subject="FW: Wheel") is not None
    assert find_forwarded("Yes.\n\n" + FORWARDS["gmail"].format(TALK), subject="Re: Wheel") is not None


@pytest.mark.parametrize(
    "body", ["", "Hello.", "On Mon, 3 Feb 2020 10:11 Ann <a@b.example> wrote:\n> Hi", TALK]
)
def test_nothing_forwarded(body):
    assert find_forwarded(body) is None
