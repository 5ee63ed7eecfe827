"""Answers read by `h11`."""

from __future__ import annotations

import h11

from freetier.drivers.http.answers import HEAD_MAX, Malformed, text
from freetier.values.wire import Header

# h11 writes requests as well and wants to have done so before it reads. Ours are written
# once per account; it is told of a request that stands for all of them.
_REQUEST = h11.Request(method="POST", target="/", headers=[("host", "any")])
_END = h11.EndOfMessage()


class H11Reader:
    """See `Reader`."""

    __slots__ = ("_connection", "_length", "done", "headers", "status")

    def __init__(self) -> None:
        self._connection = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=HEAD_MAX)
        self.status = 0
        self.headers: tuple[Header, ...] = ()
        self.done = False

    def begin(self) -> None:
        """Expect an answer."""
        self.status, self.headers, self.done = 0, (), False
        if self._connection.our_state is h11.DONE:
            self._connection.start_next_cycle()
        self._connection.send(_REQUEST)
        self._connection.send(_END)

    @property
    def reusable(self) -> bool:
        """Tell whether another request may follow."""
        connection = self._connection
        return connection.their_state is h11.DONE and connection.trailing_data == (b"", False)

    def feed(self, data: bytes) -> bytes:
        """Take some bytes and return what of the body they hold; nothing is the end of all."""
        pieces = []
        try:
            self._connection.receive_data(data)
            while True:
                event = self._connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.Data):
                    pieces.append(bytes(event.data))
                elif isinstance(event, h11.Response):
                    self.status = event.status_code
                    self.headers = text(event.headers.raw_items())
                elif isinstance(event, h11.EndOfMessage):
                    self.done = True
                    break
                elif isinstance(event, h11.ConnectionClosed):
                    break
        except h11.RemoteProtocolError as error:
            raise Malformed(str(error)) from None
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
