import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_UNSPECIFIED: _ClassVar[Status]
    HIT: _ClassVar[Status]
    STALE: _ClassVar[Status]
    ABSENT: _ClassVar[Status]
    MISS: _ClassVar[Status]
    NOT_MODIFIED: _ClassVar[Status]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    FILL_REVOKED: _ClassVar[Reason]
    VERSION_MISMATCH: _ClassVar[Reason]
    ALREADY_EXISTS: _ClassVar[Reason]
    STORE_UNAVAILABLE: _ClassVar[Reason]
STATUS_UNSPECIFIED: Status
HIT: Status
STALE: Status
ABSENT: Status
MISS: Status
NOT_MODIFIED: Status
REASON_UNSPECIFIED: Reason
FILL_REVOKED: Reason
VERSION_MISMATCH: Reason
ALREADY_EXISTS: Reason
STORE_UNAVAILABLE: Reason

class GetRequest(_message.Message):
    __slots__ = ("namespace", "key", "if_not_version", "min_version", "max_wait", "no_fill")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    IF_NOT_VERSION_FIELD_NUMBER: _ClassVar[int]
    MIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    NO_FILL_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    key: str
    if_not_version: int
    min_version: int
    max_wait: _duration_pb2.Duration
    no_fill: bool
    def __init__(self, namespace: _Optional[str] = ..., key: _Optional[str] = ..., if_not_version: _Optional[int] = ..., min_version: _Optional[int] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., no_fill: bool = ...) -> None: ...

class GetResponse(_message.Message):
    __slots__ = ("status", "value", "version", "age", "ttl", "stale_ttl", "coherent", "fill_token", "refresh", "degraded", "waited")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    STALE_TTL_FIELD_NUMBER: _ClassVar[int]
    COHERENT_FIELD_NUMBER: _ClassVar[int]
    FILL_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REFRESH_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    WAITED_FIELD_NUMBER: _ClassVar[int]
    status: Status
    value: bytes
    version: int
    age: _duration_pb2.Duration
    ttl: _duration_pb2.Duration
    stale_ttl: _duration_pb2.Duration
    coherent: bool
    fill_token: bytes
    refresh: bool
    degraded: bool
    waited: _duration_pb2.Duration
    def __init__(self, status: _Optional[_Union[Status, str]] = ..., value: _Optional[bytes] = ..., version: _Optional[int] = ..., age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., stale_ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., coherent: bool = ..., fill_token: _Optional[bytes] = ..., refresh: bool = ..., degraded: bool = ..., waited: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetManyRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[GetRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[GetRequest, _Mapping]]] = ...) -> None: ...

class GetManyResponse(_message.Message):
    __slots__ = ("responses",)
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    responses: _containers.RepeatedCompositeFieldContainer[GetResponse]
    def __init__(self, responses: _Optional[_Iterable[_Union[GetResponse, _Mapping]]] = ...) -> None: ...

class SetRequest(_message.Message):
    __slots__ = ("namespace", "key", "value", "ttl", "stale_for", "tags", "fill_token", "if_version", "if_absent", "absent", "write_behind")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    STALE_FOR_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    FILL_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IF_VERSION_FIELD_NUMBER: _ClassVar[int]
    IF_ABSENT_FIELD_NUMBER: _ClassVar[int]
    ABSENT_FIELD_NUMBER: _ClassVar[int]
    WRITE_BEHIND_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    key: str
    value: bytes
    ttl: _duration_pb2.Duration
    stale_for: _duration_pb2.Duration
    tags: _containers.RepeatedScalarFieldContainer[str]
    fill_token: bytes
    if_version: int
    if_absent: bool
    absent: bool
    write_behind: bool
    def __init__(self, namespace: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[bytes] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., stale_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., tags: _Optional[_Iterable[str]] = ..., fill_token: _Optional[bytes] = ..., if_version: _Optional[int] = ..., if_absent: bool = ..., absent: bool = ..., write_behind: bool = ...) -> None: ...

class SetResponse(_message.Message):
    __slots__ = ("stored", "version", "reason", "degraded")
    STORED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    stored: bool
    version: int
    reason: Reason
    degraded: bool
    def __init__(self, stored: bool = ..., version: _Optional[int] = ..., reason: _Optional[_Union[Reason, str]] = ..., degraded: bool = ...) -> None: ...

class SetManyRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[SetRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[SetRequest, _Mapping]]] = ...) -> None: ...

class SetManyResponse(_message.Message):
    __slots__ = ("responses",)
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    responses: _containers.RepeatedCompositeFieldContainer[SetResponse]
    def __init__(self, responses: _Optional[_Iterable[_Union[SetResponse, _Mapping]]] = ...) -> None: ...

class AbandonRequest(_message.Message):
    __slots__ = ("namespace", "key", "fill_token")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    FILL_TOKEN_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    key: str
    fill_token: bytes
    def __init__(self, namespace: _Optional[str] = ..., key: _Optional[str] = ..., fill_token: _Optional[bytes] = ...) -> None: ...

class AbandonResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteRequest(_message.Message):
    __slots__ = ("namespace", "key", "if_version")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    IF_VERSION_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    key: str
    if_version: int
    def __init__(self, namespace: _Optional[str] = ..., key: _Optional[str] = ..., if_version: _Optional[int] = ...) -> None: ...

