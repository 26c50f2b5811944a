"""Calendar attachments: every event that can be read is read, and no time is guessed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.mail.calendar import is_calendar, newer, read_calendar, read_invites
from parley.mail.calendar.components import MAX_BYTES, MAX_EVENTS
from parley.mail.calendar.invite import Invite
from parley.mail.calendar.zones import Zones
from parley.mail.email import Address

BERLIN_LIKE = """\
BEGIN:VTIMEZONE
TZID:{tzid}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def event(*lines: str, uid: str | None = "one@example.com") -> str:
    named = [f"UID:{uid}"] if uid else []
    return "\n".join(["BEGIN:VEVENT", *named, *lines, "END:VEVENT", ""])


def calendar(*parts: str, method: str = "METHOD:REQUEST\n") -> bytes:
    return ("BEGIN:VCALENDAR\nVERSION:2.0\n" + method + "".join(parts) + "END:VCALENDAR\n").encode()


def only(*lines: str, zone: str = "") -> Invite:
    (invite,) = read_invites(calendar(zone, event(*lines)))
    return invite


def times(*lines: str, zone: str = "") -> tuple[str | None, str | None]:
    invite = only(*lines, zone=zone)
    return invite.start, invite.end


FULL = calendar(
    event(
        "SEQUENCE:3",
        "SUMMARY:Budget\\, second round\\nwith Bo",
        "DTSTART;TZID=Europe/Berlin:20260302T100000",
        "DTEND;TZID=Europe/Berlin:20260302T110000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000",
        "STATUS:confirmed",
        "ORGANIZER;CN=Ana Lima:MAILTO:Ana@Example.COM",
        'ATTENDEE;CN="Stone, Bo";RSVP=TRUE:mailto:bo@example.com',
        "ATTENDEE:Mailto:BO@example.com",
        "ATTENDEE;CN=cy@example.com:mailto:cy@example.com",
        "BEGIN:VALARM",
        "TRIGGER:-PT15M",
        "SUMMARY:Not the event's",
        "ATTENDEE:mailto:alarm@example.com",
        "END:VALARM",
    )
)


