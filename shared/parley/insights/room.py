"""The room of insights: what was found in the transcripts of meetings."""

from parley.api.room import Room
from parley.insights import routes, routes_analysis
from parley.insights.erasure import InsightsErasure
from parley.insights.kinds import JOB
from parley.insights.reference import FIELDS

INSIGHTS = Room(
    name="insights",
    routers=(routes.router, routes_analysis.meetings, routes_analysis.uploads, routes_analysis.jobs),
    kinds=(JOB,),
    tags={
        "uploads": "Transcripts that are too big for a request.",
        "jobs": "Analyses that were put off, and how far they have come.",
    },
    fields=FIELDS,
    erasure=InsightsErasure(),
)
