"""Run the services: one process, or several on one database that behave as one."""

import os
import resource
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

import uvicorn

from boundary import limits
from boundary.serving import tally
from boundary.serving.tally import Tally
from passeport.serve.inspection import inspect
from passeport.serve.patience import Patient
from passeport.serve.settings import Service

_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_TALLY = "tally"


def metrics_folder() -> str | None:
    """Where several worker processes count together."""
    return os.environ.get(_METRICS)


def worker_tally() -> Tally:
    """Return what counts how often somebody asks, together with the other workers if there are any."""
    file = Path(metrics_folder() or "/", _TALLY)
    return Tally(tally.shared(file)) if metrics_folder() and file.exists() else Tally()


def run(settings: Service) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is finished.

    Raises UnavailableError ``service.storage`` before it begins, if what it keeps cannot be used.
    """
    inspect(settings.home)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash writes no copy of the keys
    signal.signal(signal.SIGTERM, _ended)
    os.environ.update(_environment(settings))
    folder = tempfile.mkdtemp(prefix="passeport-metrics-") if settings.workers > 1 else None
    if folder:
        os.environ[_METRICS] = folder
        tally.create(Path(folder, _TALLY))
    try:
        uvicorn.run(
            "passeport.serve.app:from_settings",
            factory=True,
            http=Patient,
            h11_max_incomplete_event_size=limits.HEAD_BYTES,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            timeout_graceful_shutdown=settings.stop_seconds,
            server_header=False,
            access_log=False,
            log_level="warning",
        )
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _ended(_signal: int, _frame: FrameType | None) -> None:
    """Who is told to stop, and did, ended well: the server raises the signal anew once it has finished."""
    sys.exit(0)


def _environment(settings: Service) -> dict[str, str]:
    """A worker process reads its settings again: what was said on the command line must reach it."""
    return {
        f"PASSEPORT_{name.upper()}": str(getattr(settings, name))
        for name in ("home", "role", "host", "port", "public_url", "workers")
    }
