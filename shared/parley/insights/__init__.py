"""What was found in a meeting: insights in versions, action items, analyses and their jobs."""
