import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_UNSPECIFIED: _ClassVar[State]
    CLOSED: _ClassVar[State]
    OPEN: _ClassVar[State]
    HALF_OPEN: _ClassVar[State]
    FORCED_OPEN: _ClassVar[State]
    FORCED_CLOSED: _ClassVar[State]
    METRICS_ONLY: _ClassVar[State]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    CONSECUTIVE_FAILURES: _ClassVar[Reason]
    FAILURE_RATE: _ClassVar[Reason]
    SLOW_CALL_RATE: _ClassVar[Reason]
    PROBES_IN_USE: _ClassVar[Reason]
    RECOVERING: _ClassVar[Reason]
    FORCED: _ClassVar[Reason]
    PROBE_FAILED: _ClassVar[Reason]

class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESULT_UNSPECIFIED: _ClassVar[Result]
    SUCCESS: _ClassVar[Result]
    FAILURE: _ClassVar[Result]
    IGNORED: _ClassVar[Result]
STATE_UNSPECIFIED: State
CLOSED: State
OPEN: State
HALF_OPEN: State
FORCED_OPEN: State
FORCED_CLOSED: State
METRICS_ONLY: State
REASON_UNSPECIFIED: Reason
CONSECUTIVE_FAILURES: Reason
FAILURE_RATE: Reason
SLOW_CALL_RATE: Reason
PROBES_IN_USE: Reason
RECOVERING: Reason
FORCED: Reason
PROBE_FAILED: Reason
RESULT_UNSPECIFIED: Result
SUCCESS: Result
FAILURE: Result
IGNORED: Result

class AcquireRequest(_message.Message):
    __slots__ = ("breaker", "method", "timeout", "session")
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    method: str
    timeout: _duration_pb2.Duration
    session: int
    def __init__(self, breaker: _Optional[str] = ..., method: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., session: _Optional[int] = ...) -> None: ...