def test_every_field_of_an_invite() -> None:
    assert read_invites(FULL) == (
        Invite(
            uid="one@example.com",
            method="REQUEST",
            sequence=3,
            recurrence_id="2026-03-02T08:00:00Z",
            start="2026-03-02T09:00:00Z",
            end="2026-03-02T10:00:00Z",
            all_day=False,
            floating=False,
            time_zone="Europe/Berlin",
            organizer=Address("Ana Lima", "Ana@example.com"),
            attendees=(Address("Stone, Bo", "bo@example.com"), Address("", "cy@example.com")),
            summary="Budget, second round with Bo",
            status="CONFIRMED",
            rrule="FREQ=WEEKLY;BYDAY=MO",
        ),
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["DTSTART:20260302T100000Z", "DTEND:20260302T103000Z"],
            ("2026-03-02T10:00:00Z", "2026-03-02T10:30:00Z"),
        ),
        (
            ["DTSTART:20260302T100000", "DTEND:20260302T103000"],
            ("2026-03-02T10:00:00", "2026-03-02T10:30:00"),
        ),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304"], ("2026-03-02", "2026-03-04")),
        (["DTSTART:20260302"], ("2026-03-02", "2026-03-03")),
        (["DTSTART:20260302T100000Z"], ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z")),
        (["DTSTART:20260302T100000Z", "DURATION:PT1H30M"], ("2026-03-02T10:00:00Z", "2026-03-02T11:30:00Z")),
        (["DTSTART;VALUE=DATE:20260302", "DURATION:P1W"], ("2026-03-02", "2026-03-09")),
        (["DTSTART;VALUE=DATE:20260302", "DURATION:PT24H"], ("2026-03-02", "2026-03-03")),
        (["DTSTART:2026-03-02T10:00:00+01:00"], ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z")),
        # UTC is UTC, whatever the parameter says.
        (["DTSTART;TZID=Asia/Tokyo:20260302T100000Z"], ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z")),
        # The hour that is missing and the one that is doubled, by RFC 5545: the offset before the change.
        (["DTSTART;TZID=Europe/Berlin:20260329T023000"], ("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z")),
        (["DTSTART;TZID=Europe/Berlin:20261025T023000"], ("2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z")),
    ],
)
def test_start_and_end(lines: list[str], expected: tuple[str, str]) -> None:
    assert times(*lines) == expected


def test_a_day_follows_the_calendar_and_24_hours_the_clock() -> None:
    start = "DTSTART;TZID=Europe/Berlin:20260328T120000"  # clocks go forward in the night
    assert times(start, "DURATION:P1D") == ("2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z")
    assert times(start, "DURATION:PT24H") == ("2026-03-28T11:00:00Z", "2026-03-29T11:00:00Z")


def test_all_day_and_floating_say_so() -> None:
    day, floating, zoned = (
        only("DTSTART:20260302"),
        only("DTSTART:20260302T100000"),
        only("DTSTART:20260302T100000Z"),
    )
    assert [(each.all_day, each.floating) for each in (day, floating, zoned)] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert zoned.time_zone is None


@pytest.mark.parametrize(
    ("lines", "start", "end", "problem"),
    [
        (["DTSTART:soon", "DTEND:20260302T100000Z"], None, "2026-03-02T10:00:00Z", "unreadable DTSTART"),
        (["DTSTART:20260230T100000Z"], None, None, "unreadable DTSTART"),
        (["DTSTART:20260302T100000Z", "DTEND:late"], "2026-03-02T10:00:00Z", None, "unreadable DTEND"),
        (["DTSTART:20260302T100000Z", "DURATION:-PT1H"], "2026-03-02T10:00:00Z", None, "unreadable DURATION"),
        (
            ["DTSTART:20260302T100000Z", "DURATION:P9999999W"],
            "2026-03-02T10:00:00Z",
            None,
            "unreadable DURATION",
        ),
        (["DTSTART:20260302", "DURATION:PT1H"], "2026-03-02", None, "unreadable DURATION"),
        (["DTSTART:20260302", "DTEND:20260302T100000Z"], "2026-03-02", None, "DTEND a time"),
        (
            ["DTSTART:20260302T100000Z", "DTEND:20260302T110000"],
            "2026-03-02T10:00:00Z",
            None,
            "DTEND a floating",
        ),
        (
            ["DTSTART:20260302T100000Z", "DTEND:20260302T090000Z"],
            "2026-03-02T10:00:00Z",
            "2026-03-02T09:00:00Z",
            "ends",
        ),
        (["DTSTART:99991231"], "9999-12-31", None, ""),
        (["DTSTART;TZID=Asia/Tokyo:00010101T000000"], None, None, "unreadable DTSTART"),
        (["SUMMARY:No time at all"], None, None, "no DTSTART"),
        (["DTSTART:20260302", "DTSTART:20260303"], "2026-03-02", "2026-03-03", "more than one DTSTART"),
    ],
)
def test_what_cannot_be_read_is_none_and_named(lines: list[str], start: str, end: str, problem: str) -> None:
    invite = only(*lines)
    assert (invite.start, invite.end) == (start, end)
    assert problem in " | ".join(invite.problems)


def test_one_bad_event_does_not_cost_the_others() -> None:
    good = [event("DTSTART:20260302T100000Z", uid=f"{number}@x.example") for number in range(40)]
    good.insert(
        20, event("DTSTART:20261350T990000Z", "SEQUENCE:many", "RRULE:", "ATTENDEE", uid="bad@x.example")
    )
    invites = read_invites(calendar(*good))
    assert [invite.uid for invite in invites if invite.start is None] == ["bad@x.example"]
    assert sum(invite.start == "2026-03-02T10:00:00Z" for invite in invites) == 40


# Zones ---------------------------------------------------------------------------------------------

KNOWN_ZONES = [
    ("W. Europe Standard Time", "Europe/Berlin"),
    ('"W. Europe Standard Time"', "Europe/Berlin"),
    ('"W. Europe Standard Time', "Europe/Berlin"),
    ("pacific standard time", "America/Los_Angeles"),
    ("Eastern Daylight Time", "America/New_York"),
    ("Mid-Atlantic Standard Time", "Etc/GMT+2"),
    ("Kamchatka Standard Time", "Asia/Kamchatka"),
    ("British Columbia Standard Time", "America/Vancouver"),
    ("America/Los Angeles", "America/Los_Angeles"),
    ("europe/berlin", "Europe/Berlin"),
    ("posix/Europe/Vaduz", "Europe/Vaduz"),
    ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
    ("/freeassociation.sourceforge.net/Tzfile/Asia/Tokyo", "Asia/Tokyo"),
    ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ('"tzone://Microsoft/Utc"', "UTC"),
    ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "Europe/Berlin"),
    ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
    ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"', "Europe/Berlin"),
    ('"(GMT-05:00) Eastern Time (US & Canada)"', "America/New_York"),
    ('"(UTC+04:00) Moscow, St. Petersburg, Volgograd"', "Europe/Moscow"),
    ('"(UTC) Coordinated Universal Time"', "UTC"),
    ('"(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London"', "Europe/London"),
    ('"(UTC-03:30) Newfoundland"', "America/St_Johns"),
    ('"(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"', "Asia/Kolkata"),
    ('"(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi"', "Asia/Shanghai"),
    ('"Brussels, Copenhagen, Madrid, Paris"', "Europe/Paris"),
    ("UTC+01", "Etc/GMT-1"),
    ("GMT-0500", "Etc/GMT+5"),
]


