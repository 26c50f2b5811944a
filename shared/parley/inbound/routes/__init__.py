"""What is done with an email: one module a route, one row in `ROUTES`, the first that takes it."""

from __future__ import annotations

from parley.mailboxes.base import Route
from parley.mailboxes.deal import DealRoute
from parley.mailboxes.invite import InviteRoute
from parley.mailboxes.other import OtherRoute
from parley.mailboxes.transcript import TranscriptRoute

ROUTES: tuple[Route, ...] = (DealRoute(), TranscriptRoute(), InviteRoute(), OtherRoute())
