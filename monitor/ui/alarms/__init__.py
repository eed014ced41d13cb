"""The alarm panel: every alarm that is not normal, and what a person can do about it."""
