"""The rules analyzer: insights from a transcript without a network or a model (see `analyzer`)."""
