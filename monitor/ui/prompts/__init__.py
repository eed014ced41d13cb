"""What each camera counts, as the operator types it."""
