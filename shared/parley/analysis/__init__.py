"""A transcript to insights, each with the sentence that proves it: by a model, or by rules."""
