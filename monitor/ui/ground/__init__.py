"""The ground-plane editor: metres on the ground, marked on the picture."""
