import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    PRIMARY: _ClassVar[Role]
    REPLICA: _ClassVar[Role]
    SHARD: _ClassVar[Role]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    TIMEOUT: _ClassVar[Reason]
    NO_ENDPOINT: _ClassVar[Reason]
    STORE_UNAVAILABLE: _ClassVar[Reason]
    LEARNING: _ClassVar[Reason]
    QUEUE_FULL: _ClassVar[Reason]

class Advice(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADVICE_UNSPECIFIED: _ClassVar[Advice]
    RETRY: _ClassVar[Advice]
    FALL_BACK: _ClassVar[Advice]

class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESULT_UNSPECIFIED: _ClassVar[Result]
    SUCCESS: _ClassVar[Result]
    FAILURE: _ClassVar[Result]
    IGNORED: _ClassVar[Result]
ROLE_UNSPECIFIED: Role
PRIMARY: Role
REPLICA: Role
SHARD: Role
REASON_UNSPECIFIED: Reason
TIMEOUT: Reason
NO_ENDPOINT: Reason
STORE_UNAVAILABLE: Reason
LEARNING: Reason
QUEUE_FULL: Reason
ADVICE_UNSPECIFIED: Advice
RETRY: Advice
FALL_BACK: Advice
RESULT_UNSPECIFIED: Result
SUCCESS: Result
FAILURE: Result
IGNORED: Result

class Endpoint(_message.Message):
    __slots__ = ("address", "zone", "role", "backup")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    BACKUP_FIELD_NUMBER: _ClassVar[int]
    address: str
    zone: str
    role: Role
    backup: bool
    def __init__(self, address: _Optional[str] = ..., zone: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., backup: bool = ...) -> None: ...

class AcquireRequest(_message.Message):
    __slots__ = ("pool", "session_key", "role", "max_wait", "attempt", "avoid")
    POOL_FIELD_NUMBER: _ClassVar[int]
    SESSION_KEY_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    AVOID_FIELD_NUMBER: _ClassVar[int]
    pool: str
    session_key: str
    role: Role
    max_wait: _duration_pb2.Duration
    attempt: int
    avoid: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pool: _Optional[str] = ..., session_key: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., attempt: _Optional[int] = ..., avoid: _Optional[_Iterable[str]] = ...) -> None: ...

