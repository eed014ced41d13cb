"""The zone editor: parts of a picture, drawn on it."""
