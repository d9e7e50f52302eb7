// Load over gRPC with k6: PROFILE says how much, of ../profiles.json.
//
//   k6 run -e PROFILE=spike deploy/load/k6/suite.js
//
// It calls TARGET, 127.0.0.1:7420 unless said: k6 cannot dial a Unix socket.
// SECONDS, RATE and KEYS shrink it: factors of its length, its requests a second
// and the cache's keys; SLACK is a factor of how slow answers may be. Each is 1
// unless said.
import { sleep } from 'k6';
import exec from 'k6/execution';
import { connect, calls, journey } from './work.js';

const name = __ENV.PROFILE || 'constant';
const profile = JSON.parse(open('../profiles.json'))[name];
if (!profile) throw new Error(`PROFILE: there is no ${name} in profiles.json`);
const limits = JSON.parse(open('../thresholds.json'));
const seconds = Number(__ENV.SECONDS || 1);
const rate = Number(__ENV.RATE || 1);
const slack = Number(__ENV.SLACK || 1);

function scenario() {
  if (profile.users) {
    return {
      executor: 'constant-vus',
      exec: 'user',
      vus: Math.ceil(profile.users * rate),
      duration: `${Math.round(profile.seconds * seconds * 1000)}ms`,
      gracefulStop: '10s',
    };
  }
  // An open model: a slow answer does not hold back the next question.
  const [start, ...points] = profile.points;
  let before = start[0];
  const stages = points.map(([at, target]) => {
    const stage = { duration: `${Math.round((at - before) * seconds * 1000)}ms`, target: Math.ceil(target * rate) };
    before = at;
    return stage;
  });
  return {
    executor: 'ramping-arrival-rate',
    exec: 'request',
    startRate: Math.ceil(start[1] * rate),
    timeUnit: '1s',
    stages: stages,
    preAllocatedVUs: Math.ceil(300 * rate), // all of them before it begins
    gracefulStop: '10s',
  };
}

export const options = {
  scenarios: { [name]: scenario() },
  summaryTrendStats: ['avg', 'p(50)', 'p(95)', 'p(99)', 'max'],
  thresholds: {
    grpc_req_duration: [`p(95)<${limits.p95_ms * slack}`, `p(99)<${limits.p99_ms * slack}`],
    rpc_failures: [`rate<${limits.failures}`],
    success: [`rate>${limits.success}`],
    cache_hits: [`rate>${limits.hit_rate}`],
  },
};

const work = profile.work === 'journey' ? journey : calls;

// One of many requests, of whichever user is next.
export function request() {
  connect();
  work(`user-${exec.scenario.iterationInTest % 1000}`);
}

// One user, who thinks for a second in between.
export function user() {
  connect();
  work(`user-${exec.vu.idInTest}`);
  sleep(1);
}