class AcquireResponse(_message.Message):
    __slots__ = ("allowed", "state", "generation", "permit", "retry_after", "reason", "message", "degraded", "isolated", "probe")
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PERMIT_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    allowed: bool
    state: State
    generation: int
    permit: int
    retry_after: _duration_pb2.Duration
    reason: Reason
    message: str
    degraded: bool
    isolated: bool
    probe: bool
    def __init__(self, allowed: bool = ..., state: _Optional[_Union[State, str]] = ..., generation: _Optional[int] = ..., permit: _Optional[int] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[_Union[Reason, str]] = ..., message: _Optional[str] = ..., degraded: bool = ..., isolated: bool = ..., probe: bool = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("breaker", "method", "permit", "generation", "result", "duration", "count")
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PERMIT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    method: str
    permit: int
    generation: int
    result: Result
    duration: _duration_pb2.Duration
    count: int
    def __init__(self, breaker: _Optional[str] = ..., method: _Optional[str] = ..., permit: _Optional[int] = ..., generation: _Optional[int] = ..., result: _Optional[_Union[Result, str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class ReportRequest(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ...) -> None: ...

class ReportResponse(_message.Message):
    __slots__ = ("dropped",)
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    dropped: int
    def __init__(self, dropped: _Optional[int] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("breakers",)
    BREAKERS_FIELD_NUMBER: _ClassVar[int]
    breakers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, breakers: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("breaker", "method", "state", "generation", "admit_ratio", "valid_for", "session", "retry_after", "reason", "message")
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    ADMIT_RATIO_FIELD_NUMBER: _ClassVar[int]
    VALID_FOR_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    method: str
    state: State
    generation: int
    admit_ratio: float
    valid_for: _duration_pb2.Duration
    session: int
    retry_after: _duration_pb2.Duration
    reason: Reason
    message: str
    def __init__(self, breaker: _Optional[str] = ..., method: _Optional[str] = ..., state: _Optional[_Union[State, str]] = ..., generation: _Optional[int] = ..., admit_ratio: _Optional[float] = ..., valid_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., session: _Optional[int] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[_Union[Reason, str]] = ..., message: _Optional[str] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ("breaker",)
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    def __init__(self, breaker: _Optional[str] = ...) -> None: ...

class BreakerStatus(_message.Message):
    __slots__ = ("breaker", "method", "state", "generation", "admit_ratio", "retry_after", "reason", "message", "opened_by", "isolated", "degraded", "pod", "fleet", "consecutive_failures", "attempts", "probes_out", "probes_succeeded", "probes_failed", "allowed", "rejected")
    class Counts(_message.Message):
        __slots__ = ("calls", "failures", "slow", "reporters", "bad_reporters")
        CALLS_FIELD_NUMBER: _ClassVar[int]
        FAILURES_FIELD_NUMBER: _ClassVar[int]
        SLOW_FIELD_NUMBER: _ClassVar[int]
        REPORTERS_FIELD_NUMBER: _ClassVar[int]
        BAD_REPORTERS_FIELD_NUMBER: _ClassVar[int]
        calls: int
        failures: int
        slow: int
        reporters: int
        bad_reporters: int
        def __init__(self, calls: _Optional[int] = ..., failures: _Optional[int] = ..., slow: _Optional[int] = ..., reporters: _Optional[int] = ..., bad_reporters: _Optional[int] = ...) -> None: ...
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    ADMIT_RATIO_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    ISOLATED_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    POD_FIELD_NUMBER: _ClassVar[int]
    FLEET_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILURES_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    PROBES_OUT_FIELD_NUMBER: _ClassVar[int]
    PROBES_SUCCEEDED_FIELD_NUMBER: _ClassVar[int]
    PROBES_FAILED_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    method: str
    state: State
    generation: int
    admit_ratio: float
    retry_after: _duration_pb2.Duration
    reason: Reason
    message: str
    opened_by: str
    isolated: bool
    degraded: bool
    pod: BreakerStatus.Counts
    fleet: BreakerStatus.Counts
    consecutive_failures: int
    attempts: int
    probes_out: int
    probes_succeeded: int
    probes_failed: int
    allowed: int
    rejected: int
    def __init__(self, breaker: _Optional[str] = ..., method: _Optional[str] = ..., state: _Optional[_Union[State, str]] = ..., generation: _Optional[int] = ..., admit_ratio: _Optional[float] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[_Union[Reason, str]] = ..., message: _Optional[str] = ..., opened_by: _Optional[str] = ..., isolated: bool = ..., degraded: bool = ..., pod: _Optional[_Union[BreakerStatus.Counts, _Mapping]] = ..., fleet: _Optional[_Union[BreakerStatus.Counts, _Mapping]] = ..., consecutive_failures: _Optional[int] = ..., attempts: _Optional[int] = ..., probes_out: _Optional[int] = ..., probes_succeeded: _Optional[int] = ..., probes_failed: _Optional[int] = ..., allowed: _Optional[int] = ..., rejected: _Optional[int] = ...) -> None: ...

class ListResponse(_message.Message):
    __slots__ = ("breakers",)
    BREAKERS_FIELD_NUMBER: _ClassVar[int]
    breakers: _containers.RepeatedCompositeFieldContainer[BreakerStatus]
    def __init__(self, breakers: _Optional[_Iterable[_Union[BreakerStatus, _Mapping]]] = ...) -> None: ...

class ForceRequest(_message.Message):
    __slots__ = ("breaker", "method", "state")
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    method: str
    state: State
    def __init__(self, breaker: _Optional[str] = ..., method: _Optional[str] = ..., state: _Optional[_Union[State, str]] = ...) -> None: ...

class ForceResponse(_message.Message):
    __slots__ = ("degraded",)
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    degraded: bool
    def __init__(self, degraded: bool = ...) -> None: ...

class ResetRequest(_message.Message):
    __slots__ = ("breaker", "method")
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    breaker: str
    method: str
    def __init__(self, breaker: _Optional[str] = ..., method: _Optional[str] = ...) -> None: ...

class ResetResponse(_message.Message):
    __slots__ = ("degraded",)
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    degraded: bool
    def __init__(self, degraded: bool = ...) -> None: ...
