"""Decodes bytes of an unknown or wrongly declared charset. Never fails: some text always comes out."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:+-]*")
# Codecs that are no charsets, or that would make text out of escapes.
_NO_CHARSET = frozenset(
    ("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs")
)
_KNOWN = frozenset(aliases.values()) - _NO_CHARSET
# What mail programs call by the left name and mean by the right one (WHATWG does the same).
_WIDER = {
    "ascii": "utf_8",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
    "hz": "hz",
}
# Names that the alias table lacks but mail has.
_MORE = {
    "unicode_1_1_utf_8": "utf_8",
    "unicode_1_1_utf_7": "utf_7",
    "utf8mb4": "utf_8",
    "unicode": "utf_16",
    "ansi": "cp1252",
    "ansi_1252": "cp1252",
    "x_ansi": "cp1252",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_6_i": "iso8859_6",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc_5601": "cp949",
    "x_windows_949": "cp949",
    "x_gbk": "gb18030",
    "x_euc_jp": "euc_jp",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "ms_kanji": "cp932",
    "cp_850": "cp850",
    "x_mac_roman": "mac_roman",
    "x_macroman": "mac_roman",
    "macroman": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic",
    "iso_2022_jp": "iso2022_jp",
    "visual": "iso8859_8",
    "dos_862": "cp862",
    "windows_874": "cp874",
    "koi8_ru": "koi8_u",
    "koi": "koi8_r",
    "8859_1": "latin_1",
}
# 7-bit encodings: their bytes are valid UTF-8 too, so the declaration goes first.
_SHIFTING = {
    "iso2022_jp": b"\x1b",
    "iso2022_kr": b"\x1b",
    "iso2022_jp_1": b"\x1b",
    "iso2022_jp_2": b"\x1b",
    "iso2022_jp_3": b"\x1b",
    "iso2022_jp_ext": b"\x1b",
    "iso2022_jp_2004": b"\x1b",
    "hz": b"~{",
    "utf_7": b"+",
}
_WIDE = frozenset(("utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"))
_BOMS = (
    (codecs.BOM_UTF8, "utf_8_sig"),
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF32_BE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)
_SNIFFED_BYTES = 65_536


def codec_name(declared: str | None) -> str | None:
    """The Python codec that a declared charset means; None for a lie that names none.

    `uft-8`, `us-askey`, `fakescii` give None: then the bytes decide. Header
    text that ran into the value (`iso-8859-1 Content-...`) is cut off.
    """
    match = _NAME.match((declared or "").strip(" \t\"'<>=").lower()[:64])
    if not match:
        return None
    name = re.sub(r"[-.:+]+", "_", match[0]).strip("_")
    name = re.sub(r"^(3d|x_iso_|charset_)(?=[a-z])", "", name)
    return _MORE.get(name) or _from_table(name) or _from_table(name.removeprefix("x_"))


def _from_table(name: str) -> str | None:
    squeezed = re.sub(r"^(windows|win|cp)_?(\d+)$", r"cp\2", name)
    squeezed = re.sub(r"^iso_?8859_?(\d+)(_.*)?$", r"iso8859_\1", squeezed)
    for candidate in (name, squeezed, name.replace("_", "")):
        known = aliases.get(candidate, candidate)
        if known in _KNOWN:
            return known
    return None


def decode(data: bytes, declared: str | None = None) -> str:
    """Text of bytes: a byte order mark, strict UTF-8, the declared charset, then a guess.

    `declared` is whatever the sender wrote. Bytes that nothing explains become
    U+FFFD; NULs are dropped. Time is linear; the guess looks at 64 KB.
    """
    codec = codec_name(declared)
    text = _by_mark(data) or _by_shift(data, codec) or _strict(data, "utf_8")
    if text is None:
        text = _strict(data, _WIDER.get(codec, codec)) if codec else None
    if text is None:
        text = _guessed(data, codec)
    return text.replace("\x00", "") if "\x00" in text else text


def _by_mark(data: bytes) -> str | None:
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _strict(data, codec) or data.decode(codec, "replace")
    return None


def _by_shift(data: bytes, codec: str | None) -> str | None:
    """Declared 7-bit encodings and UTF-16; undeclared ISO-2022-JP shows by its escapes."""
    if codec in _WIDE and data.count(b"\x00", 0, 2048) * 8 >= min(len(data), 2048):
        return _strict(data, f"{codec}_le" if codec in ("utf_16", "utf_32") else codec)
    if codec is None and (b"\x1b$B" in data or b"\x1b$@" in data):
        return _strict(data, "iso2022_jp_ext")
    if codec in _SHIFTING and _SHIFTING[codec] in data:
        return _strict(data, "iso2022_jp_ext" if codec == "iso2022_jp" else codec)
    return None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guessed(data: bytes, codec: str | None) -> str:
    import chardet  # 30 ms: only mail that lies about its charset pays

    guess = codec_name(chardet.detect(data[:_SNIFFED_BYTES]).get("encoding"))
    for candidate in (guess, codec, "cp1252"):
        text = _strict(data, _WIDER.get(candidate, candidate)) if candidate else None
        if text is not None:
            return text
    best = codec or guess or "utf_8"
    return data.decode(_WIDER.get(best, best), "replace")
