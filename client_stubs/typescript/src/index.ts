export { connect, Outrigger, type ConnectOptions } from "./connect.js";
export { OutriggerError, type OutriggerErrorCode } from "./core/errors.js";
export type { Source } from "./core/sidecar.js";
export type { PartStats, Stats } from "./core/stats.js";

export type { Attributes, Decision, LimitStatus } from "./limits/decision.js";
export type { AllowOptions, CallReport, Limiter, LimitsPolicy, RefundOptions } from "./limits/limiter.js";
export { rateLimitHeaders } from "./limits/headers.js";
export { rateLimit, type Middleware, type MiddlewareOptions } from "./limits/middleware.js";
export { rateLimitCalls, type ReceivedCall, type ServerLimitOptions } from "./limits/grpc-interceptor.js";

export type { Cache, CacheOptions, Done, Invalidation, Lookup, WrapOptions } from "./cache/cache.js";
export { bytesCodec, jsonCodec, textCodec, type Codec } from "./cache/codec.js";
export type { LoadedMany, ManyLoader, ValuesByKey } from "./cache/load-many.js";
export type { Loaded, Loader, LoadOptions } from "./cache/load-one.js";
export type { StoreOptions } from "./cache/store.js";

export type { Breaker, BreakerOptions, CallOptions, KnownState, PermitOptions } from "./breaker/breaker.js";
export { classifyCode, classifyError, type Classify, type Result } from "./breaker/classify.js";
export type { BreakerPolicy } from "./breaker/decider.js";
export { breakerInterceptor, type BreakerInterceptorOptions } from "./breaker/grpc-interceptor.js";
export { BreakerOpenError, Permit, type Denial } from "./breaker/permit.js";
export type { Reason, State } from "./breaker/states.js";

export type { Endpoint, Lease, Role } from "./pool/lease.js";
export type { PoolPolicy } from "./pool/leases.js";
export { NotAcquiredError, type Advice, type PoolReason, type Refusal } from "./pool/not-acquired.js";
export type { AcquireOptions, Pool, PoolOptions } from "./pool/pool.js";
