"""Numbers out of the program: CSV now, others behind the same interface."""
