"""Evidence packs: what was known when an alarm rang, kept so that a change of it shows."""
