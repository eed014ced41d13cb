"""What each command does; `monitor.cli` only reads its options and picks one of these."""
