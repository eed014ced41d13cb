"""Turns a checkpoint into one self-describing model file."""

import monitor as monitor  # before ONNX Runtime is loaded: keeps it from calling home
