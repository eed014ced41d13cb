"""Counts, alarms and commands over an MQTT broker."""
