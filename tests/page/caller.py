"""Many questions in one message, by hand, as a client library would ask them."""

import socket
import sys

from mock_sidecar import ROOT

sys.path.insert(0, str(ROOT / "tests" / "bench"))
from harness.first_call import DATA, END_STREAM, HEADERS, field, read_exactly, request, varint

DEADLINE_S = 30
# Their answers fit into what a server may send before it is allowed more.
MOST_QUESTIONS = 400


def question(limit="", **attributes):
    """An AllowRequest."""
    entries = (field(1, name.encode()) + field(2, value.encode()) for name, value in attributes.items())
    return b"".join(field(1, entry) for entry in entries) + (field(4, limit.encode()) if limit else b"")


def ask_many(unix_path, questions):
    """How many were admitted."""
    assert len(questions) <= MOST_QUESTIONS
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(DEADLINE_S)
        connection.connect(unix_path)
        connection.sendall(request("AllowMany", b"".join(field(1, each) for each in questions)))
        answers = list(_answers(_message(connection)))
    assert len(answers) == len(questions), len(answers)
    # AllowResponse.allowed is its first field, and left out when false.
    return sum(answer[:2] == b"\x08\x01" for answer in answers)


def _message(connection):
    """The only message of the answer."""
    data = b""
    while len(data) < 5 or len(data) < 5 + int.from_bytes(data[1:5], "big"):
        head = read_exactly(connection, 9)
        payload = read_exactly(connection, int.from_bytes(head[:3], "big"))
        if head[3] == DATA:
            data += payload
        elif head[3] == HEADERS and head[4] & END_STREAM:
            raise ConnectionError("the call failed")
    return data[5:]


def _answers(message):
    at = 0
    while at < len(message):
        length, at = varint(message, at + 1)  # after AllowManyResponse.responses' key
        yield message[at:at + length]
        at += length
