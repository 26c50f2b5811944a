"""Users, contacts, and the addresses that are blocked or suppressed."""
