from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.mail.charsets import codec_name, decode

TEXTS = {
    "iso-8859-1": "Schöne Grüße aus München, bis nächste Woche",
    "windows-1252": "“Quoted” – it’s a déjà vu",
    "iso-8859-2": "Žluťoučký kůň příliš úpěl ďábelské ódy",
    "koi8-r": "Добрый день, встреча переносится на пятницу",
    "windows-1251": "Добрый день, встреча переносится на пятницу",
    "shift_jis": "会議は金曜日に変更になりました。よろしくお願いします。",
    "iso-2022-jp": "会議は金曜日に変更になりました。",
    "euc-kr": "회의가 금요일로 변경되었습니다. 감사합니다.",
    "gb2312": "会议改到星期五下午三点，请大家准时参加。",
    "big5": "會議改到星期五下午三點，請大家準時參加。",
    "utf-16": "Größe",
    "utf-7": "Größe",
}


@pytest.mark.parametrize(("charset", "text"), TEXTS.items())
def test_a_declared_charset_is_used(charset: str, text: str) -> None:
    assert decode(text.encode(charset), charset) == text


@pytest.mark.parametrize(
    "charset", ["koi8-r", "windows-1251", "shift_jis", "iso-2022-jp", "gb2312", "big5", "euc-kr"]
)
def test_an_undeclared_charset_is_guessed(charset: str) -> None:
    assert decode(TEXTS[charset].encode(charset) * 3) == TEXTS[charset] * 3


@pytest.mark.parametrize("declared", [None, "", "us-ascii", "iso-8859-1", "koi8-r", "fakescii", "utf-16"])
def test_valid_utf8_wins_over_any_declaration(declared: str | None) -> None:
    assert decode("Größe — 会議".encode(), declared) == "Größe — 会議"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf_8"),
        ('"utf-8"', "utf_8"),
        ("utf8;", "utf_8"),
        ("iso-8859-1 Content-Transfer-Encoding: 8bit", "latin_1"),
        ("windows-1252http-equivContent-Type", None),
        ("3Dutf-8", "utf_8"),
        ("cp-850", "cp850"),
        ("iso-8859-8-i", "iso8859_8"),
        ("ks_c_5601-1987", "cp949"),
        ("x-sjis", "cp932"),
        ("uft-8", None),
        ("us-askey", None),
        ("fakescii", None),
        ("rot13", None),
        ("zlib", None),
        ("hex", None),
        ("idna", None),
        ("unicode_escape", None),
        (None, None),
    ],
)
def test_names_are_read_leniently_and_lies_are_none(declared: str | None, codec: str | None) -> None:
    assert codec_name(declared) == codec


def test_a_byte_order_mark_is_taken_off() -> None:
    assert decode(b"\xef\xbb\xbfhi", "iso-8859-1") == "hi"


@given(
    st.binary(max_size=200),
    st.one_of(st.none(), st.text(max_size=30), st.sampled_from([*TEXTS, "utf-32", "hz"])),
)
def test_some_text_always_comes_out(data: bytes, declared: str | None) -> None:
    assert "\x00" not in decode(data, declared)
