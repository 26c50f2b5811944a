"""How far what a mail says is believed: three degrees, settled once from its authenticated sender."""

from __future__ import annotations

from enum import StrEnum


class Trust(StrEnum):
    """Whose word it is. docs/promises.md lists what each may do, and a test walks that list.

    own       a user of the tenant, or a member whom the mailbox names by address or domain
    known     someone outside who belongs to this meeting or conversation by an act of an own one
    stranger  anybody else whom `*` lets in, and whoever is known not to be who they say
    """

    OWN = "own"
    KNOWN = "known"
    STRANGER = "stranger"
