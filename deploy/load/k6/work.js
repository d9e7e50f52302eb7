// What one iteration does: RPCs of the four parts, and whether they did what
// the caller came for. A denial is no failed RPC, but no success either.
import grpc from 'k6/net/grpc';
import encoding from 'k6/encoding';
import { Rate } from 'k6/metrics';

const target = __ENV.TARGET || '127.0.0.1:7420';
const failures = new Rate('rpc_failures');
const success = new Rate('success');
const hits = new Rate('cache_hits');

const client = new grpc.Client();
const part = (name, file) => `outrigger/${name}/v1/${file}.proto`;
client.load(['../../../proto'], part('ratelimit', 'rate_limiter'), part('cache', 'cache'),
  part('breaker', 'breaker'), part('pool', 'pool'));

const Allow = 'outrigger.ratelimit.v1.RateLimiter/Allow';
const Get = 'outrigger.cache.v1.Cache/Get';
const Set = 'outrigger.cache.v1.Cache/Set';
const AcquirePermit = 'outrigger.breaker.v1.Breaker/Acquire';
const ReportOutcome = 'outrigger.breaker.v1.Breaker/Report';
const AcquireSlot = 'outrigger.pool.v1.Pool/Acquire';
const ReleaseSlot = 'outrigger.pool.v1.Pool/Release';

let connected = false; // each virtual user has a copy of this module

export function connect() {
  if (connected) return;
  client.connect(target, { plaintext: true, timeout: '10s' });
  connected = true;
}

// The answer's message; null if the RPC failed.
function call(method, request) {
  const response = client.invoke(method, request, { timeout: '5s' });
  const good = response && response.status === grpc.StatusOK;
  failures.add(!good);
  return good ? response.message : null;
}

function allowed(user) {
  const answer = call(Allow, { attributes: { user: user, service: 'shop' } });
  return answer !== null && answer.allowed === true;
}

// Few keys are read often and many seldom; fewer in a run that is cut short.
const keys = Math.ceil(300 * Number(__ENV.KEYS || 1));
function someKey() {
  return `profile:${Math.floor(keys * Math.random() ** 3)}`;
}

// Whether the value could be had: from the cache, or by loading it.
function read() {
  const key = { namespace: 'profiles', key: someKey() };
  const found = call(Get, key); // waits, if another loads it
  if (found === null) return false;
  hits.add(found.status === 'HIT' || found.status === 'STALE');
  if (!found.fillToken) return found.status !== 'MISS';
  const value = encoding.b64encode(`the profile of ${key.key} ${'.'.repeat(200)}`);
  return call(Set, { ...key, value: value, fill_token: found.fillToken }) !== null;
}

// Whether the shop may be called, and had a slot for it.
function callTheShop() {
  const permit = call(AcquirePermit, { breaker: 'shop' });
  if (permit === null || permit.allowed !== true) return false;
  const slot = call(AcquireSlot, { pool: 'database', max_wait: '1s' });
  const acquired = slot !== null && slot.acquired === true;
  if (acquired) call(ReleaseSlot, { lease_id: slot.leaseId, result: 'SUCCESS' });
  const result = acquired ? 'SUCCESS' : 'IGNORED';
  const report = { outcomes: [{ breaker: 'shop', permit: permit.permit, result: result }] };
  return call(ReportOutcome, report) !== null && acquired;
}

// Most of what a sidecar is asked.
export function calls(user) {
  success.add(allowed(user) && read());
}

// A request's whole way.
export function journey(user) {
  success.add(allowed(user) && read() && callTheShop());
}
