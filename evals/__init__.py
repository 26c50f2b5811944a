"""How good the analysis is, and the training of what it has learned."""
