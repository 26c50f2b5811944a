"""Mail as it was read and answered: emails, messages, and the mailboxes it comes to."""
