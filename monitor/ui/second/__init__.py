"""A second window for a second screen: all cameras there, one of them and the alarms here."""