class DeleteResponse(_message.Message):
    __slots__ = ("deleted", "degraded")
    DELETED_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    deleted: bool
    degraded: bool
    def __init__(self, deleted: bool = ..., degraded: bool = ...) -> None: ...

class InvalidateRequest(_message.Message):
    __slots__ = ("namespace", "keys", "tags", "glob", "soft")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    GLOB_FIELD_NUMBER: _ClassVar[int]
    SOFT_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    glob: str
    soft: bool
    def __init__(self, namespace: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., glob: _Optional[str] = ..., soft: bool = ...) -> None: ...

class InvalidateResponse(_message.Message):
    __slots__ = ("invalidated", "degraded")
    INVALIDATED_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    invalidated: int
    degraded: bool
    def __init__(self, invalidated: _Optional[int] = ..., degraded: bool = ...) -> None: ...

class WarmRequest(_message.Message):
    __slots__ = ("namespace", "keys")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, namespace: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ...) -> None: ...

class WarmResponse(_message.Message):
    __slots__ = ("loaded",)
    LOADED_FIELD_NUMBER: _ClassVar[int]
    loaded: int
    def __init__(self, loaded: _Optional[int] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("namespace", "keys", "tags")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, namespace: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchEvent(_message.Message):
    __slots__ = ("kind", "key", "version", "tag")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[WatchEvent.Kind]
        WRITTEN: _ClassVar[WatchEvent.Kind]
        INVALIDATED: _ClassVar[WatchEvent.Kind]
        TAG_INVALIDATED: _ClassVar[WatchEvent.Kind]
        RESYNC: _ClassVar[WatchEvent.Kind]
    KIND_UNSPECIFIED: WatchEvent.Kind
    WRITTEN: WatchEvent.Kind
    INVALIDATED: WatchEvent.Kind
    TAG_INVALIDATED: WatchEvent.Kind
    RESYNC: WatchEvent.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    kind: WatchEvent.Kind
    key: str
    version: int
    tag: str
    def __init__(self, kind: _Optional[_Union[WatchEvent.Kind, str]] = ..., key: _Optional[str] = ..., version: _Optional[int] = ..., tag: _Optional[str] = ...) -> None: ...

class PullWritesRequest(_message.Message):
    __slots__ = ("namespace", "consumer", "ack", "max_writes")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    MAX_WRITES_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    consumer: str
    ack: _containers.RepeatedScalarFieldContainer[str]
    max_writes: int
    def __init__(self, namespace: _Optional[str] = ..., consumer: _Optional[str] = ..., ack: _Optional[_Iterable[str]] = ..., max_writes: _Optional[int] = ...) -> None: ...

class PullWritesResponse(_message.Message):
    __slots__ = ("writes",)
    class Write(_message.Message):
        __slots__ = ("id", "key", "value", "version", "absent")
        ID_FIELD_NUMBER: _ClassVar[int]
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        ABSENT_FIELD_NUMBER: _ClassVar[int]
        id: str
        key: str
        value: bytes
        version: int
        absent: bool
        def __init__(self, id: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[bytes] = ..., version: _Optional[int] = ..., absent: bool = ...) -> None: ...
    WRITES_FIELD_NUMBER: _ClassVar[int]
    writes: _containers.RepeatedCompositeFieldContainer[PullWritesResponse.Write]
    def __init__(self, writes: _Optional[_Iterable[_Union[PullWritesResponse.Write, _Mapping]]] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ("namespaces",)
    class Namespace(_message.Message):
        __slots__ = ("name", "policy", "entries", "bytes", "max_bytes", "hits", "stale", "absent", "misses", "fills")
        NAME_FIELD_NUMBER: _ClassVar[int]
        POLICY_FIELD_NUMBER: _ClassVar[int]
        ENTRIES_FIELD_NUMBER: _ClassVar[int]
        BYTES_FIELD_NUMBER: _ClassVar[int]
        MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
        HITS_FIELD_NUMBER: _ClassVar[int]
        STALE_FIELD_NUMBER: _ClassVar[int]
        ABSENT_FIELD_NUMBER: _ClassVar[int]
        MISSES_FIELD_NUMBER: _ClassVar[int]
        FILLS_FIELD_NUMBER: _ClassVar[int]
        name: str
        policy: str
        entries: int
        bytes: int
        max_bytes: int
        hits: int
        stale: int
        absent: int
        misses: int
        fills: int
        def __init__(self, name: _Optional[str] = ..., policy: _Optional[str] = ..., entries: _Optional[int] = ..., bytes: _Optional[int] = ..., max_bytes: _Optional[int] = ..., hits: _Optional[int] = ..., stale: _Optional[int] = ..., absent: _Optional[int] = ..., misses: _Optional[int] = ..., fills: _Optional[int] = ...) -> None: ...
    NAMESPACES_FIELD_NUMBER: _ClassVar[int]
    namespaces: _containers.RepeatedCompositeFieldContainer[StatusResponse.Namespace]
    def __init__(self, namespaces: _Optional[_Iterable[_Union[StatusResponse.Namespace, _Mapping]]] = ...) -> None: ...
