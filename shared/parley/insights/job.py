"""How far a job has come."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """Whether a job is waiting, at work, or over."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobStage(StrEnum):
    """What is being done; in the order in which it is done."""

    WAITING = "waiting"
    READING = "reading"
    EXTRACTING = "extracting"
    STORING = "storing"
    FINISHED = "finished"
