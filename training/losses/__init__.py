"""What a network is taught by: losses from the papers."""
