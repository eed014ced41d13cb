"""Who may ask."""

from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.service.access import SHORTEST_TOKEN, Access, access_of, refusal
from monitor.settings import StatusSettings

TOKEN = "a-token-of-many-letters"
GUARDED = Access(Secret(TOKEN), is_local=False)


def judge(access: Access, *, host: str = "", authorization: str = "", query: str = ""):
    refused = refusal(access, host=host, authorization=authorization, query=query)
    return None if refused is None else refused.status


@given(st.text(), st.text())
def test_nothing_but_the_token_opens_the_door(authorization: str, query: str) -> None:
    """Law: any header and any query without the token in it is refused, and none breaks it."""
    expected = None if TOKEN in authorization + query else HTTPStatus.UNAUTHORIZED

    assert judge(GUARDED, authorization=authorization, query=query) is expected


@pytest.mark.parametrize(
    ("authorization", "query", "is_let_in"),
    [
        (f"Bearer {TOKEN}", "", True),
        (f"BEARER   {TOKEN} ", "", True),
        ("", f"a=b&token={TOKEN}", True),
        (TOKEN, "", False),
        (f"Bearer {TOKEN}x", "", False),
        (f"Bearer {TOKEN[:-1]}", "", False),
        ("Bearer wrong", f"token={TOKEN}", False),
        ("", f"token=wrong&token={TOKEN}", False),
        ("", f"TOKEN={TOKEN}", False),
        ("", "&".join(["x=1"] * 100 + [f"token={TOKEN}"]), False),
    ],
)
def test_the_token_is_shown_in_one_of_two_ways(
    authorization: str, query: str, is_let_in: bool
) -> None:
    """The header counts before the query; a near miss is a miss."""
    status = judge(GUARDED, authorization=authorization, query=query)

    assert (status is None) == is_let_in


def test_a_token_guards_this_machine_too() -> None:
    """Who sets one wants it asked for, by every user of the machine."""
    access = Access(Secret(TOKEN), is_local=True)

    assert judge(access, host="localhost") is HTTPStatus.UNAUTHORIZED
    assert judge(access, host="elsewhere", authorization=f"Bearer {TOKEN}") is None


def test_the_token_is_where_the_settings_say(tmp_path: Path) -> None:
    """Without one there is none; a short one is refused without being shown."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)

    assert access_of(StatusSettings(), {}) == Access(None, is_local=True)
    found = access_of(StatusSettings(host="0.0.0.0", token_env="T"), {"T": TOKEN})
    assert found == Access(Secret(TOKEN), is_local=False)
    assert access_of(StatusSettings(token_file=str(file)), {}).token == Secret(TOKEN)
    with pytest.raises(SettingsError, match="fewer than") as caught:
        access_of(StatusSettings(token_env="T"), {"T": "x" * (SHORTEST_TOKEN - 1)})
    assert "xxx" not in str(caught.value)
    with pytest.raises(SettingsError, match="T is not set"):
        access_of(StatusSettings(token_env="T"), {})
