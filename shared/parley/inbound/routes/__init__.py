"""What is done with an email: one module a route, one row in `ROUTES`, the first that takes it."""

from __future__ import annotations

from parley.inbound.routes.base import Route
from parley.inbound.routes.deal import DealRoute
from parley.inbound.routes.how_to import OtherRoute
from parley.inbound.routes.invite import InviteRoute
from parley.inbound.routes.transcript import TranscriptRoute

ROUTES: tuple[Route, ...] = (DealRoute(), TranscriptRoute(), InviteRoute(), OtherRoute())
