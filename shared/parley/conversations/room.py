"""The room of conversations: emails, the messages of threads, and the mailboxes that take them in."""

from parley.api.room import Room
from parley.conversations import routes, routes_mailboxes
from parley.conversations.erasure import ConversationsErasure
from parley.conversations.kinds import EMAIL, MAILBOX, MESSAGE
from parley.conversations.reference import FIELDS

CONVERSATIONS = Room(
    name="conversations",
    routers=(routes.router, routes_mailboxes.router),
    kinds=(EMAIL, MESSAGE, MAILBOX),
    tags={
        "mail": "What became of each email, and the messages of each conversation.",
        "mailboxes": "The addresses that take mail in, and who may write to them.",
    },
    fields=FIELDS,
    erasure=ConversationsErasure(),
)
