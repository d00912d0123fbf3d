"""``make demo`` plays to its end: each command ends as it must, each refusal for its own reason."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_demonstration_plays_to_its_end(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-m", "passeport.demo"],
        env={**os.environ, "PASSEPORT_HOME": str(tmp_path), "PASSEPORT_LANG": "fr"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-3000:] + played.stderr[-3000:]
    shown = played.stdout.partition("\n8. ")[2].partition("\n9. ")[0]
    assert "RNCP37674BC01" in shown
    assert "confirmée par employeur.example" in shown
    assert "29/02/2000" not in shown, "the birth date was not chosen"
    assert (tmp_path / "demo" / "partage.png").stat().st_size > 0
