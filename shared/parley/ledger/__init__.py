"""The ledger: runs that survive crashes, copies and retries. It knows nothing of e-mail.

ledger.py    the interface: `Ledger`, and an attempt at a run under a deadline
claims.py    who works on a run (lease, take-over, attempts), replay, how it ended
steps.py     checkpoints: what is done once and read back
outbox.py    messages, and why none is sent twice
keys.py      the keys of the runs table
table.py     the table's port and its version-guarded writes
sweep.py     runs whose worker died are put back into their queue
gauges.py    how much waits for somebody, as metrics
waiting.py   what waits for somebody, as lists
erasure.py   what is removed of a run, by request and by retention
"""
