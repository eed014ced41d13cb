"""A drawn city square in which the number of people is known exactly: demo, tests, training."""

from monitor.video.plaza.draw import Plaza, PlazaPicture
from monitor.video.plaza.frame_code import read_frame_number
from monitor.video.plaza.source import PlazaSource

__all__ = ["Plaza", "PlazaPicture", "PlazaSource", "read_frame_number"]
