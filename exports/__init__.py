"""Turns a checkpoint into one self-describing model file."""