@pytest.mark.parametrize(("tzid", "like"), KNOWN_ZONES)
@pytest.mark.parametrize("month", [1, 7])
def test_a_zone_by_many_names(tzid: str, like: str, month: int) -> None:
    local = datetime(2026, month, 15, 9, 30, tzinfo=ZoneInfo(like))
    invite = only(f"DTSTART;TZID={tzid}:{local:%Y%m%dT%H%M%S}")
    assert invite.start == local.astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert invite.problems == ()


def test_every_windows_name_has_a_zone() -> None:
    tables = pytest.importorskip("tzlocal.windows_tz")  # a table of the same names by other people
    zones = Zones({})
    at = [datetime(2026, month, 15, 12) for month in (1, 7)]  # noqa: DTZ001 - local time, of each zone in turn
    for name, iana in tables.win_tz.items():
        zone = zones.find(name, 2026)
        assert zone is not None, name
        assert [zone.utc(local) for local in at] == [
            local.replace(tzinfo=ZoneInfo(iana)).astimezone(UTC) for local in at
        ], name


@pytest.mark.parametrize(
    "tzid",
    [
        "Customized Time Zone",
        '"tzone://Microsoft/Custom"',
        "Europe/Germany",
        "PST",
        "Europe",
        "localtime",
        "../../etc/localtime",
        "UTC+25",
        '"(UTC+01:00) New York"',
        '"(UTC+01:00) Somewhere"',
        '"Berlin, Nowhere"',
        "x" * 5_000,
    ],
)
def test_an_unknown_zone_is_reported_and_never_guessed(tzid: str) -> None:
    invite = only(f"DTSTART;TZID={tzid}:20260302T100000", f"DTEND;TZID={tzid}:20260302T110000")
    assert (invite.start, invite.end, invite.time_zone, invite.floating) == (None, None, None, False)
    assert "unknown time zone in DTSTART" in invite.problems[0]


@pytest.mark.parametrize(
    "tzid", ["Customized Time Zone", "/Europe/CUSTOM", "custom_Pacific/Fiji", "Zürich (eigene)"]
)
def test_a_zone_without_a_known_name_has_its_own_rules(tzid: str) -> None:
    zone = BERLIN_LIKE.format(tzid=tzid)
    berlin = ZoneInfo("Europe/Berlin")
    for day in range(1, 32):
        for month in (1, 3, 7, 10, 12):
            local = datetime(2026, month, day, 2, 30, tzinfo=berlin)
            start, _ = times(f'DTSTART;TZID="{tzid}":{local:%Y%m%dT%H%M%S}', zone=zone)
            assert start == local.astimezone(UTC).isoformat().replace("+00:00", "Z"), local
    # A series needs a zone by name: one that keeps the same rules.
    name = only(f'DTSTART;TZID="{tzid}":20260302T100000', zone=zone).time_zone
    summer, winter = datetime(2026, 7, 2, 10), datetime(2026, 12, 2, 10)  # noqa: DTZ001 - local times
    assert name
    for local in (summer, winter):
        assert local.replace(tzinfo=ZoneInfo(name)).utcoffset() == local.replace(tzinfo=berlin).utcoffset()


def test_the_zone_may_stand_behind_the_event() -> None:
    content = calendar(event("DTSTART;TZID=Own:20260702T100000"), BERLIN_LIKE.format(tzid="Own"))
    assert read_invites(content)[0].start == "2026-07-02T08:00:00Z"


