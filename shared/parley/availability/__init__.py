"""When people are free: calendars, occurrences of series, and the times that are left."""
