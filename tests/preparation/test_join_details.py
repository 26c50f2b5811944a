"""What lets somebody into a meeting goes out of a text, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parley.preparation.join_details import without_join_details

REMOVED = [
    # titles
    ("Acme sync - https://zoom.us/j/123?pwd=x", "Acme sync"),
    ("Acme sync (Zoom: https://us02web.zoom.us/j/81234567890 Passcode: 84 31)", "Acme sync"),
    ("Acme sync | Teams: https://teams.live.com/meet/93412?p=x", "Acme sync"),
    ("Acme sync [https://whereby.com/acme]", "Acme sync"),
    ("Acme sync via https://meet.jit.si/acme", "Acme sync"),
    ("Where: Zoom (https://zoom.us/j/9), room 4", "Where: Zoom, room 4"),
    ("https://zoom.us/j/123", ""),
    # links in sentences
    ("Read https://docs.example/plan, then call Bo.", "Read, then call Bo."),
    ("Join Bo at meet.google.com/abc-defg-hij, then plan", "Join Bo, then plan"),
    ("Join us. The passcode is 1234. See you.", "Join us. See you."),
    ("Plan - https://x.example/y - and budget", "Plan - and budget"),
    ("The plan: https://x.example/y(z)", "The plan"),
    ("See www.example.com/a for it", "See for it"),
    # hosts without a scheme, and schemes without a host
    ("zoom.us/j/81234567890.", ""),
    ("acme.webex.com/meet/bo and the rest", "and the rest"),
    ("teams.microsoft.com/l/meetup-join/19%3ameeting_x", ""),
    ("meet.goto.com/123456789", ""),
    ("chime.aws/1234567890", ""),
    ("discord.gg/abc123", ""),
    ("msteams:/l/meetup-join/19:x", ""),
    ("zoommtg://zoom.us/join?confno=1", ""),
    ("tel:+1-650-479-3208,,*01*2345%23", ""),
    ("sip:bo@video.example", ""),
    ("Room 123456@zoomcrc.com is open", "Room is open"),
    ("Dial 23456789012@acme.webex.com", "Dial"),
    # markup
    ("<https://zoom.us/j/1>", ""),
    ('<a href="https://zoom.us/j/1">Join</a> the call', "Join the call"),
    ('href="https://zoom.us/j/1"', ""),
    ("[Join](https://zoom.us/j/1) here", "[Join] here"),
    ("<b>Passcode:</b> 1234", ""),
    ("**Passcode:** 1234", ""),
    ("| Passcode | 1234 |", ""),
    # tricks
    ("h\u200bttps://zoom.us/j/1", ""),
    ("https\uff1a\uff0f\uff0fzoom\uff0eus\uff0fj\uff0f\uff11", ""),
    ("HTTPS&#58;//ZOOM.US/j/1", ""),
    ("https%3A%2F%2Fzoom.us%2Fj%2F123", ""),
    ("https%253A%252F%252Fzoom.us%252Fj%252F123", ""),
    ("&lt;https://zoom.us/j/1&gt; at ten", "at ten"),
    ("Passcode:\xa0123456", ""),
    ("Passcode:&nbsp;123456", ""),
    ("Pass\xadcode\uff1a\ufeff \uff11\uff12\uff13\uff14", ""),
    ("P\u0131N: 1\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e3", ""),
    ("https://zoom.us/j/1\\nPasscode: 1234", ""),
    ("https://teams.example/l/19%3ameeting_AAAAAAAAAAAAAAA\nBBBBBBBB%40thread.v2/0?c=1\nAgenda", "Agenda"),
    # codes
    ("Passcode: aBcDeF", ""),
    ("Password: sunshine", ""),
    ('The password is "sunshine"', ""),
    ("PIN #1234", ""),
    ("PIN 84 31", ""),
    ("PIN for this call: 9988", ""),
    ("Passcode:\n123456\nBring pens", "Bring pens"),
    ("445566 is the passcode", ""),
    ("Passcode/PIN: 1234", ""),
    ("Meeting ID / Passcode: 812 3456 7890 / 8431", ""),
    ("Passcode:1234,Meeting ID: 999 888 777", ""),
    ("Meeting ID: 812 3456 7890 Passcode: 84 31 10:30 start", "10:30 start"),
    ("Meeting number (access code): 2345 678 9012", ""),
    ("Meeting password: aB12 (2223123 when dialing from a phone)", ""),
    ("Webinar ID: 812 3456 7890, host key: 445566", ""),
    ("Participant code = 445566#", ""),
    ("ID: 812 3456 7890", ""),
    ("Bring pens. 812 3456 7890", "Bring pens."),
    ("Kenncode: 9876 und Besprechungskennwort: Xy12z", ""),
    ("Zugangscode 445566", ""),
    ("Konferenz-ID: 123 456 789#", ""),
    ("Code secret : 445566", ""),
    ("Mot de passe : azerty12", ""),
    ("Code d\u2019acc\u00e8s : 998 877", ""),
    ("ID de re\u0301union : 812 3456 7890", ""),
    ("La contraseña es hola22", ""),
    ("Código de acceso 445566", ""),
    ("Codice di accesso: 445566", ""),
    ("Senha: sol445", ""),
    ("Wachtwoord: peer99", ""),
    ("Lösenord: 5566", ""),
    ("Hasło: 7788aa", ""),
    ("A jelszó: alma12", ""),
    ("Értekezlet azonosítója: 345 678 901 2", ""),
    ("パスワード：１２３４５６", ""),
    ("ミーティングID: 812 3456 7890", ""),
    ("请加入https://zoom.us/j/123，密码：1234", "请加入"),
    ("会议密码：123456，请准时", "请准时"),
    ("Zoom: 812 3456 7890 / 84 31", ""),
    ("Meet: abc-defg-hij", ""),
    ("code: ab12cd", ""),
    ("The webinar password is Ab12cd", ""),
    ("Acme sync Zoom 81234567890", "Acme sync Zoom"),
    ("Acme (Zoom 812 3456 7890, Code 445566)", "Acme (Zoom)"),
    ("Acme on Webex 2345 678 9012 code 4455", "Acme on Webex code"),
    ("Plan. Kennwort: Rote Sonne", "Plan."),
    ("Passphrase: correct horse battery staple", ""),
    ("Gastcode: 1234", ""),
    ("密码 abcd", ""),
    ("パスワード abcd", ""),
    ("Enter 445566 when prompted", "Enter when prompted"),
    ("le code est 778899", "le code est"),
    ("La clave es 5544", "La clave es"),
    ("Tilgangskode: sol", ""),
    ("Секретный код: 4455", ""),
    ("Mật mã: 4455", ""),
    ("Gast-Code: 1234", ""),
    ("参会码 123456", ""),
    ("Sync | pass Ab3dE9", "Sync"),
    ("Sync (code 4821)", "Sync"),
    ("Chime 1234567890", "Chime"),
    # numbers
    ("ダイヤルイン 03-4578-1488", "ダイヤルイン"),
    ("call 069/71049922 and use bridge 5551234", "call and use bridge"),
    ("0049 69 12345678", ""),
    ("Dial in: +49 69 1234 5678", ""),
    ("Einwahl 069 1234 5678", "Einwahl"),
    ("One tap mobile: +16465588656,,123#,,,,*123#", ""),
    ("Or dial: (US) +1 234-567-8900 PIN: 123456789#", ""),
    ("+1 646 558 8656 US (New York)\nBring pens", "Bring pens"),
    ("877 853 5257 US Toll-free", ""),
    ("Call Bo on +36 1 234 5678 tomorrow", "Call Bo on tomorrow"),
]

KEPT = [
    "We met acme.com's team",
    "Review acme.com/pricing, and the draft at docs.example",
    "Reset the password policy",
    "Password: see the invite",
    "Password reset: 1200 users",
    "passwordless login: 2026 plan",
    "PIN pad rollout",
    "Pin 3 items",
    "access code review 2026-03-06",
    "Shipping: 1234",
    "Postal code: 75001",
    "Order ID: 445566",
    "Budget $1,200,000 by 2026-03-06 at 10:30, v2.1.3, JIRA-1234, 10 000 seats, Q4 2026",
    "Telefon budget 10 000 000 HUF, sales +10 000 000 EUR",
    "Discuss ID: 4521 login bug",
    "Passwords: 3 open issues",
    "code: review by Friday",
    "Invoice 2026-0042 for 1 200 000 EUR",
    "Mobile roadmap 2024-2026",
    "Call in 12.03.2026 10:00, phone call 2026-03-06 10:00",
    "UTC+1 2026-03-06 10:30-11:30",
    "Passwords: what we want to change about them next",
    "Password: reset the flow",
    "Press 1200 units a day, and call 2000 customers",
    "The key is 10000 seats; enter 2026 with 100 people",
    "Teams 100 people, Zoom licences 2025, Code 2024 review",
    "IBAN DE89 3704 0044 0532 0130 00",
    "Ship v1.2.3.4 (beta)",
    "Ask bo@acme.com and 12345678@qq.com",
    "  two  blanks -, \n\n\n and dashes -  ",
    "",
]

INVITE = """Sync on the budget.

