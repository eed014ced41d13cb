"""Reads the checkpoints that the authors of CLIP-EBC and ZIP released."""
