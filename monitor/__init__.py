"""Crowd Monitor: how many people, where, how sure, and whether it is becoming dangerous."""

import os

__version__ = "0.1.0"

# From 1.29 on, ONNX Runtime tells its makers what it runs, unless it is told not to before it is
# loaded. What watches cameras tells nobody anything.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
