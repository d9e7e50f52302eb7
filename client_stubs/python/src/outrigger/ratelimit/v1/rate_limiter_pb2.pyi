import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AllowRequest(_message.Message):
    __slots__ = ("attributes", "cost", "max_wait", "limit", "detail")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.ScalarMap[str, str]
    cost: int
    max_wait: _duration_pb2.Duration
    limit: str
    detail: bool
    def __init__(self, attributes: _Optional[_Mapping[str, str]] = ..., cost: _Optional[int] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., limit: _Optional[str] = ..., detail: bool = ...) -> None: ...

class AllowResponse(_message.Message):
    __slots__ = ("allowed", "limit", "remaining", "reset_after", "retry_after", "waited", "degraded", "statuses")
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    RESET_AFTER_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    WAITED_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    allowed: bool
    limit: str
    remaining: int
    reset_after: _duration_pb2.Duration
    retry_after: _duration_pb2.Duration
    waited: _duration_pb2.Duration
    degraded: bool
    statuses: _containers.RepeatedCompositeFieldContainer[LimitStatus]
    def __init__(self, allowed: bool = ..., limit: _Optional[str] = ..., remaining: _Optional[int] = ..., reset_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., waited: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., degraded: bool = ..., statuses: _Optional[_Iterable[_Union[LimitStatus, _Mapping]]] = ...) -> None: ...

class LimitStatus(_message.Message):
    __slots__ = ("limit", "allowed", "remaining", "burst", "reset_after", "retry_after", "shadow", "window", "unlimited")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    BURST_FIELD_NUMBER: _ClassVar[int]
    RESET_AFTER_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    UNLIMITED_FIELD_NUMBER: _ClassVar[int]
    limit: str
    allowed: bool
    remaining: int
    burst: int
    reset_after: _duration_pb2.Duration
    retry_after: _duration_pb2.Duration
    shadow: bool
    window: _duration_pb2.Duration
    unlimited: bool
    def __init__(self, limit: _Optional[str] = ..., allowed: bool = ..., remaining: _Optional[int] = ..., burst: _Optional[int] = ..., reset_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., shadow: bool = ..., window: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., unlimited: bool = ...) -> None: ...

class AllowManyRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[AllowRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[AllowRequest, _Mapping]]] = ...) -> None: ...

class AllowManyResponse(_message.Message):
    __slots__ = ("responses",)
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    responses: _containers.RepeatedCompositeFieldContainer[AllowResponse]
    def __init__(self, responses: _Optional[_Iterable[_Union[AllowResponse, _Mapping]]] = ...) -> None: ...

class AllowStreamRequest(_message.Message):
    __slots__ = ("id", "requests")
    ID_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    id: int
    requests: _containers.RepeatedCompositeFieldContainer[AllowRequest]
    def __init__(self, id: _Optional[int] = ..., requests: _Optional[_Iterable[_Union[AllowRequest, _Mapping]]] = ...) -> None: ...

class AllowStreamResponse(_message.Message):
    __slots__ = ("id", "responses", "error")
    ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: int
    responses: _containers.RepeatedCompositeFieldContainer[AllowResponse]
    error: StreamError
    def __init__(self, id: _Optional[int] = ..., responses: _Optional[_Iterable[_Union[AllowResponse, _Mapping]]] = ..., error: _Optional[_Union[StreamError, _Mapping]] = ...) -> None: ...

class StreamError(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class ReportRequest(_message.Message):
    __slots__ = ("attributes", "limit", "result", "duration", "count")
    class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RESULT_UNSPECIFIED: _ClassVar[ReportRequest.Result]
        SUCCESS: _ClassVar[ReportRequest.Result]
        FAILURE: _ClassVar[ReportRequest.Result]
        THROTTLED: _ClassVar[ReportRequest.Result]
    RESULT_UNSPECIFIED: ReportRequest.Result
    SUCCESS: ReportRequest.Result
    FAILURE: ReportRequest.Result
    THROTTLED: ReportRequest.Result
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.ScalarMap[str, str]
    limit: str
    result: ReportRequest.Result
    duration: _duration_pb2.Duration
    count: int
    def __init__(self, attributes: _Optional[_Mapping[str, str]] = ..., limit: _Optional[str] = ..., result: _Optional[_Union[ReportRequest.Result, str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class ReportResponse(_message.Message):
    __slots__ = ("current_rate", "degraded")
    CURRENT_RATE_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    current_rate: float
    degraded: bool
    def __init__(self, current_rate: _Optional[float] = ..., degraded: bool = ...) -> None: ...

class RefundRequest(_message.Message):
    __slots__ = ("attributes", "cost", "limit")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.ScalarMap[str, str]
    cost: int
    limit: str
    def __init__(self, attributes: _Optional[_Mapping[str, str]] = ..., cost: _Optional[int] = ..., limit: _Optional[str] = ...) -> None: ...

class RefundResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ("limits", "keys", "pods", "degraded", "parked", "store_commands", "uptime")
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    PODS_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    STORE_COMMANDS_FIELD_NUMBER: _ClassVar[int]
    UPTIME_FIELD_NUMBER: _ClassVar[int]
    limits: _containers.RepeatedCompositeFieldContainer[LimitCounters]
    keys: int
    pods: int
    degraded: bool
    parked: int
    store_commands: int
    uptime: _duration_pb2.Duration
    def __init__(self, limits: _Optional[_Iterable[_Union[LimitCounters, _Mapping]]] = ..., keys: _Optional[int] = ..., pods: _Optional[int] = ..., degraded: bool = ..., parked: _Optional[int] = ..., store_commands: _Optional[int] = ..., uptime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class LimitCounters(_message.Message):
    __slots__ = ("limit", "allowed", "denied", "shadow_denied", "degraded", "local", "rate", "burst", "algorithm", "coordination", "shadow")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    DENIED_FIELD_NUMBER: _ClassVar[int]
    SHADOW_DENIED_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    BURST_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    COORDINATION_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    limit: str
    allowed: int
    denied: int
    shadow_denied: int
    degraded: int
    local: int
    rate: float
    burst: float
    algorithm: str
    coordination: str
    shadow: bool
    def __init__(self, limit: _Optional[str] = ..., allowed: _Optional[int] = ..., denied: _Optional[int] = ..., shadow_denied: _Optional[int] = ..., degraded: _Optional[int] = ..., local: _Optional[int] = ..., rate: _Optional[float] = ..., burst: _Optional[float] = ..., algorithm: _Optional[str] = ..., coordination: _Optional[str] = ..., shadow: bool = ...) -> None: ...