def test_a_known_name_beats_rules_that_lie_and_says_so() -> None:
    zone = BERLIN_LIKE.format(tzid="America/New_York")
    invite = only("DTSTART;TZID=America/New_York:20260702T100000", zone=zone)
    assert (invite.start, invite.time_zone) == ("2026-07-02T14:00:00Z", "America/New_York")
    assert "own rules" in invite.problems[0]
    honest = BERLIN_LIKE.format(tzid="W. Europe Standard Time")
    assert only("DTSTART;TZID=W. Europe Standard Time:20260702T100000", zone=honest).problems == ()


def test_a_zone_of_one_calendar_sets_no_times_in_another() -> None:
    own = calendar(
        BERLIN_LIKE.format(tzid="Customized Time Zone"),
        event("DTSTART;TZID=Customized Time Zone:20260702T100000"),
    )
    other = calendar(event("DTSTART;TZID=Customized Time Zone:20260702T100000"))
    assert [each.start for each in read_invites(own + other)] == ["2026-07-02T08:00:00Z", None]
    assert read_invites(other)[0].start is None


def observance(kind: str, start: str, before: str, after: str, *lines: str) -> str:
    head = [f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}"]
    return "\n".join([*head, *lines, f"END:{kind}", ""])


def own_zone(*observances: str) -> str:
    return "BEGIN:VTIMEZONE\nTZID:Own\n" + "".join(observances) + "END:VTIMEZONE\n"


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        # A rule that ended still decides what follows.
        (
            own_zone(
                observance(
                    "STANDARD",
                    "19700101T000000",
                    "+0200",
                    "+0300",
                    "RRULE:FREQ=YEARLY;UNTIL=19750101T000000Z",
                )
            ),
            "20260702T100000",
            "2026-07-02T07:00:00Z",
        ),
        (
            own_zone(
                observance("STANDARD", "19700101T000000", "+0200", "+0300", "RRULE:FREQ=YEARLY;COUNT=3")
            ),
            "20260702T100000",
            "2026-07-02T07:00:00Z",
        ),
        # One that was counted out is followed by the next of its kind, not by itself.
        (
            own_zone(
                observance(
                    "DAYLIGHT", "19900325T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"
                ),
                observance(
                    "STANDARD",
                    "19900930T030000",
                    "+0200",
                    "+0100",
                    "RRULE:FREQ=YEARLY;COUNT=6;BYDAY=-1SU;BYMONTH=9",
                ),
                observance(
                    "STANDARD", "19961027T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"
                ),
            ),
            "20261005T100000",
            "2026-10-05T08:00:00Z",
        ),
        # Only dates, no rule; and before the first of them.
        (
            own_zone(observance("DAYLIGHT", "20260401T000000", "+0000", "+0100", "RDATE:20270401T000000")),
            "20260702T100000",
            "2026-07-02T09:00:00Z",
        ),
        (
            own_zone(observance("DAYLIGHT", "20260401T000000", "+0000", "+0100")),
            "20260301T100000",
            "2026-03-01T10:00:00Z",
        ),
        # The first Sunday of a rule may lie before the day of its DTSTART.
        (
            own_zone(
                observance(
                    "STANDARD", "16011104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"
                ),
                observance(
                    "DAYLIGHT", "16010311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"
                ),
            ),
            "20260309T100000",
            "2026-03-09T14:00:00Z",
        ),
        # An era without UNTIL ends where the next of its kind begins (no onset on 25 October 2026).
        (
            own_zone(
                observance(
                    "STANDARD", "19701025T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"
                ),
                observance(
                    "DAYLIGHT", "19700405T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"
                ),
                observance(
                    "STANDARD", "20071104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"
                ),
                observance(
                    "DAYLIGHT", "20070311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"
                ),
            ),
            "20261028T100000",
            "2026-10-28T14:00:00Z",
        ),
        # eM Client begins in year 1, where UTC has no day before.
        (
            own_zone(observance("STANDARD", "00010101T000000", "+0100", "+0100")),
            "20260702T100000",
            "2026-07-02T09:00:00Z",
        ),
    ],
)
def test_the_rules_of_an_own_zone(zone: str, local: str, utc: str) -> None:
    assert times(f"DTSTART;TZID=Own:{local}", zone=zone)[0] == utc


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYDAY=SU",
        "FREQ=YEARLY;BYSECOND=0,1,2,3",
        "FREQ=YEARLY;COUNT=99999999;INTERVAL=99",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=99",
        "FREQ=YEARLY;INTERVAL=-0",
        "FREQ=YEARLY;UNTIL=never",
        "",
    ],
)
def test_a_hostile_rule_costs_one_zone_and_no_time(rule: str) -> None:
    zone = own_zone(observance("STANDARD", "00010101T000000", "+0100", "+0200", f"RRULE:{rule}") * 200)
    content = calendar(zone, event("DTSTART;TZID=Own:20260702T100000"), event("DTSTART:20260702T100000Z"))
    invites = read_invites(content)
    assert len(invites) == 2
    assert invites[1].start == "2026-07-02T10:00:00Z"


