"""A connection to PostgreSQL: log-in with SCRAM-SHA-256 and simple queries (protocol 3.0, PostgreSQL manual, chapter 55)."""

import base64
import hashlib
import hmac
import secrets
import socket
import struct


class PostgresError(Exception):
    """The server's answer to a log-in or query it refused."""


class Postgres:
    """One connection, owned by one thread; to be closed."""

    def __init__(self, host, user, password, database, port=5432, timeout=3):
        self._socket = socket.create_connection((host, port), timeout)
        self._reader = self._socket.makefile("rb")
        try:
            self._log_in(user, password, database)
        except BaseException:
            self.close()
            raise

    def query(self, sql):
        """Runs one or more statements; returns the rows of all of them, each a list of str or None."""
        self._send(b"Q", sql.encode() + b"\0")
        rows, error = [], None
        while True:
            kind, body = self._receive()
            if kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                error = PostgresError(_error_text(body))
            elif kind == b"Z":  # the server is ready again, also after an error
                if error:
                    raise error
                return rows

    def close(self):
        self._reader.close()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _log_in(self, user, password, database):
        words = ["user", user, "database", database, "application_name", "shop"]
        body = struct.pack("!i", 3 << 16) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
        self._socket.sendall(struct.pack("!i", len(body) + 4) + body)
        scram = Scram(password)
        while True:
            kind, body = self._receive()
            if kind == b"E":
                raise PostgresError(_error_text(body))
            if kind == b"Z":
                return
            if kind == b"R":
                self._authenticate(scram, struct.unpack("!i", body[:4])[0], body[4:])

    def _authenticate(self, scram, step, data):
        if step == 0:  # done
            return
        if step == 10:  # the list of SASL mechanisms
            if b"SCRAM-SHA-256" not in data.split(b"\0"):
                raise PostgresError("the server does not offer SCRAM-SHA-256")
            first = scram.first_message()
            self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
        elif step == 11:
            self._send(b"p", scram.final_message(data))
        elif step == 12:
            scram.check_server(data)
        else:
            raise PostgresError(f"the server asks for authentication method {step}, which this client lacks")

    def _send(self, kind, body):
        self._socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _receive(self):
        head = self._read(5)
        return head[:1], self._read(struct.unpack("!i", head[1:])[0] - 4)

    def _read(self, length):
        data = self._reader.read(length)
        if len(data) < length:
            raise ConnectionError("postgres closed the connection")
        return data


class Scram:
    """The client's side of one SCRAM-SHA-256 exchange without channel binding (RFC 5802, RFC 7677)."""

    def __init__(self, password):
        self._password = password.encode()
        self._nonce = secrets.token_urlsafe(18)
        self._first_bare = f"n=,r={self._nonce}"
        self._server_signature = b""

    def first_message(self):
        return f"n,,{self._first_bare}".encode()

    def final_message(self, server_first):
        fields = _fields(server_first)
        if not fields["r"].startswith(self._nonce):
            raise PostgresError("the server answered with another nonce")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = _mac(salted, b"Client Key")
        without_proof = f"c=biws,r={fields['r']}"
        signed = f"{self._first_bare},{server_first.decode()},{without_proof}".encode()
        signature = _mac(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self._server_signature = _mac(_mac(salted, b"Server Key"), signed)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def check_server(self, server_final):
        signature = base64.b64decode(_fields(server_final).get("v", ""))
        if not hmac.compare_digest(signature, self._server_signature):
            raise PostgresError("the server does not know the password's key")


def quote(value):
    """Writes a value as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _mac(key, data):
    return hmac.digest(key, data, "sha256")


def _fields(message):
    return dict(field.split("=", 1) for field in message.decode().split(","))


def _row(body):
    count, position, row = struct.unpack("!h", body[:2])[0], 2, []
    for _ in range(count):
        length = struct.unpack("!i", body[position : position + 4])[0]
        position += 4
        row.append(None if length < 0 else body[position : position + length].decode())
        position += max(length, 0)
    return row


def _error_text(body):
    parts = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
    return f"{parts.get(b'S', 'ERROR')}: {parts.get(b'M', 'no message')} ({parts.get(b'C', '?')})"
