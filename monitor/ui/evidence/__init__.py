"""What the window shows of the evidence that was kept of alarms."""
