"""`[status]`: who may ask the headless program how it is doing, and under which address."""

import ipaddress
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LOOPBACK_HOST = "127.0.0.1"


class StatusSettings(BaseModel):
    """`[status]`: the page on which the headless program tells how it is doing."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    host: Annotated[str, Field(min_length=1)] = LOOPBACK_HOST
    """Address of this machine to answer on: 127.0.0.1 for this machine alone, 0.0.0.0 for every
    network, which needs a token."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    """Port to answer on; 0: any that is free."""
    token_env: Annotated[str, Field(min_length=1)] | None = None
    """Environment variable with the token that whoever asks must show; absent: see `token_file`."""
    token_file: Annotated[str, Field(min_length=1)] | None = None
    """Private file (mode 600) with the token; absent and no `token_env`: none is asked for."""
    pictures: bool = True
    """Whether pictures can be had, or numbers only."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _others_need_a_token(self) -> Self:
        if self.token_env is not None and self.token_file is not None:
            raise ValueError("give either token_env or token_file, not both")
        if not self.is_local and self.token_env is None and self.token_file is None:
            raise ValueError(
                f"host {self.host} can be reached by other machines, so a token is needed: name "
                "an environment variable with token_env or a private file with token_file"
            )
        return self


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine alone; False for other names."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
