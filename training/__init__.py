"""Learns the counting models; needs the `training` extra."""