class AcquireResponse(_message.Message):
    __slots__ = ("acquired", "lease_id", "fencing_token", "endpoint", "expires_after", "waited", "retry_after", "reason", "advice", "degraded", "overflow", "panic")
    ACQUIRED_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    FENCING_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AFTER_FIELD_NUMBER: _ClassVar[int]
    WAITED_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    OVERFLOW_FIELD_NUMBER: _ClassVar[int]
    PANIC_FIELD_NUMBER: _ClassVar[int]
    acquired: bool
    lease_id: int
    fencing_token: int
    endpoint: Endpoint
    expires_after: _duration_pb2.Duration
    waited: _duration_pb2.Duration
    retry_after: _duration_pb2.Duration
    reason: Reason
    advice: Advice
    degraded: bool
    overflow: bool
    panic: bool
    def __init__(self, acquired: bool = ..., lease_id: _Optional[int] = ..., fencing_token: _Optional[int] = ..., endpoint: _Optional[_Union[Endpoint, _Mapping]] = ..., expires_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., waited: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[_Union[Reason, str]] = ..., advice: _Optional[_Union[Advice, str]] = ..., degraded: bool = ..., overflow: bool = ..., panic: bool = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("lease_id", "result", "duration")
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    lease_id: int
    result: Result
    duration: _duration_pb2.Duration
    def __init__(self, lease_id: _Optional[int] = ..., result: _Optional[_Union[Result, str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ReleaseResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: bool
    def __init__(self, released: bool = ...) -> None: ...

class RenewRequest(_message.Message):
    __slots__ = ("lease_id",)
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    lease_id: int
    def __init__(self, lease_id: _Optional[int] = ...) -> None: ...

class RenewResponse(_message.Message):
    __slots__ = ("expires_after",)
    EXPIRES_AFTER_FIELD_NUMBER: _ClassVar[int]
    expires_after: _duration_pb2.Duration
    def __init__(self, expires_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class HoldRequest(_message.Message):
    __slots__ = ("id", "acquire", "release", "cancel")
    ID_FIELD_NUMBER: _ClassVar[int]
    ACQUIRE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    id: int
    acquire: AcquireRequest
    release: ReleaseRequest
    cancel: int
    def __init__(self, id: _Optional[int] = ..., acquire: _Optional[_Union[AcquireRequest, _Mapping]] = ..., release: _Optional[_Union[ReleaseRequest, _Mapping]] = ..., cancel: _Optional[int] = ...) -> None: ...

class HoldResponse(_message.Message):
    __slots__ = ("id", "acquired", "released", "error", "lost_lease_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    ACQUIRED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    LOST_LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    acquired: AcquireResponse
    released: ReleaseResponse
    error: HoldError
    lost_lease_id: int
    def __init__(self, id: _Optional[int] = ..., acquired: _Optional[_Union[AcquireResponse, _Mapping]] = ..., released: _Optional[_Union[ReleaseResponse, _Mapping]] = ..., error: _Optional[_Union[HoldError, _Mapping]] = ..., lost_lease_id: _Optional[int] = ...) -> None: ...

class HoldError(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class PickRequest(_message.Message):
    __slots__ = ("pool", "session_key", "role", "avoid")
    POOL_FIELD_NUMBER: _ClassVar[int]
    SESSION_KEY_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    AVOID_FIELD_NUMBER: _ClassVar[int]
    pool: str
    session_key: str
    role: Role
    avoid: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pool: _Optional[str] = ..., session_key: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., avoid: _Optional[_Iterable[str]] = ...) -> None: ...

class PickResponse(_message.Message):
    __slots__ = ("endpoint", "reason", "retry_after", "panic")
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    PANIC_FIELD_NUMBER: _ClassVar[int]
    endpoint: Endpoint
    reason: Reason
    retry_after: _duration_pb2.Duration
    panic: bool
    def __init__(self, endpoint: _Optional[_Union[Endpoint, _Mapping]] = ..., reason: _Optional[_Union[Reason, str]] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., panic: bool = ...) -> None: ...

class ReportLoadRequest(_message.Message):
    __slots__ = ("pool", "address", "cpu", "memory", "requests_per_second")
    POOL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    pool: str
    address: str
    cpu: float
    memory: float
    requests_per_second: float
    def __init__(self, pool: _Optional[str] = ..., address: _Optional[str] = ..., cpu: _Optional[float] = ..., memory: _Optional[float] = ..., requests_per_second: _Optional[float] = ...) -> None: ...

class ReportLoadResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ("pool",)
    POOL_FIELD_NUMBER: _ClassVar[int]
    pool: str
    def __init__(self, pool: _Optional[str] = ...) -> None: ...

class EndpointStatus(_message.Message):
    __slots__ = ("endpoint", "weight", "effective_weight", "health", "message", "ejected_for", "in_use", "successes", "failures")
    class Health(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        HEALTH_UNSPECIFIED: _ClassVar[EndpointStatus.Health]
        HEALTHY: _ClassVar[EndpointStatus.Health]
        UNHEALTHY: _ClassVar[EndpointStatus.Health]
        EJECTED: _ClassVar[EndpointStatus.Health]
        OVERLOADED: _ClassVar[EndpointStatus.Health]
        UNKNOWN: _ClassVar[EndpointStatus.Health]
    HEALTH_UNSPECIFIED: EndpointStatus.Health
    HEALTHY: EndpointStatus.Health
    UNHEALTHY: EndpointStatus.Health
    EJECTED: EndpointStatus.Health
    OVERLOADED: EndpointStatus.Health
    UNKNOWN: EndpointStatus.Health
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    EJECTED_FOR_FIELD_NUMBER: _ClassVar[int]
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    SUCCESSES_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    endpoint: Endpoint
    weight: float
    effective_weight: float
    health: EndpointStatus.Health
    message: str
    ejected_for: _duration_pb2.Duration
    in_use: int
    successes: int
    failures: int
    def __init__(self, endpoint: _Optional[_Union[Endpoint, _Mapping]] = ..., weight: _Optional[float] = ..., effective_weight: _Optional[float] = ..., health: _Optional[_Union[EndpointStatus.Health, str]] = ..., message: _Optional[str] = ..., ejected_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., in_use: _Optional[int] = ..., successes: _Optional[int] = ..., failures: _Optional[int] = ...) -> None: ...

class PoolStatus(_message.Message):
    __slots__ = ("pool", "max_connections", "max_overflow", "in_use", "slots", "waiting", "fleet_slots", "pods", "one_by_one", "learning", "degraded", "acquired", "timeouts", "expired", "leaks", "endpoints", "longest_held")
    class HeldLease(_message.Message):
        __slots__ = ("lease_id", "held_for", "trace_id", "address")
        LEASE_ID_FIELD_NUMBER: _ClassVar[int]
        HELD_FOR_FIELD_NUMBER: _ClassVar[int]
        TRACE_ID_FIELD_NUMBER: _ClassVar[int]
        ADDRESS_FIELD_NUMBER: _ClassVar[int]
        lease_id: int
        held_for: _duration_pb2.Duration
        trace_id: str
        address: str
        def __init__(self, lease_id: _Optional[int] = ..., held_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., trace_id: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...
    POOL_FIELD_NUMBER: _ClassVar[int]
    MAX_CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_OVERFLOW_FIELD_NUMBER: _ClassVar[int]
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    FLEET_SLOTS_FIELD_NUMBER: _ClassVar[int]
    PODS_FIELD_NUMBER: _ClassVar[int]
    ONE_BY_ONE_FIELD_NUMBER: _ClassVar[int]
    LEARNING_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    ACQUIRED_FIELD_NUMBER: _ClassVar[int]
    TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_FIELD_NUMBER: _ClassVar[int]
    LEAKS_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    LONGEST_HELD_FIELD_NUMBER: _ClassVar[int]
    pool: str
    max_connections: int
    max_overflow: int
    in_use: int
    slots: int
    waiting: int
    fleet_slots: int
    pods: int
    one_by_one: bool
    learning: bool
    degraded: bool
    acquired: int
    timeouts: int
    expired: int
    leaks: int
    endpoints: _containers.RepeatedCompositeFieldContainer[EndpointStatus]
    longest_held: _containers.RepeatedCompositeFieldContainer[PoolStatus.HeldLease]
    def __init__(self, pool: _Optional[str] = ..., max_connections: _Optional[int] = ..., max_overflow: _Optional[int] = ..., in_use: _Optional[int] = ..., slots: _Optional[int] = ..., waiting: _Optional[int] = ..., fleet_slots: _Optional[int] = ..., pods: _Optional[int] = ..., one_by_one: bool = ..., learning: bool = ..., degraded: bool = ..., acquired: _Optional[int] = ..., timeouts: _Optional[int] = ..., expired: _Optional[int] = ..., leaks: _Optional[int] = ..., endpoints: _Optional[_Iterable[_Union[EndpointStatus, _Mapping]]] = ..., longest_held: _Optional[_Iterable[_Union[PoolStatus.HeldLease, _Mapping]]] = ...) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ("pools",)
    POOLS_FIELD_NUMBER: _ClassVar[int]
    pools: _containers.RepeatedCompositeFieldContainer[PoolStatus]
    def __init__(self, pools: _Optional[_Iterable[_Union[PoolStatus, _Mapping]]] = ...) -> None: ...
