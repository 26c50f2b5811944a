"""What an erasure removes of a person or an email, and what of it stays, with its certificate."""
