"""What the fields of users, contacts and blocked addresses mean, for the OpenAPI document."""

FIELDS = {
    "name": "The person's name.",
    "email": "Their address, in lower case.",
    "role": "What they do, in words; it allows nothing.",
    "company": "Where they work; empty until somebody knows it.",
    "User.time_zone": "The IANA zone in which the user's meetings are written down.",
    "UserChanges.time_zone": "The IANA zone in which the user's meetings are written down.",
    "UserRequest.time_zone": "The IANA zone in which the user's meetings are written down.",
    "former_emails": "Addresses that they had before.",
    "Block.address": "A bare address, or `@domain` for all of a domain.",
    "Block.reason": "Why it is blocked.",
    "BlockRequest.reason": "Why it is blocked.",
    "Block.source": "An SES event id, or a person's words.",
    "BlockRequest.source": "An SES event id, or a person's words.",
}
