"""A connection to Redis: commands out, replies in (RESP2, https://redis.io/docs/reference/protocol-spec)."""

import socket


class RedisError(Exception):
    """The server's answer to a command it did not carry out."""


class Redis:
    """One connection, owned by one thread; to be closed."""

    def __init__(self, host, port=6379, timeout=3):
        self._socket = socket.create_connection((host, port), timeout)
        self._reader = self._socket.makefile("rb")

    def call(self, *words):
        """Sends one command and returns its reply: str, int, list or None."""
        encoded = [str(word).encode() for word in words]
        lines = [b"*%d\r\n" % len(encoded)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded]
        self._socket.sendall(b"".join(lines))
        return self._reply()

    def close(self):
        self._reader.close()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _reply(self):
        line = self._reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("redis closed the connection")
        kind, text = line[:1], line[1:-2].decode()
        if kind == b"+":
            return text
        if kind == b"-":
            raise RedisError(text)
        if kind == b":":
            return int(text)
        if kind == b"$":
            return None if text == "-1" else self._bulk(int(text))
        if kind == b"*":
            return None if text == "-1" else [self._reply() for _ in range(int(text))]
        raise ConnectionError(f"redis sent an unknown reply: {line!r}")

    def _bulk(self, length):
        data = self._reader.read(length + 2)
        if len(data) < length + 2:
            raise ConnectionError("redis closed the connection")
        return data[:-2].decode()
