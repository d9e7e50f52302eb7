"""One Allow spoken by hand over HTTP/2, so that nothing but the server is timed.

A gRPC library would add its own start to the time from start to serving.
"""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS, DATA = 4, 1, 0
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags, stream, payload=b""):
    return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) +
            struct.pack(">I", stream) + payload)


def literal(name, value):
    """A header field without indexing and without Huffman coding (RFC 7541)."""
    return (b"\x00" + bytes([len(name)]) + name.encode() +
            bytes([len(value)]) + value.encode())


def field(number, content):
    """A length-delimited protobuf field."""
    return bytes([number << 3 | 2, len(content)]) + content


def request(method, message):
    """All that a client sends for one unary call of the rate limiter."""
    headers = b"".join(literal(*pair) for pair in (
        (":method", "POST"), (":scheme", "http"),
        (":path", "/outrigger.ratelimit.v1.RateLimiter/" + method),
        (":authority", "localhost"), ("content-type", "application/grpc"),
        ("te", "trailers")))
    body = b"\x00" + struct.pack(">I", len(message)) + message
    return (PREFACE + frame(SETTINGS, 0, 0) +
            frame(HEADERS, END_HEADERS, 1, headers) +
            frame(DATA, END_STREAM, 1, body))


def allow_request(user):
    entry = field(1, b"user") + field(2, user.encode())
    return request("Allow", field(1, entry))


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


def varint(data, at):
    """(value, where the next byte stands)."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields_of(message):
    """Field number to value, of varints and length-delimited fields."""
    fields, at = {}, 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at)
        if key & 7 == 2:
            value, at = message[at:at + value], at + value
        fields[key >> 3] = value
    return fields


def ask(unix_path, user="first"):
    """The fields of the server's AllowResponse; raises OSError if none comes.

    An answer is a DATA frame: an error would be headers alone.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect(unix_path)
        connection.sendall(allow_request(user))
        while True:
            head = read_exactly(connection, 9)
            length = int.from_bytes(head[:3], "big")
            kind, flags = head[3], head[4]
            payload = read_exactly(connection, length)
            if kind == DATA and length > 5:
                return fields_of(payload[5:])
            if kind == HEADERS and flags & END_STREAM:
                raise ConnectionError("the call failed")


DEGRADED = 7  # AllowResponse.degraded
