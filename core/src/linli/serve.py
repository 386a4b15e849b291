"""`linli serve`: the web process, on uvicorn, uvloop and httptools; one process, or several on one socket."""

from __future__ import annotations

import asyncio
import ctypes
import functools
import multiprocessing
import os
import signal
import socket
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors.multiprocess import Multiprocess

from linli.app import Application, create_app
from linli.logs import configure_logs
from linli.settings import Settings

_GRACE_S: Final = 10
_BACKLOG: Final = 1024
_PR_SET_PDEATHSIG: Final = 1


class PortBusy(RuntimeError):
    """The address is in use by another program: a sentence for a terminal."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with what it lacks: limits on the size of headers and on the time that they take."""

    header_bytes_max = 64 * 1024
    header_deadline_s = 15.0
    _header_bytes = 0
    _header_timer: asyncio.TimerHandle | None = None
    _reading_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a new connection its time for the first request's headers."""
        super().connection_made(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer of a connection that is gone."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the headers are too large already."""
        if self._reading_headers:
            if self._header_bytes > self.header_bytes_max:
                self.transport.close()
                return
            self._header_bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Watch the headers of a further request on a kept connection too."""
        super().on_message_begin()
        if not self._reading_headers:
            self._await_headers()

    def on_headers_complete(self) -> None:
        """The headers are here."""
        self._reading_headers = False
        self._header_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def _await_headers(self) -> None:
        self._reading_headers = True
        self._stop_timer()
        self._header_timer = self.loop.call_later(self.header_deadline_s, self.transport.close)

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None


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
