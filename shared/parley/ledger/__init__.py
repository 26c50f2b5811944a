"""The promise: runs, claims, recorded steps, the outbox, the sweeper, and retention."""
