"""Numbers from density maps: readings, intervals, alarms, heat-map colours."""
