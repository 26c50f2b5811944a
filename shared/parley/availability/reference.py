"""What the fields of availability mean, for the OpenAPI document."""

FIELDS = {
    "slots": "The gaps in which everybody is free.",
    "TimeSlot.start": "UTC.",
    "TimeSlot.end": "UTC, not included.",
    "user_ids": "Who is to meet.",
    "date": "The first day, on each user's wall.",
    "end_date": "The last day, included; null: one day.",
    "AvailabilityRequest.duration_minutes": "How long the gap has to be, in minutes.",
    "work_hours": "From and to, in hours since midnight on each user's wall.",
    "weekdays": "ISO weekdays, 1 is Monday; null: a range leaves weekends out, and a single day is any.",
    "tentative": "Whether tentative meetings count as busy or free.",
    "order": "time, or best: first what suits everybody best.",
    "AvailabilityRequest.limit": "The most gaps to answer.",
}
