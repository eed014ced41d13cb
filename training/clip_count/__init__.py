"""CLIP-Count: a network that counts what a prompt names; its losses, data, scores and training."""
