/** The generated code of each part, for those who want only the protos. */
export * as breaker from "./gen/outrigger/breaker/v1/breaker.js";
export * as cache from "./gen/outrigger/cache/v1/cache.js";
export * as pool from "./gen/outrigger/pool/v1/pool.js";
export * as ratelimit from "./gen/outrigger/ratelimit/v1/rate_limiter.js";