# What surrounds the events ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "mime", "method"),
    [
        ("", None, "PUBLISH"),
        ("", "request", "REQUEST"),
        ("METHOD:cancel\n", None, "CANCEL"),
        ("METHOD:REPLY\n", "REQUEST", "REPLY"),
        ("METHOD:COUNTER\n", None, "COUNTER"),
        ("METHOD:NONSENSE\n", "CANCEL", "CANCEL"),
        ("METHOD:NONSENSE\n", "worse", "PUBLISH"),
    ],
)
def test_the_method(said: str, mime: str | None, method: str) -> None:
    content = calendar(event("DTSTART:20260302"), method=said)
    assert [invite.method for invite in read_invites(content, method=mime)] == [method]


def test_a_method_behind_the_events_still_counts() -> None:
    content = calendar(event("DTSTART:20260302"), "METHOD:CANCEL\n", method="")
    assert read_invites(content)[0].method == "CANCEL"


def test_other_components_are_left_out() -> None:
    others = "".join(
        f"BEGIN:{name}\nUID:no\nDTSTART:20260302\nEND:{name}\n" for name in ("VTODO", "VFREEBUSY", "VJOURNAL")
    )
    assert [invite.uid for invite in read_invites(calendar(others, event("DTSTART:20260302")))] == [
        "one@example.com"
    ]


@pytest.mark.parametrize(
    "content",
    [
        FULL.replace(b"\n", b"\r\n"),
        FULL.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + FULL,
        FULL.decode().encode("utf-16"),
        FULL.decode().encode("utf-16-le"),
        FULL.decode().encode("utf-16-be"),
        FULL.replace(b"SUMMARY:Budget", b"SUMMARY:Bud\n get"),
        FULL.replace(b"SUMMARY:Budget", b"SUMMARY:Bud\r\n\tget"),
        FULL.replace(b"SUMMARY:", b"summary;LANGUAGE=en:"),
        FULL.replace(b"BEGIN:VCALENDAR", b"\n\nbegin:vcalendar"),
        FULL + b"X-COMMENT:the end\n",
    ],
)
def test_the_same_invite_in_other_clothes(content: bytes) -> None:
    assert read_invites(content) == read_invites(FULL)


def test_missing_ends_are_reported_and_cost_nothing() -> None:
    open_ended = calendar(event("DTSTART:20260302"), event("DTSTART:20260303", uid="two")).replace(
        b"END:VEVENT\n", b""
    )
    found = read_calendar(open_ended.replace(b"END:VCALENDAR\n", b""))
    assert [(invite.uid, invite.start) for invite in found.invites] == [
        ("one@example.com", "2026-03-02"),
        ("two", "2026-03-03"),
    ]
    assert found.problems == ("no END:VCALENDAR",)
    assert found.invites[0].problems == ("no END:VEVENT",)


def test_events_without_a_calendar_around_them() -> None:
    assert [invite.start for invite in read_invites(event("DTSTART:20260302").encode())] == ["2026-03-02"]


def test_a_missing_uid_stays_empty() -> None:
    (invite,) = read_invites(calendar(event("DTSTART:20260302", uid=None)))
    assert (invite.uid, invite.problems) == ("", ("no UID",))


@pytest.mark.parametrize(
    "content", [b"", b"Dear all,\nsee you at ten.\n", b"<html></html>", b"\0" * 100, b"\xff\xfe"]
)
def test_what_is_no_calendar_is_empty_and_named(content: bytes) -> None:
    found = read_calendar(content)
    assert found.invites == ()
    assert found.problems == ("no calendar in it",)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "us-ascii"),
        ("utf-8", "iso-8859-1"),
        ("cp1252", None),
        ("cp1252", "utf-8"),
        ("cp1252", "no-such-charset"),
        ("iso-8859-1", "utf-16"),
    ],
)
def test_a_charset_that_lies(encoding: str, declared: str | None) -> None:
    content = calendar(event("DTSTART:20260302", "SUMMARY:Größe")).decode().encode(encoding)
    assert read_invites(content, charset=declared)[0].summary == "Größe"


