"""Frozen records that cross rooms and threads: predictions, readings, alarm states."""
