"""What is stored of alarms and of people: `[evidence]` and `[privacy]` of a site file.

What the program works with is made of them in `monitor.outputs.evidence`, above this room.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from monitor.core.privacy import Privacy
from monitor.core.rule import Priority


class _Record(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class EvidenceSettings(_Record):
    """`[evidence]`: a folder for each alarm with all that was known when it rang."""

    folder: Annotated[str, Field(min_length=1)]
    """Where the folders go; it is made where it is not there."""
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)] = (
        Priority.HIGH,
        Priority.MEDIUM,
    )
    """Alarms of which priorities are kept."""
    stream_alarms: bool = False
    """Whether a camera's own alarm, that it cannot be counted, is kept too."""
    before_min: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Minutes of counts before the alarm."""
    after_min: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Minutes of counts after it."""
    clip: bool = False
    """Whether video around the alarm is kept as the camera sent it. It shows more of people than a
    picture does, and cannot be blurred: where `[privacy]` is stricter, none is kept."""
    clip_before_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds of video before the alarm; it begins with a key picture, so with some more."""
    clip_after_s: Annotated[float, Field(ge=0, le=60)] = 10.0
    """Seconds of video after it."""
    clip_max_mib: Annotated[float, Field(ge=1, le=1024)] = 48.0
    """Memory for the newest video of one camera, MiB; with less than its video takes, clips are
    shorter and say so."""
    keep_days: Annotated[float, Field(gt=0, le=36_500)] = 90.0
    """Days for which it is kept; a file `KEEP` in a folder keeps that for ever."""
    max_gb: Annotated[float, Field(gt=0)] = 5.0
    """Size of all folders together, GB; then the oldest go."""
    min_free_gb: Annotated[float, Field(ge=0)] = 1.0
    """Room left to others on the disk, GB; then the oldest go."""


class PrivacySettings(_Record):
    """`[privacy]`: what may be stored of pictures, in evidence and where a person saves one."""

    pictures: Privacy = Privacy.AS_THEY_ARE
    """as they are; blur people (where the model sees them: no proven anonymity); blur all; none."""
