"""ONVIF: finding network cameras, and asking them where their pictures are."""
