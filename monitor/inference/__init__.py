"""Open a model file, choose where it runs, and turn frames into predictions."""
