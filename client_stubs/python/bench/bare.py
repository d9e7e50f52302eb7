"""What the stub is measured against."""

import os

from outrigger._core.target import CHANNEL_OPTIONS, resolve
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb

TARGET = resolve(os.environ["OUTRIGGER_TARGET"])
OPTIONS = CHANNEL_OPTIONS
CALLERS = 64
#: Of one measurement in seconds, and of one median in calls.
LASTS = 3.0
CALLS = 2000
HANGING_CALLERS = 8
HANGING_CALLS = 10


def request():
    return pb.AllowRequest(attributes={"bench": "1"}, limit="bench")
