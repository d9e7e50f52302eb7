// What the sidecar said (its shape: src/analyser/report.h), made safe to draw:
// every list is there, every number is finite or null, whatever an older or
// newer sidecar leaves out or gets wrong.

const object = (x) => (x !== null && typeof x === 'object' && !Array.isArray(x) ? x : {});
const list = (x) => (Array.isArray(x) ? x : []);
const objects = (x) => list(x).filter((item) => item !== null && typeof item === 'object');
const number = (x) => (Number.isFinite(x) ? x : null);
const text = (x) => (typeof x === 'string' ? x : '');
const series = (x) => list(x).map(number);
const numbers = (x) => Object.fromEntries(
    Object.entries(object(x)).map(([name, value]) => [name, number(value)]));

// Where a plain number says more than a share: three times as slow, not 300 %.
const UNITS = {slow_operation: '×'};

// The share of denials is not sent: it is made of the two rates.
function deniedShare(admitted, denied) {
  return denied.map((no, i) => {
    const all = no + (admitted[i] ?? 0);
    return no === null || !(all > 0) ? null : no / all;
  });
}

// Gives the values of a series by its name; none if there is no such series.
function readTotals(raw) {
  const all = Object.fromEntries(
      Object.entries(object(raw)).map(([name, values]) => [name, series(values)]));
  const of = (name) => all[name] ?? [];
  all.denied_share = deniedShare(of('admitted_rate'), of('denied_rate'));
  return of;
}

function readLimit(raw) {
  const history = object(raw.history);
  const admitted = number(raw.admitted_rate) || 0;
  const denied = number(raw.denied_rate) || 0;
  return {
    name: text(raw.name),
    admitted,
    denied,
    deniedShare: admitted + denied > 0 ? denied / (admitted + denied) : null,
    shadow: number(raw.shadow_denied_rate) || 0,
    degraded: number(raw.degraded_rate) || 0,
    // What another limit then denied is decided here, and no decision of this one.
    local: number(raw.local_share) && Math.min(1, raw.local_share),
    used: number(raw.used),
    history: {admitted: series(history.admitted), denied: series(history.denied)},
  };
}

function readCache(raw) {
  return {name: text(raw.name), rate: number(raw.rate), hitRate: number(raw.hit_rate),
          results: numbers(raw.results), history: series(object(raw.history).hit_rate)};
}

function readBreaker(raw) {
  return {
    name: text(raw.name),
    state: text(raw.state) || 'closed',
    rejected: number(raw.rejected_rate) || 0,
    transitions: number(raw.transitions) || 0,
    history: objects(raw.history).filter((change) => Number.isFinite(change.at))
        .map((change) => ({at: change.at, state: text(change.state)})),
  };
}

function readPool(raw) {
  return {name: text(raw.name), leases: number(raw.leases), limit: number(raw.limit),
          used: number(raw.used_share), waiting: number(raw.waiting) || 0,
          timeouts: number(raw.timeout_rate) || 0,
          history: series(object(raw.history).leases)};
}

const timing = (raw) => ({rate: number(raw.rate), failed: number(raw.error_rate), p50: number(raw.p50_s),
                          p95: number(raw.p95_s), p99: number(raw.p99_s)});

const readMethod = (raw) => ({...timing(raw), name: text(raw.method), mean: number(raw.mean_s),
                              usual: number(raw.baseline_mean_s)});

// Those that were not called just now are left out.
const readMethods = (raw) => objects(raw).map(readMethod).filter((method) => method.rate > 0);

function readRedis(raw) {
  if (raw === null || typeof raw !== 'object') return null;
  return {...timing(raw), inFlight: number(raw.in_flight), errors: numbers(raw.errors),
          reconnects: number(raw.reconnects), noscript: number(raw.noscript),
          redirects: number(raw.redirects), operations: readMethods(raw.operations)};
}

function readFinding(raw) {
  return {id: text(raw.id) || text(raw.title), kind: text(raw.kind), subject: text(raw.subject),
          severity: text(raw.severity) || 'info', title: text(raw.title) || text(raw.id),
          evidence: object(raw.evidence), cause: text(raw.likely_cause), advice: text(raw.advice), since: number(raw.since)};
}

// The document of /performance/metrics. Throws if it is none at all.
export function readMetrics(raw) {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    throw new SyntaxError('the answer is not a report');
  }
  const left = object(raw.limits_left_out);
  return {
    now: number(raw.now) || 0,
    step: number(raw.step_s) || 1,
    uptime: number(raw.uptime_s),
    version: text(raw.version),
    service: text(raw.service),
    degraded: raw.degraded === true,
    pods: number(raw.pods),
    totals: readTotals(raw.totals),
    limits: objects(raw.limits).map(readLimit),
    leftOut: {count: number(left.count) || 0, admitted: number(left.admitted_rate) || 0,
              denied: number(left.denied_rate) || 0},
    caches: objects(raw.caches).map(readCache),
    breakers: objects(raw.breakers).map(readBreaker),
    pools: objects(raw.pools).map(readPool),
    redis: readRedis(raw.redis),
    methods: readMethods(raw.methods),
    findings: objects(raw.findings).map(readFinding),
  };
}

const readCheck = (raw) => ({
  name: text(raw.name), status: text(raw.status), value: number(raw.value),
  threshold: number(raw.threshold), unit: UNITS[raw.name] ?? text(raw.unit)});

// The document of /performance/health; null if there was none that can be read.
export function readHealth(raw) {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return null;
  return {
    grade: text(raw.grade),
    score: number(raw.score),
    window: number(raw.window_s),
    checks: objects(raw.checks).map(readCheck),
  };
}
