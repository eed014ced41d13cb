"""The desktop window: the only place for PyQt6 and pyqtgraph."""
