"""What may be stored of the pictures in which people can be recognized."""

from enum import StrEnum


class Privacy(StrEnum):
    """How pictures are changed before they are stored; what is only shown is not changed."""

    AS_THEY_ARE = "as they are"
    """Stored as they came."""
    BLUR_PEOPLE = "blur people"
    """Wherever the model sees people, and around them, only coarse squares are left. Whom the
    model does not see stays as clear as before."""
    BLUR_ALL = "blur all"
    """Nothing but coarse squares is left of the whole picture."""
    NO_PICTURES = "none"
    """No picture is stored at all: only counts and maps of them."""
