"""What the fields of erasures mean, for the OpenAPI document."""

FIELDS = {
    "erasure_id": "The certificate's id.",
    "ErasureRequest.address": "The person's address, in lower case.",
    "ErasureRequest.run_id": "An email run, or a delivery's SES id for all its runs.",
    "Certificate.subject": "A keyed hash of the address, or the id that was given.",
    "complete": "False where something is left to do: the same request, repeated, goes on.",
    "requested_at": "When it was asked for.",
    "completed_at": "When it was complete; null until it is.",
    "removed": "How many records were removed, by kind.",
    "kept": "What stays.",
    "backups": "What still holds it.",
    "left": "What is left to do.",
    "what": "The kind of record.",
    "why": "The reason.",
    "until": "Until when; null: that is not ours to say.",
}
