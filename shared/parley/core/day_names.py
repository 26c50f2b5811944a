"""The names of weekdays (Monday is 0) and months (January is 1): English, German, French, Spanish."""

from __future__ import annotations

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_OTHER_WEEKDAYS = (
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
)
_OTHER_MONTHS = (
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
)
WEEKDAY_NUMBERS: dict[str, int] = {
    name: number
    for names in (WEEKDAYS, *(words.split() for words in _OTHER_WEEKDAYS))
    for number, name in enumerate(names)
}
MONTH_NUMBERS: dict[str, int] = {
    name: number
    for names in (MONTHS, [name[:3] for name in MONTHS], *(words.split() for words in _OTHER_MONTHS))
    for number, name in enumerate(names, 1)
} | {"sept": 9}
