"""A drawn city square in which the number of people is known exactly: demo, tests, training."""

from monitor.plaza.draw import Plaza, PlazaPicture
from monitor.plaza.frame_code import read_frame_number

__all__ = ["Plaza", "PlazaPicture", "read_frame_number"]
