"""Pictures of every screen of the window on drawn squares, for documents and for looking at."""