Join Zoom Meeting
https://us02web.zoom.us/j/81234567890?pwd=abcDEF.1

Meeting ID: 812 3456 7890
Passcode: 123456

One tap mobile
+16465588656,,81234567890#,,,,*123456# US (New York)
+13017158592,,81234567890#,,,,*123456# US (Washington DC)

Join by SIP
\u2022 81234567890@zoomcrc.com

Join by H.323
\u2022 162.255.37.11 (US West)

Agenda: numbers for Q1, then hiring.
"""


@pytest.mark.parametrize(("text", "left"), REMOVED)
def test_a_detail_goes_with_what_it_leaves_meaningless(text, left):
    assert without_join_details(text) == left


@pytest.mark.parametrize("text", KEPT)
def test_words_amounts_dates_and_addresses_stay_byte_for_byte(text):
    assert without_join_details(text) == text


def test_an_invite_keeps_what_it_is_about():
    expected = "Sync on the budget.\n\nAgenda: numbers for Q1, then hiring.\n"
    assert without_join_details(INVITE) == expected
    assert without_join_details(INVITE.replace("\n", "\r\n")) == expected.replace("\n", "\r\n")


def test_a_text_that_holds_details_in_details_without_end_is_dropped():
    nested = "1234"
    for _ in range(40):
        nested = f"PIN https://x.example {nested}"
    assert not re.search(r"\d", without_join_details(nested))


CODES = st.integers(10**7, 10**8 - 1).map(str)
DETAILS = st.sampled_from(
    [
        "https://zoom.us/j/{}",
        "HTTPS://x.example/a?pwd={}",
        "<https://teams.live.com/meet/{}>",
        'href="https://x.example/{}"',
        "ht\u200btps://x.example/{}",
        "https&#58;//x.example/{}",
        "https%3a%2f%2fx.example%2f{}",
        "acme.webex.com/meet/{}",
        "zoommtg://zoom.us/join?confno={}",
        "Passcode: {}",
        "passcode {}",
        "Meeting ID\uff1a{}",
        "PIN:\xa0{}#",
        "Kennwort = {}",
        "mot de passe : {}",
        "Jelszó: {}",
        "パスワード：{}",
        "密码 {}",
        "tel:+1{}",
        "Dial in: +49 {}",
        "+1 646 {},,{}#",
        "{}@zoomcrc.com",
        "sip:{}@x.example",
    ]
)
TEXTS = st.text() | st.text(st.sampled_from("ab1 2:/.-,;()<>[]\"'#=&%\n\t@+\u200b\xa0密："), max_size=30)
PLANTED = st.tuples(TEXTS, DETAILS, CODES, st.sampled_from([" ", "\n", "\t", "\r\n"]))


@settings(deadline=None)
@given(st.lists(PLANTED, min_size=1, max_size=4), TEXTS)
@example([("<a ", "Passcode: {}", "12345678", " ")], ">")
@example([("htt", "https://zoom.us/j/{}", "12345678", "\n")], "p://x")
def test_no_planted_detail_comes_through_and_a_second_time_changes_nothing(planted, end):
    pieces = [f"{text}{gap}{detail.replace('{}', code)}{gap}" for text, detail, code, gap in planted]
    left = without_join_details("".join(pieces) + end)
    assert without_join_details(left) == left
    assert not re.search(r"http\w*://", left, re.IGNORECASE)
    assert not [code for _, _, code, _ in planted if code in left]


@settings(deadline=None)
@given(st.text())
def test_any_text_is_taken_and_is_stable(text):
    left = without_join_details(text)
    assert without_join_details(left) == left
    assert "://" not in left


HOST = re.compile(
    r"zoom\.us|meet\.google\.com|teams\.(?:microsoft|live)\.com|webex\.com|gotomeeting|bluejeans\.com|whereby\.com",
    re.IGNORECASE,
)
CRUDE = re.compile(
    r"\b(?:passcode|password|pin|access code|(?:meeting|conference|webinar) id)\s*[:=#]\s*\S*\d{3}",
    re.IGNORECASE,
)
FIELD = re.compile(r"^(?:SUMMARY|DESCRIPTION|LOCATION|COMMENT|CONFERENCE)\b[^:\n]*:(.*)$", re.MULTILINE)
ESCAPE = re.compile(r"\\([nN,;\\])")


def calendar_texts(folder: Path) -> Iterator[str]:
    """Fields of every file that holds a calendar, unfolded and unescaped; no parser of ours is asked."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        raw = path.read_bytes()
        if b"BEGIN:VCALENDAR" in raw:
            unfolded = re.sub(r"\r?\n[ \t]", "", raw.decode(errors="replace"))
            for value in FIELD.findall(unfolded.replace("\r\n", "\n")):
                yield ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def test_real_calendars_keep_no_detail_and_most_of_their_texts(corpora):
    texts = set(calendar_texts(corpora))
    left = {text: without_join_details(text) for text in texts}
    assert len(texts) > 100
    assert not [text for text in left.values() if "://" in text or HOST.search(text) or CRUDE.search(text)]
    assert sum(text == kept for text, kept in left.items()) > 0.9 * len(texts)
