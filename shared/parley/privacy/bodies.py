"""The bodies of /erasures."""

from pydantic import model_validator

from parley.core.fields import EmailAddress, Ident, Strict


class ErasureRequest(Strict):
    """Whom or what to erase, exactly one. `run_id` may be a delivery's SES id, for all its runs."""

    address: EmailAddress | None = None
    run_id: Ident | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "ErasureRequest":
        if (self.address is None) == (self.run_id is None):
            raise ValueError("give either an address or a run_id")
        return self


class Kept(Strict):
    """What stays, and why."""

    what: str
    why: str


class Backup(Strict):
    """What still holds it, and until when; `until` None: that is not ours to say."""

    what: str
    until: str | None


class Certificate(Strict):
    """What an erasure removed. `subject` is a keyed hash of the address, or the id that was given.

    `complete` is false where something is `left` to do: the same request, repeated, goes on.
    """

    id: Ident
    tenant: str
    subject: str
    complete: bool
    requested_at: str
    completed_at: str | None
    removed: dict[str, int]
    kept: list[Kept]
    backups: list[Backup]
    left: list[Kept]
