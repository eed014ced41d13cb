"""Learns the counting models; needs the `training` extra."""

import monitor as monitor  # before ONNX Runtime is loaded: keeps it from calling home
