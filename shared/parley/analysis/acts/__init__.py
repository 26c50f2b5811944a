"""What each sentence of a talk does: a small trained classifier over its words and its neighbours."""
