"""Asking a model: the gateway (retries, budget, usage), and the prompts.

A provider is one adapter and one row in `bootstrap.model.PROVIDERS`; the versioned
prompts are the files in `prompts/`.
"""
