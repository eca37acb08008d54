"""uvicorn's HTTP/1.1, with an end to its patience, and each answer in one piece.

A connection that says nothing, or says its request too slowly, is closed: it holds no place for long. uvicorn waits
for ever for the head of a request; the body has its own time, in the shield.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from opqibi_rules.web.shield import WHOLE

HEAD = 10.0
"""Seconds for the head of a request, from the connection or from its first byte."""
HEAD_BYTES = 32_768
"""The longest head that is read."""


class InOnePiece(h11.Connection):
    """Lets the head of an answer out with what comes next, its body: a call of the system less, a packet less."""

    _head: tuple[bytes, ...] = ()

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        """The bytes to let out for an event; none yet for a head."""
        pieces = super().send_with_data_passthrough(event)
        if pieces is None:  # the connection is to be closed
            return None
        pieces[:0] = self._head
        self._head = tuple(pieces) if isinstance(event, h11.Response) else ()
        return [] if self._head else pieces


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, whose patience has an end."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """A caller is there: the head of a request is due."""
        super().connection_made(transport)
        self.conn = InOnePiece(h11.SERVER, HEAD_BYTES)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Bytes of a head, or of a body."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
            whole: dict[str, dict[object, object]] = {} if self.cycle.more_body else {WHOLE: {}}
            self.cycle.scope["extensions"] = whole
        elif self._waiting is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(HEAD, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