def test_a_declared_charset_that_does_not_look_like_utf8() -> None:
    for charset, summary in (("iso-8859-2", "Święto"), ("shift_jis", "会議"), ("iso-2022-jp", "会議")):
        content = calendar(event("DTSTART:20260302", f"SUMMARY:{summary}")).decode().encode(charset)
        assert read_invites(content, charset=charset)[0].summary == summary


def test_a_fold_inside_a_character() -> None:
    content = calendar(event("DTSTART:20260302", "SUMMARY:Größe")).replace("ö".encode(), b"\xc3\n \xb6")
    assert read_invites(content)[0].summary == "Größe"


# People -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ATTENDEE:mailto:a@b.example", Address("", "a@b.example")),
        ("ATTENDEE;CN=Smith, John:MAILTO:a@b.example", Address("Smith, John", "a@b.example")),
        ('ATTENDEE;CN="Jo "JJ" Doe";ROLE=CHAIR:mailto:a@b.example', Address('Jo "JJ" Doe', "a@b.example")),
        ("ATTENDEE;CN=Sales: EU:mailto:a@b.example", Address("Sales: EU", "a@b.example")),
        ("ATTENDEE;CN=Zoë:mailto:a@b.example", Address("Zoë", "a@b.example")),
        ("ATTENDEE;CN=\"'Jo'\":a@b.example", Address("Jo", "a@b.example")),
        ("ATTENDEE:mailto:a%2Bb@b.example?subject=x", Address("", "a+b@b.example")),
        ("ATTENDEE:mailto:<a@b.example>", Address("", "a@b.example")),
        ("ATTENDEE;EMAIL=a@b.example:urn:uuid:1", Address("", "a@b.example")),
    ],
)
def test_a_person(line: str, expected: Address) -> None:
    invite = only("DTSTART:20260302", line)
    assert (invite.attendees, invite.problems) == ((expected,), ())


@pytest.mark.parametrize(
    "value", ["invalid:nomail", "mailto:/O=ORG/CN=JO", "https://b.example/jo", "mailto:a%0Ab@x@y", ""]
)
def test_who_cannot_be_mailed_is_left_out_and_named(value: str) -> None:
    invite = only("DTSTART:20260302", f"ATTENDEE;CN=Jo:{value}", "ATTENDEE:mailto:b@b.example")
    assert invite.attendees == (Address("", "b@b.example"),)
    assert "not a mail address" in invite.problems[0]


def test_the_first_name_of_a_person_listed_twice() -> None:
    invite = only("DTSTART:20260302", "ATTENDEE:mailto:A@b.example", "ATTENDEE;CN=Ann:mailto:a@B.example")
    assert invite.attendees == (Address("Ann", "A@b.example"),)


# Limits -------------------------------------------------------------------------------------------


def test_limits_are_reported() -> None:
    many = read_calendar(calendar(event("DTSTART:20260302") * (MAX_EVENTS + 3)))
    assert len(many.invites) == MAX_EVENTS
    assert f"only the first {MAX_EVENTS} events were read" in many.problems
    big = read_calendar(calendar(event("DTSTART:20260302"), "X-PAD:" + "x" * MAX_BYTES))
    assert len(big.invites) == 1
    assert f"only the first {MAX_BYTES} bytes were read" in big.problems


def test_long_properties() -> None:
    invite = only(
        "DTSTART:20260302",
        f"SUMMARY:{'long ' * 9_000}",
        f"RRULE:FREQ=DAILY;BYDAY={'MO,' * 2_000}",
        f"SEQUENCE:{'9' * 400}",
    )
    assert len(invite.summary) <= 1_000
    assert (invite.rrule, invite.sequence) == (None, 0)
    assert len(invite.problems) == 3
    (nameless,) = read_invites(calendar(event("DTSTART:20260302", uid="u" * 2_000)))
    assert nameless.uid == ""


def test_deep_nesting_is_no_event_and_no_error() -> None:
    deep = "BEGIN:X-BOX\n" * 5_000 + event("DTSTART:20260302") + "END:X-BOX\n" * 5_000
    assert [invite.start for invite in read_invites(calendar(deep, event("DTSTART:20260303")))][-1:] == [
        "2026-03-03"
    ]


