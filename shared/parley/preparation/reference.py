"""What the fields of preparations mean, for the OpenAPI document."""

FIELDS = {
    "PrepareRequest.user_id": "Who is to be prepared; null where a mailbox asks.",
    "BriefBody.name": "The contact's name.",
    "BriefBody.role": "What the contact does.",
    "when": "When the meeting is, on the reader's wall.",
    "past": "The last meetings with the contact, newest first, with what was found in them.",
    "pending": "What is still open of what was promised.",
    "held": "How many meetings with the contact there were.",
    "context": "What to know.",
    "contact_summary": "Who the contact is.",
    "recent_interactions": "What the last meetings were about.",
    "suggested_topics": "What to talk about.",
    "pending_action_items": "What is still open, and the meeting in which it was promised.",
}
