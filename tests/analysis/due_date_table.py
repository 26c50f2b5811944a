"""Sentences of a meeting, the day that it was held on, and the due date that each names (- where none is)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Row(NamedTuple):
    meeting: date
    said: str
    due: date | None


_TABLE = """
# Tuesday 2026-03-10
I'll mail the plan by Friday. | 2026-03-13
I'll mail the plan by Tuesday. | 2026-03-17
I'll mail the plan on Monday. | 2026-03-16
I'll mail the plan Wednesday morning. | 2026-03-11
I'll mail the plan this Thursday. | 2026-03-12
I'll mail the plan this coming Thursday. | 2026-03-12
I'll mail the plan the coming Monday. | 2026-03-16
I'll mail the plan next Monday. | 2026-03-16
I'll mail the plan by next Friday. | -
I'll mail the plan next Thursday. | -
I'll mail the plan Friday week. | 2026-03-20
I'll mail the plan a week from Friday. | 2026-03-20
I'll mail the plan a week on Thursday. | 2026-03-19
I'll mail the plan two weeks from Monday. | 2026-03-30
I'll mail the plan a week from today. | 2026-03-17
I'll mail the plan a week from tomorrow. | 2026-03-18
I'll mail the plan a week today. | 2026-03-17
I'll mail the plan on Thursday of next week. | 2026-03-19
I'll mail the plan Thursday next week. | 2026-03-19
I'll mail the plan next week Wednesday. | 2026-03-18
I'll mail the plan next week on Tuesday. | 2026-03-17
I'll mail the plan on Friday this week. | 2026-03-13
I'll mail the plan the Friday after next. | -
I'll mail the plan the week after next. | -
I'll mail the plan by end of day Friday. | 2026-03-13
I'll mail the plan by end of day on Friday. | 2026-03-13
I'll mail the plan by the end of the day on Thursday. | 2026-03-12
I'll mail the plan by COB Thursday. | 2026-03-12
I'll mail the plan by close of business on Monday. | 2026-03-16
I'll mail the plan EOD Wednesday. | 2026-03-11
I'll mail the plan by EOD on March 18. | 2026-03-18
I'll mail the plan by end of day on March 18th. | 2026-03-18
I'll mail the plan by end of business day tomorrow. | 2026-03-11
I'll mail the plan by EOD tomorrow. | 2026-03-11
I'll mail the plan tomorrow by end of day. | 2026-03-11
I'll mail the plan Friday EOD. | 2026-03-13
I'll mail the plan Monday by close of business. | 2026-03-16
I'll mail the plan by EOD. | 2026-03-10
I'll mail the plan by COB. | 2026-03-10
I'll mail the plan by end of day. | 2026-03-10
I'll mail the plan by the end of the day. | 2026-03-10
I'll mail the plan by close of play. | 2026-03-10
I'll mail the plan by noon. | 2026-03-10
I'll mail the plan by noon tomorrow. | 2026-03-11
I'll mail the plan by noon on Friday. | 2026-03-13
I'll mail the plan Friday at noon. | 2026-03-13
I'll mail the plan by 5 pm on Thursday. | 2026-03-12
I'll mail the plan Thursday by 17:00. | 2026-03-12
I'll mail the plan by 5 pm. | 2026-03-10
I'll mail the plan by midnight. | 2026-03-10
I'll mail the plan first thing tomorrow. | 2026-03-11
I'll mail the plan first thing Monday. | 2026-03-16
I'll mail the plan before lunch on Wednesday. | 2026-03-11
I'll mail the plan by lunchtime Friday. | 2026-03-13
I'll mail the plan today. | 2026-03-10
I'll mail the plan later today. | 2026-03-10
I'll mail the plan tonight. | 2026-03-10
I'll mail the plan this afternoon. | 2026-03-10
I'll mail the plan tomorrow. | 2026-03-11
I'll mail the plan tomorrow morning. | 2026-03-11
I'll mail the plan the day after tomorrow. | 2026-03-12
I'll mail the plan by the end of the week. | 2026-03-13
I'll mail the plan EOW. | 2026-03-13
I'll mail the plan by the end of this week. | 2026-03-13
I'll mail the plan by the end of next week. | 2026-03-20
I'll mail the plan by the weekend. | 2026-03-13
I'll mail the plan before the weekend. | 2026-03-13
I'll mail the plan over the weekend. | -
I'll mail the plan by EOM. | 2026-03-31
I'll mail the plan by end of month. | 2026-03-31
I'll mail the plan by month end. | 2026-03-31
I'll mail the plan by the month's end. | 2026-03-31
I'll mail the plan by the end of next month. | 2026-04-30
I'll mail the plan by EOQ. | 2026-03-31
I'll mail the plan by the end of the quarter. | 2026-03-31
I'll mail the plan by quarter-end. | 2026-03-31
I'll mail the plan by the end of next quarter. | 2026-06-30
I'll mail the plan by the end of Q2. | 2026-06-30
I'll mail the plan before the end of Q1. | 2026-03-31
I'll mail the plan by end of H1. | 2026-06-30
I'll mail the plan by Q3. | -
I'll mail the plan by EOY. | 2026-12-31
I'll mail the plan by the end of the year. | 2026-12-31
I'll mail the plan by year-end. | 2026-12-31
I'll mail the plan by the end of 2027. | 2027-12-31
I'll mail the plan by the end of April. | 2026-04-30
I'll mail the plan by the end of February. | 2027-02-28
I'll mail the plan in mid-April. | -
I'll mail the plan early next week. | -
I'll mail the plan next week. | -
I'll mail the plan sometime next month. | -
I'll mail the plan later this week. | 2026-03-13
I'll mail the plan in a few days. | -
I'll mail the plan by the 24th. | 2026-03-24
I'll mail the plan by the 3rd. | 2026-04-03
I'll mail the plan by the 10th. | 2026-03-10
I'll mail the plan on the 18th, if that suits you. | 2026-03-18
I'll mail the plan by the twentieth. | 2026-03-20
I'll mail the plan before the twenty-fifth. | 2026-03-25
I'll mail the plan by the twenty second. | 2026-03-22
I'll mail the plan by the second week. | -
I'll mail the plan for the 3rd floor. | -
I'll mail the plan by the third meeting. | -
I'll mail the plan by March 18. | 2026-03-18
I'll mail the plan by March 18th. | 2026-03-18
I'll mail the plan by March the 18th. | 2026-03-18
I'll mail the plan no later than March eighteenth. | 2026-03-18
I'll mail the plan by the eighteenth of March. | 2026-03-18
I'll mail the plan on 18 March. | 2026-03-18
I'll mail the plan on 18 Mar. | 2026-03-18
I'll mail the plan by April fourteenth, 2027. | 2027-04-14
I'll mail the plan on the fourteenth of April. | 2026-04-14
I'll mail the plan by June 1, 2026. | 2026-06-01
I'll mail the plan by January 5. | 2027-01-05
I'll mail the plan by Friday, March 13. | 2026-03-13
I'll mail the plan by Friday the 13th. | 2026-03-13
I'll mail the plan by Thursday, March 13. | -
I'll mail the plan by Monday the 16th. | 2026-03-16
I'll mail the plan on Wednesday, the eighteenth. | 2026-03-18
I'll mail the plan by May 4. | 2026-05-04
I'll mail the plan by may 4. | 2026-05-04
We may first mail the plan. | -
I'll mail the plan by 2026-04-02. | 2026-04-02
I'll mail the plan by 3/18. | 2026-03-18
I'll mail the plan by 18/3. | 2026-03-18
I'll mail the plan by 3/4. | -
I'll mail the plan by 18.3.2026. | 2026-03-18
I'll mail the plan by 04.05.2026. | 2026-05-04
I'll mail the plan by 12/24/2026. | 2026-12-24
I'll mail plan 3/18 of the series. | -
I'll mail version 1.5 of the plan. | -
I'll mail the plan in two weeks. | 2026-03-24
I'll mail the plan in two weeks' time. | 2026-03-24
I'll mail the plan in a week's time. | 2026-03-17
I'll mail the plan within 10 days. | 2026-03-20
I'll mail the plan within the next three days. | 2026-03-13
I'll mail the plan in the next two weeks. | 2026-03-24
I'll mail the plan three days from now. | 2026-03-13
I'll mail the plan two weeks from today. | 2026-03-24
I'll mail the plan in a fortnight. | 2026-03-24
I'll mail the plan in a month. | 2026-04-10
I'll mail the plan in six weeks. | 2026-04-21
I'll mail the plan within two business days. | 2026-03-12
I'll mail the plan within five working days. | 2026-03-17
I'll mail the plan within 24 hours. | 2026-03-11
I'll mail the plan within 48 hours. | 2026-03-12
I'll mail the plan in a year. | 2027-03-10
I'll mail the plan by the last Friday of the month. | 2026-03-27
I'll mail the plan on the first Monday in April. | 2026-04-06
I'll mail the plan on the second Tuesday of next month. | 2026-04-14
I'll mail the plan on the first of next month. | 2026-04-01
I'll mail the plan by the 15th of next month. | 2026-04-15
I'll mail the plan on the last day of the month. | 2026-03-31
I'll mail the plan by Fri. | 2026-03-13
I'll mail the plan on Mon. | 2026-03-16
I'll mail the plan by next Mon. | 2026-03-16
I'll mail the plan, Friday at the latest. | 2026-03-13
I'll mail the plan Friday or Monday at the latest. | 2026-03-16
I'll mail the plan by Thursday, or Friday at the latest. | 2026-03-13
I'll mail the plan by Thursday or Friday. | -
I'll mail the plan Thursday, maybe Friday. | -
I'll mail the plan between Monday and Wednesday. | -
I'll mail the plan by Friday, no, Monday. | 2026-03-16
I'll mail the plan by Friday, actually by Thursday. | 2026-03-12
I'll mail the plan on Wednesday, sorry, Thursday. | 2026-03-12
I'll mail the plan on Friday, make that Monday. | 2026-03-16
I'll mail the plan by Friday, I mean tomorrow. | 2026-03-11
I'll mail the plan not on Thursday but on Monday. | 2026-03-16
I'll mail the plan Monday instead of Friday. | 2026-03-16
I'll mail the plan on Monday rather than Friday. | 2026-03-16
I'll mail the plan not before Friday. | -
I'll mail the plan no earlier than Monday. | -
I'll mail the plan, but not until Thursday. | -
I'll mail the plan Friday at the earliest. | -
I'll mail the plan after Friday. | -
I'll mail the plan from Monday on. | -
I'll mail the plan as of Thursday. | -
I'll cover your desk until the end of the month. | -
I'll be at the fair till Thursday. | -
I'll keep the room until Friday, and mail the plan by Monday. | 2026-03-16
You have until Friday to mail the plan. | 2026-03-13
He's got until the 20th. | 2026-03-20
I'll mail what we discussed today. | -
I'll mail the numbers that we talked about on Monday. | -
I'll mail the points you mentioned this morning. | -
I'll mail what we discussed today by Thursday. | 2026-03-12
I'll mail the notes from today's call. | -
I'll mail the slides of Monday's review. | -
I'll mail the Friday report. | -
I'll mail the plan before the Friday review. | 2026-03-13
I'll mail the plan before last Tuesday's notes. | -
I'll mail it every Friday. | -
I'll mail it on Fridays. | -
If I hear nothing by Friday, I'll call them. | -
I'll call them if the plan isn't here by Friday. | -
I'll mail the plan by Friday if I can. | 2026-03-13
I'll see if I can mail the plan by Friday. | 2026-03-13
We can't mail the plan by Friday. | -
I won't have the plan by Thursday. | -
I'll mail the plan by February 31. | -
I'll mail the plan by March 2. | -
I'll mail the plan due 2026-01-15. | -
I'll mail the plan no sooner than Friday. | -
Don't mail it on Friday, mail it on Monday. | 2026-03-16
I'll be on call through Sunday. | -
They gave us until the 30th to mail it. | 2026-03-30
I'll mail the plan by Thursday, Friday at the latest. | 2026-03-13
I'll mail the plan Monday or at the latest Tuesday. | 2026-03-17
I'll mail the deck you showed us on Monday. | -
I'll answer the mail that came in on Monday. | -
I'll mail the plan on the 20th, I mean the 21st. | 2026-03-21
I'd rather mail it Monday than Friday. | 2026-03-16
I'll mail the plan next week, on Friday. | 2026-03-20
I'll mail the plan Wednesday or, at the latest, Friday. | 2026-03-13
I'll mend what broke on Monday. | -
# Friday 2026-11-20
I'll call the bank by Friday. | 2026-11-27
I'll call the bank on Monday. | 2026-11-23
I'll call the bank next Tuesday. | 2026-11-24
I'll call the bank this Friday. | -
I'll call the bank by the end of the week. | 2026-11-20
I'll call the bank by the end of next week. | 2026-11-27
I'll call the bank by the weekend. | 2026-11-20
I'll call the bank within two business days. | 2026-11-24
I'll call the bank in three days. | 2026-11-23
I'll call the bank by the 5th. | 2026-12-05
I'll call the bank by the end of Q1. | 2027-03-31
I'll call the bank by the end of January. | 2027-01-31
I'll call the bank by EOQ. | 2026-12-31
I'll call the bank Tuesday week. | 2026-12-01
I'll call the bank by November 18. | -
I'll call the bank tomorrow. | 2026-11-21
# Saturday 2026-08-15
I'll call the bank by the end of the week. | 2026-08-21
I'll call the bank by the end of next week. | -
I'll call the bank by the weekend. | -
I'll call the bank on Monday. | 2026-08-17
I'll call the bank by the 31st. | 2026-08-31
I'll call the bank by EOM. | 2026-08-31
I'll call the bank within one working day. | 2026-08-17
# Wednesday 2024-02-28
I'll call the bank tomorrow. | 2024-02-29
I'll call the bank the day after tomorrow. | 2024-03-01
I'll call the bank by the end of the month. | 2024-02-29
I'll call the bank by the 30th. | -
I'll call the bank in a month. | 2024-03-28
I'll call the bank in two days. | 2024-03-01
I'll call the bank by Friday. | 2024-03-01
I'll call the bank by March fifth. | 2024-03-05
# Wednesday 2025-12-31
I'll call the bank tomorrow. | 2026-01-01
I'll call the bank by the 7th. | 2026-01-07
I'll call the bank by end of next quarter. | 2026-03-31
I'll call the bank by the end of the year. | 2025-12-31
I'll call the bank by EOD Friday. | 2026-01-02
I'll call the bank in six weeks. | 2026-02-11
# Monday 2026-08-31
I'll call the bank in a month. | 2026-09-30
I'll call the bank by the end of next month. | 2026-09-30
I'll call the bank by the 31st. | 2026-08-31
I'll call the bank next Friday. | -
I'll call the bank next Monday. | 2026-09-07
I'll call the bank by Labor Day. | -
# Tuesday 2026-03-10
Ich schicke den Plan bis Freitag. | 2026-03-13
Ich schicke den Plan bis morgen. | 2026-03-11
Ich schicke den Plan spätestens am Montag. | 2026-03-16
Ich schicke den Plan bis zum 18. März. | 2026-03-18
Ich schicke den Plan bis 18.03.2026. | 2026-03-18
J'envoie le plan avant vendredi. | 2026-03-13
J'envoie le plan d'ici lundi. | 2026-03-16
J'envoie le plan demain. | 2026-03-11
J'envoie le plan le 18 mars. | 2026-03-18
Envío el plan el viernes. | 2026-03-13
Envío el plan antes del lunes. | 2026-03-16
Envío el plan mañana. | 2026-03-11
Envío el plan el 18 de marzo. | 2026-03-18
"""


def rows() -> list[Row]:
    found: list[Row] = []
    meeting = date.min
    for line in _TABLE.strip().splitlines():
        if line.startswith("#"):
            meeting = date.fromisoformat(line.split()[-1])
            continue
        said, _, due = line.rpartition(" | ")
        found.append(Row(meeting, said, None if due == "-" else date.fromisoformat(due)))
    return found
