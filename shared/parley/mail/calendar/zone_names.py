"""Time-zone names that are not IANA's: Windows, Exchange, Lotus, vendor prefixes.

icalendar ships CLDR's table of the Windows names (2025-04). Here stand the
names that it lacks, and the display names that Exchange and Outlook Web write
in their place. A display name that lists cities is settled by the cities.
"""

from __future__ import annotations

from functools import cache

MORE_WINDOWS = {
    # Newer than the table.
    "alberta standard time": "America/Edmonton",
    "british columbia standard time": "America/Vancouver",
    "manitoba standard time": "America/Winnipeg",
    # Older than the table: withdrawn by Microsoft, still sent.
    "armenian standard time": "Asia/Yerevan",
    "kamchatka standard time": "Asia/Kamchatka",
    "malay peninsula standard time": "Asia/Singapore",
    "mexico standard time": "America/Mexico_City",
    "mexico standard time 2": "America/Mazatlan",
    "mid-atlantic standard time": "Etc/GMT+2",
    # Other spellings.
    "coordinated universal time": "UTC",
    "greenwich mean time": "Europe/London",
    "tzone://microsoft/utc": "UTC",
    "utc standard time": "UTC",
    "z": "UTC",
}

DISPLAY_NAMES = {
    "alaska": "America/Anchorage",
    "aleutian islands": "America/Adak",
    "almaty, novosibirsk": "Asia/Novosibirsk",
    "arizona": "America/Phoenix",
    "astana": "Asia/Almaty",
    "astana, dhaka": "Asia/Bishkek",
    "athens, bucharest, istanbul": "Europe/Bucharest",
    "athens, istanbul, minsk": "Europe/Bucharest",
    "atlantic time (canada)": "America/Halifax",
    "baja california": "America/Tijuana",
    "beijing, chongqing, hong kong sar, urumqi": "Asia/Shanghai",
    "beijing, chongqing, hong kong, urumqi": "Asia/Shanghai",
    "bougainville island": "Pacific/Bougainville",
    "brasilia": "America/Sao_Paulo",
    "brasília": "America/Sao_Paulo",
    "cabo verde is.": "Atlantic/Cape_Verde",
    "cape verde is.": "Atlantic/Cape_Verde",
    "cape verde islands": "Atlantic/Cape_Verde",
    "casablanca, monrovia": "Atlantic/Reykjavik",
    "central america": "America/Guatemala",
    "central time": "America/Chicago",
    "central time (us & canada)": "America/Chicago",
    "chatham islands": "Pacific/Chatham",
    "chetumal": "America/Cancun",
    "chihuahua, la paz, mazatlan": "America/Mazatlan",
    "chokurdakh": "Asia/Srednekolymsk",
    "city of buenos aires": "America/Buenos_Aires",
    "coordinated universal time-02": "Etc/GMT+2",
    "coordinated universal time-08": "Etc/GMT+8",
    "coordinated universal time-09": "Etc/GMT+9",
    "coordinated universal time-11": "Etc/GMT+11",
    "coordinated universal time+12": "Etc/GMT-12",
    "coordinated universal time+13": "Etc/GMT-13",
    "e. europe": "Europe/Chisinau",
    "easter island": "Pacific/Easter",
    "eastern time": "America/New_York",
    "eastern time (us & canada)": "America/New_York",
    "ekaterinburg": "Asia/Yekaterinburg",
    "fiji islands, kamchatka, marshall is.": "Pacific/Fiji",
    "fiji, kamchatka, marshall is.": "Pacific/Fiji",
    "fiji, marshall is.": "Pacific/Fiji",
    "greenland": "America/Godthab",
    "haiti": "America/Port-au-Prince",
    "hawaii": "Pacific/Honolulu",
    "indiana (east)": "America/Indiana/Indianapolis",
    "international date line west": "Etc/GMT+12",
    "kiritimati island": "Pacific/Kiritimati",
    "la paz, mazatlan": "America/Mazatlan",
    "lord howe island": "Australia/Lord_Howe",
    "magadan, solomon is., new caledonia": "Pacific/Guadalcanal",
    "marquesas islands": "Pacific/Marquesas",
    "mid-atlantic": "Etc/GMT+2",
    "midway island, samoa": "Pacific/Pago_Pago",
    "mountain time": "America/Denver",
    "mountain time (us & canada)": "America/Denver",
    "newfoundland": "America/St_Johns",
    "newfoundland and labrador": "America/St_Johns",
    "norfolk island": "Pacific/Norfolk",
    "nuku'alofa": "Pacific/Tongatapu",
    "nuku'alofa, tonga": "Pacific/Tongatapu",
    "pacific time": "America/Los_Angeles",
    "pacific time (us & canada)": "America/Los_Angeles",
    "pacific time (us & canada); tijuana": "America/Los_Angeles",
    "petropavlovsk-kamchatsky": "Asia/Kamchatka",
    "port louis": "Indian/Mauritius",
    "rangoon": "Asia/Rangoon",
    "saint pierre and miquelon": "America/Miquelon",
    "salvador": "America/Bahia",
    "samoa": "Pacific/Apia",
    "sarajevo, skopje, sofija, vilnius, warsaw, zagreb": "Europe/Warsaw",
    "saskatchewan": "America/Regina",
    "solomon is., new caledonia": "Pacific/Guadalcanal",
    "solomon islands, new caledonia": "Pacific/Guadalcanal",
    "sri jayawardenepura": "Asia/Colombo",
    "sri jayewardenepura": "Asia/Colombo",
    "st. petersburg, moscow, volgograd": "Europe/Moscow",
    "tijuana, baja california": "America/Tijuana",
    "turks and caicos": "America/Grand_Turk",
    "west central africa": "Africa/Lagos",
    "yangon (rangoon)": "Asia/Rangoon",
    # Lotus Notes.
    "western/central europe": "Europe/Berlin",
    "yukon": "America/Whitehorse",
}

_CITY_AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
_NO_CITIES = frozenset(("north", "south", "west", "eastern", "samoa"))
_MORE_CITIES = {
    "bern": "Europe/Zurich",
    "kiev": "Europe/Kiev",
    "osaka": "Asia/Tokyo",
    "sapporo": "Asia/Tokyo",
}
_NO_ZONES = frozenset(("localtime", "Factory"))
"""Names in the machine's folder of zones that say nothing about an email."""


@cache
def iana_names() -> dict[str, str]:
    """IANA's names by their lower-case form."""
    import zoneinfo

    return {name.lower(): name for name in zoneinfo.available_timezones() - _NO_ZONES}


@cache
def windows_names() -> dict[str, str]:
    """The IANA name of each Windows one, by its lower-case form."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()} | MORE_WINDOWS


@cache
def cities() -> dict[str, str]:
    """IANA's cities: `new york` gives `America/New_York`."""
    names = [name for name in iana_names().values() if name.startswith(_CITY_AREAS) and name.count("/") == 1]
    found = {name.partition("/")[2].replace("_", " ").lower(): name for name in sorted(names)}
    return {city: name for city, name in found.items() if city not in _NO_CITIES} | _MORE_CITIES
