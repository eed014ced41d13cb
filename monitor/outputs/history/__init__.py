"""History of readings and the alarm journal."""
