"""How much the alarms ask of people, as a page of the window."""
