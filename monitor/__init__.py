"""Crowd Monitor: how many people, where, how sure, and whether it is becoming dangerous."""

__version__ = "0.1.0"