def test_an_unreadable_occurrence_does_not_become_the_series() -> None:
    invite = only("DTSTART:20260302T100000Z", "RECURRENCE-ID;TZID=Nowhere:20260301T100000")
    assert invite.recurrence_id == "20260301T100000"
    assert "unknown time zone in RECURRENCE-ID" in invite.problems[0]


# Order --------------------------------------------------------------------------------------------

BASE = only("DTSTART:20260302T100000Z")


def test_newer_by_sequence_and_a_cancellation_last() -> None:
    later, cancel = replace(BASE, sequence=1), replace(BASE, method="CANCEL")
    assert newer(later, BASE)
    assert not newer(BASE, later)
    assert newer(cancel, BASE)
    assert newer(later, cancel)
    assert newer(replace(BASE, status="CANCELLED"), BASE)
    assert not newer(BASE, BASE)


@pytest.mark.parametrize(
    "change", [{"uid": "two"}, {"recurrence_id": "2026-03-02"}, {"method": "REPLY"}, {"uid": ""}]
)
def test_nothing_is_newer_than_another_thing(change: dict[str, str]) -> None:
    other = replace(BASE, sequence=9, **change)
    assert not newer(other, BASE)
    assert not newer(BASE, other)


def kept(arrivals: tuple[Invite, ...]) -> Invite:
    state = arrivals[0]
    for invite in arrivals[1:]:
        state = invite if newer(invite, state) else state
    return state


def test_permuted_arrivals_end_in_one_state() -> None:
    updates = [replace(BASE, sequence=number, summary=str(number)) for number in range(4)]
    updates.append(replace(BASE, sequence=3, method="CANCEL"))
    assert {kept(order) for order in permutations(updates)} == {updates[-1]}


revisions = st.builds(
    lambda sequence, method, uid: replace(BASE, sequence=sequence, method=method, uid=uid),
    st.integers(0, 3),
    st.sampled_from(["REQUEST", "CANCEL", "REPLY", "PUBLISH"]),
    st.sampled_from(["a", "b"]),
)


@given(revisions, revisions, revisions)
def test_newer_is_an_order(a: Invite, b: Invite, c: Invite) -> None:
    assert not (newer(a, b) and newer(b, a))
    assert newer(a, c) or not (newer(a, b) and newer(b, c))


# Any bytes ----------------------------------------------------------------------------------------

RICH = calendar(
    BERLIN_LIKE.format(tzid="Own"),
    event(
        "DTSTART;TZID=Own:20260302T100000", "DURATION:PT1H", "ORGANIZER;CN=A:mailto:a@b.example", "SEQUENCE:2"
    ),
    event(
        "DTSTART;VALUE=DATE:20260302",
        "RECURRENCE-ID;TZID=UTC+01:20260302T100000",
        "RRULE:FREQ=DAILY",
        "SUMMARY:x",
    ),
)


def assert_sound(content: bytes, charset: str | None = None) -> None:
    for invite in read_invites(content, charset=charset):
        for text in (invite.start, invite.end):
            assert text is None or datetime.fromisoformat(text)
        assert invite.sequence >= 0
        assert all(address.address.count("@") == 1 for address in invite.attendees)


@given(
    st.binary(max_size=400), st.sampled_from([None, "utf-8", "utf-16", "utf-7", "hz", "idna", "rot13", "\0"])
)
def test_arbitrary_bytes_never_raise(content: bytes, charset: str | None) -> None:
    assert_sound(content, charset)
    assert_sound(calendar(event("DTSTART:20260302")).replace(b"20260302", content), charset)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, len(RICH)), st.integers(0, 12), st.binary(max_size=6)),
        min_size=1,
        max_size=8,
    )
)
def test_mutated_calendars_never_raise(edits: list[tuple[int, int, bytes]]) -> None:
    content = RICH
    for at, cut, put in edits:
        content = content[:at] + put + content[at + cut :]
    assert_sound(content)


@settings(max_examples=200)
@given(
    st.text(alphabet='0123456789TZ-+:;="PDWHMS,/ é', max_size=40),
    st.sampled_from(["DTSTART", "DTEND", "DURATION"]),
)
def test_any_value_of_a_time_never_raises(value: str, name: str) -> None:
    assert_sound(
        calendar(event("DTSTART;TZID=Own:20260302T100000", f"{name}:{value}", f"{name};TZID={value}"))
    )
    assert_sound(calendar(event(f"{name};TZID={value}:20260302T100000")))


