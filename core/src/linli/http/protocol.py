"""uvicorn's HTTP protocol with what it lacks: bounds on headers, deadlines without timers, answers in one piece."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

WHOLE_ANSWER: Final = "linli.whole_answer"
"""The ASGI extension for giving an answer in one piece: its `write` is `Exchange.answer_whole`."""


class Exchange(RequestResponseCycle):
    """One request and its response."""

    _given = False

    async def receive(self) -> Any:
        """The next part of the body; when all of it is here, as a small one is, it is given without an event."""
        if self._given or self.more_body or self.waiting_for_100_continue or self.disconnected:
            return await super().receive()
        self._given = True
        self.message_event.clear()
        self.flow.resume_reading()
        body, self.body = bytes(self.body), bytearray()
        return {"type": "http.request", "body": body, "more_body": False}

    def answer_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Write an answer whose header lines are ready, each with its end; False when it must be sent by messages.

        `head` has the content-length and is not looked at again, so it must be of the application's own making.
        """
        if self.response_started or self.disconnected or self.flow.write_paused:
            return False
        if not self.keep_alive or self.scope["method"] == "HEAD":
            return False
        self.response_started = self.response_complete = True
        lines = [STATUS_LINE[status]]
        for name, value in self.default_headers:
            lines += (name, b": ", value, b"\r\n")
        lines += (head, b"\r\n")
        self.transport.writelines((b"".join(lines), body))
        self.message_event.set()
        self.on_response()
        return True


class BoundedHttp(HttpToolsProtocol):
    """A connection. Headers are bounded in size and in time, and so is the time for which an idle client is kept.

    One timer serves a connection for seconds: when it rings, it looks for what it now would have to wait, and
    goes on. To set and cancel a timer for each request would cost as much as to read the request.
    """

    header_bytes_max = 64 * 1024
    header_deadline_s = 15.0
    _header_bytes = 0
    _reading_headers = True
    _due: float | None = None
    _timer: asyncio.TimerHandle | None = None
    _rings_at = 0.0
    _parsed_url = b""
    _address: tuple[str, bytes, bytes] = ("", b"", b"")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a new connection its time for the first request's headers."""
        super().connection_made(transport)
        self._expect_within(self.header_deadline_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer of a connection that is gone."""
        if self._timer is not None:
            self._timer.cancel()
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
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        if not self._reading_headers:
            self._reading_headers = True
            self._expect_within(self.header_deadline_s)

    def on_headers_complete(self) -> None:
        """The headers are here: begin to answer, or wait until the requests before this one are answered."""
        self._reading_headers = False
        self._header_bytes = 0
        self._due = None
        before = self.cycle
        self.cycle = self._exchange()
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_response_complete(self) -> None:
        """Go on with the next request, or give the client some time to send it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif not self._reading_headers:
            self._expect_within(self.timeout_keep_alive)

    def _exchange(self) -> Exchange:
        version = self.parser.get_http_version()
        keep_alive = version != "1.0" and self.parser.should_keep_alive()
        self.scope = self._scope(version)
        exchange = Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        self.scope["extensions"] = {WHOLE_ANSWER: {"write": exchange.answer_whole}}
        return exchange

    def _scope(self, version: str) -> Any:
        if self.url != self._parsed_url:
            self._address, self._parsed_url = _address(self.url), self.url
        path, raw_path, query = self._address
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": self.parser.get_method().decode("ascii"),
            "root_path": "",
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": self.headers,
            "state": self.app_state.copy(),
        }

    def _expect_within(self, seconds: float) -> None:
        """Close the connection unless the client sends what is expected of it within so many seconds."""
        self._due = self.loop.time() + seconds
        if self._timer is None or self._due < self._rings_at:
            self._wind()

    def _wind(self) -> None:
        assert self._due is not None
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = self._due
        self._timer = self.loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._due is None:
            return  # it is we of whom something is expected
        if self.loop.time() < self._due:
            self._wind()
        else:
            self.transport.close()


def _address(url: bytes) -> tuple[str, bytes, bytes]:
    """The path, the same as it was sent, and the query. Raises: httptools' error for what is no address."""
    parsed = httptools.parse_url(url)
    path = parsed.path.decode("ascii")
    return unquote(path) if "%" in path else path, parsed.path, parsed.query or b""
