"""Series: what one camera counts of one thing, and the name that says both.

A camera may count several things, *people* and *bicycles*. Each is a count of its own, with its own
curve, zones, alarms and rows in the history, so each has a name of its own, under which every
receiver knows it: people go by the camera's name alone, `Gate`, anything else by that and its own,
`Gate · bicycles`. So nobody takes a count of bicycles for people, whatever shows or keeps it, and
rows of different things never mix.
"""

PEOPLE = "people"
"""What is counted where nobody asks for something else."""
SEPARATOR = " · "
"""Between the camera and the thing; no camera and no area has it in its name."""
LONGEST_THING = 200
"""Letters of a name for a thing; CLIP reads some 70 tokens."""
MOST_THINGS = 8
"""Things counted before one camera: each is a tile on the wall and a share of the model's time."""


def series_name(camera: str, thing: str) -> str:
    """Give the name under which a thing is counted before a camera."""
    return camera if thing == PEOPLE else f"{camera}{SEPARATOR}{thing}"


def camera_of(series: str) -> str:
    """Give the camera of a series."""
    return series.partition(SEPARATOR)[0]


def thing_of(series: str) -> str:
    """Give what a series counts, in the plural."""
    return series.partition(SEPARATOR)[2] or PEOPLE


def unit_for(unit: str, thing: str) -> str:
    """Give a unit of people for another thing: `people/min` for bicycles is `bicycles/min`."""
    return unit if thing == PEOPLE else unit.replace(PEOPLE, thing, 1)


def check_camera_name(name: str) -> None:
    """Make sure that a camera or area can be called so; raises a `ValueError` with the reason."""
    if SEPARATOR in name:
        raise ValueError(f"{name!r}: {SEPARATOR!r} stands between a camera and what it counts")


def things_named(words: str) -> tuple[str, ...]:
    """Read what somebody typed: `people, red cars` names two things.

    Args:
        words: Names with commas between them; case and spaces do not matter.

    Returns:
        The things in the order typed, each once; empty where nothing was typed.

    Raises:
        ValueError: If there are too many, or one of them is too long or cannot be part of a name.
    """
    cleaned = (" ".join(part.split()).lower() for part in words.split(","))
    things = tuple(dict.fromkeys(one for one in cleaned if one))
    check_things(things)
    return things


def check_things(things: tuple[str, ...]) -> None:
    """Make sure that things can be asked for.

    Args:
        things: Their names.

    Raises:
        ValueError: If there are too many or one twice, or a name is empty, too long, or holds what
            stands between a camera and a thing.
    """
    if len(things) > MOST_THINGS:
        raise ValueError(f"{len(things)} things are too many; {MOST_THINGS} at most")
    if len(set(things)) < len(things):
        raise ValueError("a thing is named twice; name each once")
    for one in things:
        if not one or one != " ".join(one.split()) or len(one) > LONGEST_THING:
            raise ValueError(f"{one[:40]!r} is no name for a thing: 1 to {LONGEST_THING} letters")
        if SEPARATOR.strip() in one or "," in one:
            raise ValueError(f"{one!r}: the name of a thing has no comma and no ·")
