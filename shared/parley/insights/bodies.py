"""The bodies of a meeting's insights, as they are stored and edited."""

from typing import Annotated, Any, Literal

from pydantic import Field

from parley.analysis.insight import RelationshipHealth, SentimentLabel, Severity
from parley.analysis.machine import INSIGHT_NAMES
from parley.core.fields import Ident, Instant, Open, RealDay, Strict, Words

ExtractorName = Literal[
    "summary", "action_items", "key_topics", "decisions", "sentiment", "follow_ups", "risks"
]


class EvidenceShape(Open):
    """See `analysis.insight.Evidence`. What a person adds need not have been said."""

    quote: str = ""
    speaker: str | None = None
    segment: Annotated[int, Field(ge=0)] | None = None
    start: float | None = None
    verified: bool = False


class _Proven(Open):
    evidence: EvidenceShape | None = None


class SummaryShape(Open):
    """What the meeting was about."""

    text: Words


class ActionItemShape(_Proven):
    """Something that was promised; `owner` and `due_date` are null where nobody said them."""

    text: Words
    owner: str | None = None
    due_date: RealDay | None = None


class KeyTopicShape(_Proven):
    """What was talked about."""

    topic: Words


class DecisionShape(_Proven):
    """What was decided."""

    text: Words


class SentimentShape(_Proven):
    """The tone, and how the relationship stands; `score` is from -1 to 1."""

    label: SentimentLabel
    score: Annotated[float, Field(ge=-1, le=1)] | None = None
    relationship_health: RelationshipHealth | None = None


class FollowUpShape(_Proven):
    """A next contact."""

    text: Words
    due_date: RealDay | None = None


class RiskShape(_Proven):
    """What may go wrong."""

    text: Words
    severity: Severity | None = None


class InsightsShape(Strict):
    """Each field is None where its extractor failed; `errors` then says why."""

    summary: SummaryShape | None = None
    action_items: list[ActionItemShape] | None = None
    key_topics: list[KeyTopicShape] | None = None
    decisions: list[DecisionShape] | None = None
    sentiment: SentimentShape | None = None
    follow_ups: list[FollowUpShape] | None = None
    risks: list[RiskShape] | None = None

    def as_given(self) -> dict[str, Any]:
        """All seven as JSON values, and in each what was given: nothing is made up beside it."""
        return dict.fromkeys(INSIGHT_NAMES) | self.model_dump(mode="json", exclude_unset=True)


class InsightsRequest(Open):
    """`run_id` names the analysis, and is required of the pipeline; `produced_at` orders analyses.

    `extractors`: of which insights this speaks; None: of all. What stands of the others stays.
    `over_edits`: somebody asked for it in the place of a person's edit.
    """

    run_id: Ident | None = None
    insights: InsightsShape
    errors: Annotated[dict[str, str], Field(default_factory=dict)]
    partial_success: bool = False
    extractors: Annotated[list[ExtractorName], Field(max_length=len(INSIGHT_NAMES))] | None = None
    over_edits: bool = False
    source: str | dict[str, Any] | None = None
    produced_at: Instant | None = None


class StoredInsights(InsightsRequest):
    """`stored` is false where a PUT changed nothing, and `reason` says why.

    repeated: this run was stored before. edited: a person changed what stands.
    newer: what stands was produced later. deleted: the meeting was removed.
    """

    meeting_id: Ident
    version: int
    edited_by: str | None = None
    stored: bool = True
    reason: Literal["repeated", "edited", "newer", "deleted"] | None = None
