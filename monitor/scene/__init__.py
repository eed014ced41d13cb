"""Numbers from density maps: zones, ground plane, people per m², trend, heat-map colors."""
