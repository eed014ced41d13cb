"""Frames in: streams, files, pictures, webcams, and a drawn plaza with a known number of people."""
