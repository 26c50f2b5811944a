"""Cue phrases that announce a decision ("we agreed", "let us go with")."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Cue(NamedTuple):
    """`drop`: "all" where the cue is no part of the text ("let's go with" loses "let's"), "none" where the

    whole sentence is, else the text begins with the cue. `asks`: even a question settles it, since it asks
    whether anybody objects.
    """

    weight: float
    pattern: str
    drop: str
    asks: bool = False


CUES = (
    Cue(
        0.9,
        r"\b[Ww]e(?:'ve| have)? (?:all |also |just |actually |already )*(?:decided|agreed|chose|resolved"
        r"|concluded)\b",
        "",
    ),
    Cue(
        0.9,
        r"\b(?:[Tt]he|[Oo]ur) (?:final )?(?:decision|agreement|consensus|conclusion)(?: (?:here|now"
        r"|today))? (?:is|was)\b",
        "all",
    ),
    Cue(
        0.85,
        r"\b(?:there(?:'s| is)|we have|we've got|sounds like|seems like) (?:a |rough |strong |general "
        r"|some |broad )*(?:agreement|consensus)\b",
        "",
    ),
    Cue(0.85, r"\b[Ii]t (?:was|has been) (?:decided|agreed)\b", ""),
    Cue(
        0.85,
        r"\b[Ll]et's (?:just )?(?=go (?:ahead )?with\b|stick (?:with|to)\b|keep\b|use\b|defer\b"
        r"|postpone\b|drop\b|leave\b|not\b|merge\b|aim\b|plan\b|target\b|remove\b|move forward with\b"
        r"|go for\b|schedule\b|ship\b|launch\b|hold off\b|push\b)",
        "all",
    ),
    Cue(
        0.75,
        r"\b[Ww]e(?:'ll| will|'re going to| are going to|'re gonna) (?:just |then |also "
        r"|definitely )*(?=go (?:ahead )?with\b|stick (?:with|to)\b|keep\b|not (?:do|ship|include|support"
        r"|change|use|implement|add|merge)\b|defer\b|postpone\b|drop\b|move forward with\b|go for\b"
        r"|proceed with\b|ship\b|launch\b|include\b|exclude\b|skip\b|remove\b|cancel\b)",
        "all",
    ),
    Cue(
        0.75,
        r"\b[Ww]e(?:'re| are) (?=not (?:going to|gonna) (?:do|ship|include|support|change|use|implement"
        r"|add|merge|move|renew|pursue)\b|going with\b|going ahead\b|moving forward\b|moving ahead\b"
        r"|sticking with\b|dropping\b|keeping\b)",
        "all",
    ),
    Cue(
        0.6,
        r"\b[Ww]e (?:can|should) (?:then |just |definitely )*(?=go (?:ahead )?with\b|move forward with\b"
        r"|proceed with\b|stick (?:with|to)\b|close\b|merge\b)",
        "all",
    ),
    Cue(
        0.7,
        r"\b(?:has been|have been|was|were|is|are|got) (?:officially |formally |unanimously )?(?:approved"
        r"|accepted|rejected|postponed|deferred|cancelled|canceled|finalized|signed off)(?=\s*(?:[,.;]|$"
        r"|by\b|for\b|and\b|until\b|to\b|on\b))",
        "none",
    ),
    Cue(
        0.7,
        r"\b(?:everyone|everybody|we all|we're all|all) (?:is |are |seems? |seems to be )?(?:agrees?d?"
        r"|in agreement|on board)\b(?= (?:that|with|on|to)\b)",
        "none",
    ),
    # What a chair says to close a point: the point itself stands before it.
    Cue(
        0.75,
        r"\b(?:if|assuming|since|as|unless) (?:there(?:'s| is| are) )?(?:no(?:body| one|-one)?(?: more"
        r"| further| other)?)"
        r" ?(?:complain\w*|object\w*|disagree\w*|concerns?|opposition)\b[^,.]{0,30}[,.…]? ?"
        r"|\b[Nn]o (?:objections?|complaints?|opposition)\b(?: means)?",
        "all",
        asks=True,
    ),
    Cue(0.75, r"\b(?:[Tt]he )?takeaway(?: here| then| now)? (?:is|would be)\b(?: that)?", "all"),
    Cue(0.7, r"\bI(?:'ll| will) take (?:that|this|these|it) as\b", "all"),
    Cue(
        0.7,
        r"\b(?:[Ww]e(?:'ll| will|'re| are|'re going to| can| should)|[Ll]et's) (?:just |then |probably "
        r"|maybe )*"
        r"(?=go(?:ing)? (?:ahead )?with (?:that|this|it|one)\b|do (?:that|it this way)\b)",
        "all",
    ),
    Cue(
        0.65,
        r"\b(?:[Dd]o (?:you|we|you guys|we all|people|folks) (?:all )?agree|(?:is|are) (?:everyone"
        r"|everybody|people|folks|we"
        r"|we all|you) (?:all )?(?:okay|ok|fine|good|aligned|in agreement|happy|on board))\b(?: (?:that"
        r"|with|on|to))",
        "all",
        asks=True,
    ),
    Cue(
        0.6,
        r"\b(?:sounds|seems|looks|feels) like (?=we(?:'re| are| have|'ll| will| can| should| all)\b"
        r"|everyone\b|everybody\b"
        r"|people\b|folks\b|most\b|the (?:consensus|preference|decision|plan|conclusion)\b)",
        "all",
    ),
    Cue(
        0.6,
        r"\b(?:ready|good|okay|ok|safe) to (?=merge\b|go\b|ship\b|be merged\b)|\b(?:was|got|is) merged\b",
        "none",
    ),
    Cue(
        0.6,
        r"\b(?:will not|won't|should not|shouldn't) be (?:part of|included|supported|standardized"
        r"|standardised|changed|added"
        r"|required|mandatory|in (?:the|this))\b|\bwill be (?:optional|mandatory|included|deferred"
        r"|postponed|moved|removed"
        r"|required|cancelled|canceled)\b",
        "none",
    ),
    Cue(
        0.5,
        r"\b(?:I don't think we (?:need|should|want)|[Ww]e don't (?:need|want)|[Ww]e (?:were|are) never"
        r"|[Ww]e(?:'re| are) not) (?=to\b|going to\b|gonna\b)|\b[Ww]e(?:'ll| will) not\b|\b[Ww]e won't\b",
        "",
    ),
    Cue(0.5, r"\b(?:we have|we've got|we made|made) (?:a|that|this|the) decision\b", "none"),
    Cue(
        0.5,
        r"\b(?:makes (?:more |a lot of |the most )?sense|it's better|would be better|I(?:'d"
        r"| would) (?:prefer|propose|suggest"
        r"|say)|I'm in favou?r of|I(?:'m| am) (?:pretty )?convinced)(?: for us)?(?: that)? (?=to\b|we\b"
        r"|\w+ing\b)",
        "all",
    ),
    Cue(
        0.5,
        r"\b[Ww]e(?:'ll| will| can| should| could) (?:probably |just |then |definitely |still "
        r"|also )*(?=keep\b|use\b|defer\b"
        r"|postpone\b|leave\b|drop\b|remove\b|go (?:for|with)\b|stick\b|focus on\b|merge\b|target\b"
        r"|move (?:it|this|that|them|to)\b|support\b|include\b|add (?:it|this|that|the)\b|allow\b|require\b)",
        "all",
    ),
    Cue(0.7, r"\b[Cc]an we (?:all |just )*agree\b(?: (?:that|with|on|to))?", "all", asks=True),
    Cue(
        0.6,
        r"\b(?:everyone|everybody|all clients|most clients|people|folks) (?:is |are |seems? "
        r"|seem to be )+(?:on board"
        r"|in agreement|okay|ok|fine|aligned|in favou?r)\b",
        "none",
    ),
    Cue(
        0.6,
        r"\b(?:gave|given|got|has|have) (?:the|an|his|her|their) (?:okay|ok|approval|go-ahead|thumbs up)\b",
        "none",
    ),
    Cue(
        0.5,
        r"\b[Ww]e can (?:probably |just |then |also )*(?=ignore\b|leave\b|skip\b|close\b|merge\b|ship\b"
        r"|remove\b|move\b"
        r"|do (?:this|that|it)\b|postpone\b|wait\b|go\b)",
        "all",
    ),
    Cue(0.5, r"\b[Tt]he plan (?:is|was|would be|will be)\b", "all"),
    Cue(
        0.4,
        r"^(?:(?:[Oo]kay|[Aa]lright|[Aa]ll right|[Pp]erfect|[Gg]reat|[Cc]ool|[Ss]o|[Tt]hen|I guess"
        r"|I think)[,. ]+){1,4}"
        r"(?=(?:we(?:'ll| will|'re going to)|let's)\b)",
        "all",
    ),
)


@cache
def compiled() -> tuple[tuple[Cue, re.Pattern[str]], ...]:
    """Built on first use, kept for the life of the process: it depends on nothing."""
    return tuple((cue, re.compile(cue.pattern)) for cue in CUES)