@settings(max_examples=200)
@given(
    st.text(alphabet="FREQYALINTVBDMOHUSCW=;,-0123456789", max_size=60),
    st.sampled_from(["RRULE", "RRULE:FREQ=YEARLY;BYDAY", "RDATE", "TZOFFSETTO", "DTSTART"]),
)
def test_any_rule_of_a_zone_never_raises(value: str, name: str) -> None:
    zone = own_zone(
        observance("STANDARD", "19700101T000000", "+0100", "+0200").replace("END", f"{name}:{value}\nEND")
    )
    assert_sound(calendar(zone, event("DTSTART;TZID=Own:20260302T100000")))


# Attachments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "content_type", "expected"),
    [
        ("invite.ics", "application/octet-stream", True),
        ("INVITE.ICS", None, True),
        (None, 'Text/Calendar; method=REQUEST; charset="utf-8"', True),
        (None, "application/ics", True),
        ("notes.txt", "text/plain", False),
        ("ics", "", False),
        (None, None, False),
    ],
)
def test_is_calendar(filename: str | None, content_type: str | None, expected: bool) -> None:
    assert is_calendar(filename, content_type) is expected


def test_importing_loads_no_calendar_library() -> None:
    code = "import sys, parley.mail.calendar; print(sorted({'icalendar', 'dateutil'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def revision(sequence=0, stamp="20260301T090000Z", method="REQUEST", attendee=""):
    lines = [
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        "UID:u1",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{stamp}",
        "DTSTART:20260303T100000Z",
        *([attendee] if attendee else []),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    (invite,) = read_invites("\r\n".join(lines).encode())
    return invite


def test_dtstamp_orders_what_sequence_does_not():
    early, late = revision(stamp="20260301T090000Z"), revision(stamp="20260301T090001Z")
    assert early.dtstamp == "2026-03-01T09:00:00Z"
    assert newer(late, early)
    assert not newer(early, late)
    assert newer(revision(sequence=1), late)
    assert newer(revision(method="CANCEL"), late)


@pytest.mark.parametrize("stamp", ["20260301T090000", "20260301", "yesterday", ""])
def test_a_dtstamp_that_is_no_utc_time_orders_nothing(stamp):
    assert revision(stamp=stamp).dtstamp is None


def test_a_reply_says_what_it_answers():
    answer = revision(method="REPLY", attendee="ATTENDEE;PARTSTAT=declined:mailto:bo@x.test")
    assert answer.partstat == "DECLINED"
    assert revision(attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@x.test").partstat is None


@pytest.mark.parametrize(
    "rule", ["FREQ=https://x.example/", "BYDAY=MO", "FREQ=FORTNIGHTLY", "every Monday", "FREQ=WEEKLY;;"]
)
def test_a_rule_that_is_none_is_named_and_the_event_is_once(rule):
    invite = only("DTSTART:20260302T090000Z", f"RRULE:{rule}")
    assert invite.rrule is None
    assert any("RRULE" in problem for problem in invite.problems)


@pytest.mark.parametrize(
    "rule", ["freq=weekly;byday=mo", "BYDAY=MO,-1SU;FREQ=MONTHLY;X-OWN=1", "FREQ=DAILY;"]
)
def test_a_rule_is_one_however_it_is_written(rule):
    invite = only("DTSTART:20260302T090000Z", f"RRULE:{rule}")
    assert (invite.rrule, invite.problems) == (rule, ())


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:",
        "EXDATE:banana",
        "EXDATE;TZID=Europe/Berlin:",
        "EXDATE:20270101T250000Z",
        "EXDATE;VALUE=DATE:20270132",
        "EXDATE",
        "EXDATE:20260309T090000Z,",
    ],
)
def test_an_exception_that_cannot_be_read_costs_nothing_else(line):
    start = "DTSTART:20260302T090000Z"
    found = read_calendar(
        calendar(
            event(start, "RRULE:FREQ=WEEKLY", line, "EXDATE:20260316T090000Z"),
            event(start, uid="two@x.example"),
        )
    )
    first, second = found.invites
    assert "2026-03-16T09:00:00Z" in first.exdates
    assert second.start == "2026-03-02T09:00:00Z"
    assert bool(first.problems) == line.rstrip(":,").endswith(("banana", "250000Z", "0132"))
