"""An operator's settings come from the environment or a file; an impossible one keeps it from starting."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from passeport.serve.settings import Service


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "SETTINGS", "PORT", "HOST", "ROLE", "PUBLIC_URL", "WORKERS"):
        monkeypatch.delenv(f"PASSEPORT_{name}", raising=False)


def test_a_laptop_needs_no_settings():
    settings = Service()
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.development


def test_the_file_is_read_and_the_environment_wins(monkeypatch, tmp_path):
    (tmp_path / "passeport.toml").write_text('role = "issuer"\nport = 9000\n', "utf-8")
    monkeypatch.setenv("PASSEPORT_PORT", "9001")
    settings = Service()
    assert (settings.role, settings.port, settings.public_url) == ("issuer", 9001, "http://127.0.0.1:9001")


@pytest.mark.parametrize(
    "url", ["http://passeport.example", "ftp://127.0.0.1", "https://", "https://a.example/?x=1", "//x"]
)
def test_others_are_reached_over_https_only(url):
    with pytest.raises(ValidationError):
        Service(public_url=url)


def test_a_service_for_others_does_not_ask_this_machine():
    assert not Service(public_url="https://passeport.example/").development
    assert Service(public_url="https://passeport.example/").public_url == "https://passeport.example"


@pytest.mark.parametrize(
    "said", [{"port": 0}, {"port": 70_000}, {"workers": 0}, {"role": "king"}, {"body_bytes": 1}]
)
def test_an_impossible_setting_is_refused(said):
    with pytest.raises(ValidationError):
        Service(**said)
