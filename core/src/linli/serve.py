"""`linli serve`: the web process, on uvicorn, uvloop and httptools; one process, or several on one socket."""

from __future__ import annotations

import ctypes
import functools
import multiprocessing
import os
import signal
import socket
from typing import Final

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess

from linli.app import Application, create_app
from linli.http.protocol import BoundedHttp
from linli.logs import configure_logs
from linli.settings import Settings

_GRACE_S: Final = 10
_BACKLOG: Final = 1024
_PR_SET_PDEATHSIG: Final = 1


class PortBusy(RuntimeError):
    """The address is in use by another program: a sentence for a terminal."""


def main(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; requests under way get 10 seconds to end.

    Raises: PortBusy.
    """
    configure_logs()
    config = uvicorn.Config(
        functools.partial(application, settings),
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.web_processes,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever puts a proxy before us names it; otherwise a client could choose its own address.
        proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_worker_healthcheck=30,
    )
    listener = listen(settings.host, settings.port)
    server = uvicorn.Server(config)
    try:
        if settings.web_processes == 1:
            server.run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()
    except KeyboardInterrupt:
        return  # uvicorn raises the signal again once it has stopped in good order
    finally:
        listener.close()


def application(settings: Settings) -> Application:
    """Give the application of one process; one that was forked for it ends with its parent."""
    if multiprocessing.parent_process() is not None:
        configure_logs()
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    return create_app(settings)


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket. Raises: PortBusy."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PortBusy(f"{host}:{port} cannot be opened: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener
