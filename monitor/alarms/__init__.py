"""Alarms: rules, conditions, state machine, board, load and replay."""
