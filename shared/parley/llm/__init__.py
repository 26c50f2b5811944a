"""Asking a model: the gateway, its retry policy, circuit breaker and budget, and the prompts.

A provider is one adapter and one row in `bootstrap.model.PROVIDERS`; the versioned
prompts are the files in `prompts/`.
"""
