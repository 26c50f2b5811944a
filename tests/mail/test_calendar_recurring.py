"""Calendars that recur: further dates, zones known by their rules alone, changes from a date on; and in words."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.mail.calendar import read_invites
from parley.mail.calendar.schedule import (
    Occurrence,
    first_occurrence,
    further_dates,
    last_occurrence,
    upcoming,
)
from parley.mail.calendar.wording import rhythm, start_text, time_text

LISBON, TORONTO, TOKYO = ZoneInfo("Europe/Lisbon"), ZoneInfo("America/Toronto"), ZoneInfo("Asia/Tokyo")


def read(*lines, zone="", method="REQUEST"):
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            f"METHOD:{method}",
            *filter(None, zone.splitlines()),
            "BEGIN:VEVENT",
            "UID:glass-77",
            "DTSTAMP:20261103T070000Z",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    (invite,) = read_invites(text.encode())
    return invite


def vtimezone(tzid, *parts):
    rows = [f"BEGIN:VTIMEZONE\nTZID:{tzid}"]
    for kind, start, before, after, rule in parts:
        rows.append(f"BEGIN:{kind}\nDTSTART:{start}\nTZOFFSETFROM:{before}\nTZOFFSETTO:{after}")
        rows.append((f"RRULE:{rule}\n" if rule else "") + f"END:{kind}")
    return "\n".join([*rows, "END:VTIMEZONE"])


# -- further dates


@pytest.mark.parametrize(
    ("lines", "rdates"),
    [
        (["RDATE:20270310T090000Z,20270312T090000Z"], ("2027-03-10T09:00:00Z", "2027-03-12T09:00:00Z")),
        (["RDATE;TZID=Asia/Tokyo:20270310T180000"], ("2027-03-10T09:00:00Z",)),
        (["RDATE;VALUE=DATE:20270310"], ("2027-03-10",)),
        # Notes writes every date as a period, the first one too; a longer one keeps its end.
        (
            ["RDATE;VALUE=PERIOD:20270308T090000Z/20270308T100000Z,20270309T090000Z/PT2H"],
            ("2027-03-09T09:00:00Z/2027-03-09T11:00:00Z",),
        ),
        (["RDATE:20270308T090000Z"], ()),
        (["RDATE:soon", "RDATE:20270310T090000Z"], ("2027-03-10T09:00:00Z",)),
    ],
)
def test_further_dates_are_read_once_each(lines, rdates):
    invite = read("DTSTART:20270308T090000Z", "DTEND:20270308T100000Z", *lines)
    assert invite.rdates == rdates
    assert invite.recurs is bool(rdates)
    assert bool(invite.problems) is ("RDATE:soon" in lines)


def test_a_change_of_the_later_dates_says_so():
    invite = read("RECURRENCE-ID;RANGE=THISANDFUTURE:20270308T090000Z", "DTSTART:20270308T110000Z")
    assert (invite.this_and_future, invite.recurrence_id) == (True, "2027-03-08T09:00:00Z")
    assert invite.problems == ()
    assert not read("RECURRENCE-ID:20270308T090000Z", "DTSTART:20270308T110000Z").this_and_future


# -- who is no person


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ATTENDEE;CUTYPE=ROOM;CN=Atrium:mailto:atrium@lensworks.example", "room"),
        ("ATTENDEE;CUTYPE=resource;CN=Projector:mailto:beamer@lensworks.example", "resource"),
        ("ATTENDEE;CUTYPE=GROUP;CN=All optics:mailto:optics@lensworks.example", "group"),
        ("ATTENDEE;CN=Cellar:mailto:c_99@resource.calendar.google.com", "resource"),
        ("ATTENDEE;ROLE=NON-PARTICIPANT;CN=Kiln Room 2:mailto:kiln2@lensworks.example", "room"),
        ("ATTENDEE;CUTYPE=X-ROOM;CN=Loft:mailto:loft@lensworks.example", "room"),
        ("ATTENDEE;ROLE=NON-PARTICIPANT;CN=Annex:mailto:annex@lensworks.example", "room"),
        ("ATTENDEE;ROLE=NON-PARTICIPANT;CN=Ines Prado:mailto:ines@lensworks.example", None),
        ("ATTENDEE;CN=Annex:mailto:annex.miller@lensworks.example", None),
        ("ATTENDEE;CN=Ines Prado;CUTYPE=INDIVIDUAL:mailto:ines@lensworks.example", None),
        ("ATTENDEE;CN=Ines Prado;CUTYPE=UNKNOWN:mailto:ines@lensworks.example", None),
    ],
)
def test_rooms_and_resources_are_told_from_people(line, kind):
    invite = read("DTSTART:20270308T090000Z", "LOCATION:Kiln room 2; Annex", line)
    assert [found for _, found in invite.kinds] == ([kind] if kind else [])
    assert len(invite.attendees) == 1
    assert len(invite.people) == (0 if kind else 1)


def test_a_placeholder_invites_nobody():
    invite = read(
        "DTSTART:20270308T090000Z",
        "ORGANIZER;CN=unknownorganizer@calendar.google.com:mailto:unknownorganizer@calendar.google.com",
        "ATTENDEE:mailto:ines@lensworks.example",
    )
    assert (invite.organizer, [one.address for one in invite.people]) == (None, ["ines@lensworks.example"])


@pytest.mark.parametrize(
    "lines",
    [
        [
            'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:rui@lensworks.example":mailto:ines@lensworks.example',
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:rui@lensworks.example",
        ],
        [
            "ATTENDEE;PARTSTAT=DELEGATED:mailto:ines@lensworks.example",
            "ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM=mailto:INES@lensworks.example:mailto:rui@lensworks.example",
        ],
    ],
)
def test_who_is_sent_instead_is_known_from_either_line(lines):
    invite = read("DTSTART:20270308T090000Z", *lines, method="REPLY")
    assert invite.delegations == (("ines@lensworks.example", "rui@lensworks.example"),)


# -- zones by their rules

EASTERN = (
    ("STANDARD", "16010101T020000", "-0400", "-0500", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
    ("DAYLIGHT", "16010101T020000", "-0500", "-0400", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
)
SYDNEY = (
    ("STANDARD", "19700405T030000", "+1100", "+1000", "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"),
    ("DAYLIGHT", "19701004T020000", "+1000", "+1100", "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU"),
)
INDIA = (("STANDARD", "19700101T000000", "+0530", "+0530", ""),)
ONE_YEAR = (
    ("STANDARD", "20261025T030000", "+0200", "+0100", ""),
    ("DAYLIGHT", "20260329T020000", "+0100", "+0200", ""),
)
NOTES = tuple((*part[:4], part[4].replace("YEARLY", "YEARLY;BYHOUR=2;BYMINUTE=0")) for part in EASTERN)
THREE = (("STANDARD", "19700101T000000", "+0300", "+0300", ""),)


@pytest.mark.parametrize(
    ("tzid", "parts", "like"),
    [
        ("Eastern Standard Time 1", EASTERN, "America/New_York"),
        ("Customized Time Zone 3", EASTERN, "America/New_York"),
        ("Our office", SYDNEY, "Australia/Sydney"),
        ("tz-in", INDIA, "Asia/Kolkata"),
        ("plus three", THREE, "Etc/GMT-3"),
        ("this year's", ONE_YEAR, "Europe/Berlin"),
        ("Eastern", NOTES, "America/New_York"),
    ],
)
def test_a_zone_known_by_its_rules_is_the_iana_zone_that_keeps_them(tzid, parts, like):
    for year in (2026, 2027):
        start = f"DTSTART;TZID={tzid}:{year}0203T100000"
        invite = read(start, "RRULE:FREQ=WEEKLY", zone=vtimezone(tzid, *parts))
        assert invite.time_zone, year
    assert invite.problems == ()
    for month in range(1, 13):
        noon = datetime(2028, month, 14, 12)  # noqa: DTZ001 - a wall's time
        assert noon.replace(tzinfo=ZoneInfo(invite.time_zone)).utcoffset() == (
            noon.replace(tzinfo=ZoneInfo(like)).utcoffset()
        )


def test_of_zones_that_change_on_one_day_the_one_with_the_same_hour_is_meant():
    invite = read("DTSTART;TZID=Head office:20270203T100000", zone=vtimezone("Head office", *EASTERN))
    early = datetime(2027, 3, 14, 1, 30)  # noqa: DTZ001 - Havana has changed by then, New York has not
    assert early.replace(tzinfo=ZoneInfo(invite.time_zone)).utcoffset().total_seconds() == -5 * 3600


def test_rules_that_no_zone_keeps_stay_the_calendars_own_and_a_series_says_so():
    odd = (
        ("STANDARD", "19700101T000000", "+0130", "+0017", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=11"),
        ("DAYLIGHT", "19700601T000000", "+0017", "+0130", "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=3"),
    )
    zone = vtimezone("Nowhere", *odd)
    once = read("DTSTART;TZID=Nowhere:20270801T100000", zone=zone)
    assert (once.start, once.time_zone, once.problems) == ("2027-08-01T08:30:00Z", None, ())
    weekly = read("DTSTART;TZID=Nowhere:20270801T100000", "RRULE:FREQ=WEEKLY", zone=zone)
    assert "an hour off" in weekly.problems[0]


def test_a_numbered_name_without_rules_is_the_zone_of_that_name():
    assert read("DTSTART;TZID=Tokyo Standard Time 2:20270203T100000").time_zone == "Asia/Tokyo"
    assert read("DTSTART;TZID=Narnia Time 2:20270203T100000").start is None


OFFSETS = st.sampled_from(["-0800", "-0330", "+0000", "+0100", "+0545", "+1000"])
RULES = st.builds(
    "FREQ=YEARLY;BYMONTH={};BYDAY={}{}".format,
    st.integers(1, 12),
    st.sampled_from([1, 2, 4, -1]),
    st.sampled_from(["SU", "FR", "TH"]),
)


@settings(max_examples=40, deadline=None)
@given(winter=OFFSETS, ahead=st.sampled_from([0, 30, 60]), away=RULES, back=RULES, month=st.integers(1, 12))
def test_whatever_zone_is_found_keeps_the_time_that_the_rules_say(winter, ahead, away, back, month):
    """The first event decides the zone, and each is where the rules have it, whether or not one was found."""
    sign = -1 if winter[0] == "-" else 1
    minutes = sign * (int(winter[1:3]) * 60 + int(winter[3:])) + ahead
    summer = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    parts = (
        ("STANDARD", "19700101T030000", summer, winter, back),
        ("DAYLIGHT", "19700102T020000", winter, summer, away),
    )
    invite = read(f"DTSTART;TZID=X9:2027{month:02d}14T120000", zone=vtimezone("X9", *parts))
    assert invite.start
    if invite.time_zone:
        found = datetime.fromisoformat(invite.start).astimezone(ZoneInfo(invite.time_zone))
        assert found.replace(tzinfo=None) == datetime(2027, month, 14, 12)  # noqa: DTZ001 - a wall's time


# -- the next one


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WEEKLY = read("DTSTART;TZID=Europe/Lisbon:20260108T150000", "DURATION:PT45M", "RRULE:FREQ=WEEKLY")


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2025-06-01T00:00", "2026-01-08T15:00"),
        ("2026-07-09T14:30", "2026-07-09T15:00"),  # it is going on
        ("2026-07-09T15:00", "2026-07-16T15:00"),
    ],
)
def test_of_a_series_the_next_that_is_not_over_comes_next(now, start):
    found = upcoming(WEEKLY, at(now))
    assert found.start == datetime.fromisoformat(start)
    assert found.end - found.start == WEEKLY_LENGTH


WEEKLY_LENGTH = first_occurrence(WEEKLY).end - first_occurrence(WEEKLY).start


def test_what_is_taken_out_or_moved_is_not_the_next():
    lines = ["DTSTART:20270108T150000Z", "DTEND:20270108T160000Z", "RRULE:FREQ=WEEKLY;COUNT=3"]
    invite = read(*lines, "EXDATE:20270108T150000Z")
    assert upcoming(invite, at("2027-01-01T00:00")).start == datetime(2027, 1, 15, 15)  # noqa: DTZ001
    gone = ["2027-01-15T15:00:00Z", "2027-01-22T15:00:00Z"]
    assert upcoming(invite, at("2027-01-01T00:00"), gone) is None


@pytest.mark.parametrize("end", ["COUNT=4", "UNTIL=20260131T000000Z", "UNTIL=20260130"])
def test_a_series_that_is_over_has_no_next_but_a_last(end):
    invite = read("DTSTART:20260108T150000Z", f"RRULE:FREQ=WEEKLY;{end}")
    now = at("2026-11-30T12:00")
    assert upcoming(invite, now) is None
    assert last_occurrence(invite, now).start == datetime(2026, 1, 29, 15)  # noqa: DTZ001


NEVER = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"


@pytest.mark.parametrize("rule", [NEVER, "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=50", "FREQ=MINUTELY;COUNT=9999999"])
@pytest.mark.parametrize("start", ["00010101T090000Z", "19700101T090000Z", "99991231T090000Z"])
def test_a_rule_that_never_comes_true_is_not_looked_for_until_the_end_of_time(rule, start):
    invite = read(f"DTSTART:{start}", f"RRULE:{rule}")
    begun = time.process_time()
    for _ in range(5):
        upcoming(invite, at("2026-11-30T12:00"))
        last_occurrence(invite, at("2026-11-30T12:00"))
    assert time.process_time() - begun < 5


def test_a_date_named_apart_is_the_next_when_the_rule_is_over():
    invite = read("DTSTART:20260108T150000Z", "RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20270301T150000Z")
    assert upcoming(invite, at("2026-11-30T12:00")).start == datetime(2027, 3, 1, 15)  # noqa: DTZ001


# -- in words


def occurrence(start, end, zone):
    return Occurrence(datetime.fromisoformat(start), datetime.fromisoformat(end), zone)


@pytest.mark.parametrize(
    ("one", "reader", "text"),
    [
        (
            occurrence("2027-05-04T09:00", "2027-05-04T09:50", LISBON),
            None,
            "Tuesday, 2027-05-04 at 09:00-09:50 (Europe/Lisbon)",
        ),
        (
            occurrence("2027-05-04T09:00", "2027-05-04T09:50", LISBON),
            TORONTO,
            "Tuesday, 2027-05-04 at 04:00-04:50 (America/Toronto), 09:00 in Europe/Lisbon",
        ),
        (
            occurrence("2027-05-04T03:00", "2027-05-04T03:50", ZoneInfo("UTC")),
            TORONTO,
            "Monday, 2027-05-03 at 23:00-23:50 (America/Toronto)",
        ),
        (
            occurrence("2027-05-04T03:00", "2027-05-04T03:50", TOKYO),
            TORONTO,
            "Monday, 2027-05-03 at 14:00-14:50 (America/Toronto), Tuesday 03:00 in Asia/Tokyo",
        ),
        (
            occurrence("2027-05-04T22:30", "2027-05-05T01:00", TOKYO),
            TOKYO,
            "Tuesday, 2027-05-04 at 22:30 to Wednesday, 2027-05-05 at 01:00 (Asia/Tokyo)",
        ),
        (
            occurrence("2027-05-04T09:00", "2027-05-04T09:00", None),
            None,
            "Tuesday, 2027-05-04 at 09:00 (local time)",
        ),
        (
            occurrence("2027-05-04T09:00", "2027-05-04T10:00", None),
            TORONTO,
            "Tuesday, 2027-05-04 at 09:00-10:00 (America/Toronto)",
        ),
    ],
)
def test_a_time_is_on_the_readers_wall_with_the_zone_named(one, reader, text):
    assert time_text(one, reader) == text


def test_whole_days_are_told_from_the_first_to_the_last():
    three = read("DTSTART;VALUE=DATE:20270504", "DTEND;VALUE=DATE:20270507")
    assert time_text(first_occurrence(three), TORONTO) == "Tuesday, 2027-05-04 to Thursday, 2027-05-06"
    one = read("DTSTART;VALUE=DATE:20270504")
    assert time_text(first_occurrence(one), None) == "Tuesday, 2027-05-04, all day"
    assert start_text(first_occurrence(one), None) == "Tuesday, 2027-05-04"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "every 3 days, 5 times in all"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "every Monday to Friday"),
        ("FREQ=WEEKLY", "every Tuesday"),
        ("FREQ=WEEKLY;BYDAY=FR,MO", "every Monday and Friday"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20271231T235959Z",
            "every 2 weeks on Tuesday until 2027-12-31",
        ),
        ("FREQ=MONTHLY", "on day 4 of every month"),
        ("FREQ=MONTHLY;BYDAY=2TU", "on the second Tuesday of every month"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "on the last Friday of every month"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "on the first weekday of every month"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", "on the last day of every 3 months"),
        ("FREQ=YEARLY", "every year"),
        ("FREQ=HOURLY;INTERVAL=6", "every 6 hours"),
        ("FREQ=MONTHLY;BYDAY=9XX", "again after that"),
        ("nonsense", "again after that"),
    ],
)
def test_a_rule_is_told_in_words(rule, text):
    assert rhythm(rule, datetime(2027, 5, 4, 9)) == text  # noqa: DTZ001 - a wall's time


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "FREQ=MONTHLY",
                "FREQ=WEEKLY",
                "BYDAY=MO,3FR",
                "BYDAY=",
                "BYMONTHDAY=-31",
                "BYSETPOS=9",
                "INTERVAL=0",
                "UNTIL=x",
                "COUNT=",
            ]
        ),
        max_size=5,
    )
)
def test_no_rule_fails_to_be_told(parts):
    assert rhythm(";".join(parts), datetime(2027, 5, 4, 9))  # noqa: DTZ001 - a wall's time


EDGES = st.sampled_from(["00010101", "20270101", "99991231"])
CLOCKS = st.sampled_from(["", "T000000", "T235959", "T120000Z"])
TIMES = st.builds("{}{}".format, EDGES, CLOCKS)


@settings(max_examples=150, deadline=None)
@given(
    start=TIMES,
    end=TIMES,
    zone=st.sampled_from(["", ";TZID=Pacific/Kiritimati", ";TZID=Pacific/Niue"]),
    rule=st.sampled_from(["", "RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY;UNTIL=00010101T000000Z"]),
    dates=st.lists(TIMES, max_size=2),
    reader=st.sampled_from([None, LISBON, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Niue")]),
    now=st.sampled_from([datetime.min, datetime(2026, 12, 1), datetime.max]),  # noqa: DTZ901, DTZ001
)
def test_no_invite_fails_to_be_told_wherever_it_lies(start, end, zone, rule, dates, reader, now):  # noqa: PLR0917
    lines = [f"DTSTART{zone}:{start}", f"DTEND{zone}:{end}", rule, *(f"RDATE:{one}" for one in dates)]
    invite, now = read(*filter(None, lines)), now.replace(tzinfo=UTC)
    found = [first_occurrence(invite), last_occurrence(invite, now), coming := upcoming(invite, now)]
    found += further_dates(invite, coming)[:3] if coming and dates and not rule else []
    for one in filter(None, found):
        assert time_text(one, reader)
        assert start_text(one, reader)
