"""Cameras running: reader threads, newest-frame mailboxes, health, counting, snapshots."""
