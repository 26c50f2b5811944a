"""What the rest of Parley talks about. Frozen, free of I/O, cheap to import.

Plain dataclasses on purpose: pydantic alone costs 47 ms of a 300 ms cold
start. Where untrusted JSON comes in (a model's answer, an HTTP body) pydantic
validates straight into these same classes, on the path that needs it.
"""
