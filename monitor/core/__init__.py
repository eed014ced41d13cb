"""What all rooms share: frozen records, the model contract, errors, clock and secrets."""
