package record

import (
	"testing"
	"time"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
)

var rules = Rules{Failures: 3, OpenFor: 10 * time.Second}

func opened(t *testing.T) *Record {
	t.Helper()
	r := New(rules)
	for range rules.Failures {
		if answer := r.Decide(0); !answer.Allowed || answer.Probe {
			t.Fatalf("%+v", answer)
		}
		r.Failure(0, false)
	}
	return r
}

func TestItOpensAfterFailuresInARow(t *testing.T) {
	r := New(rules)
	r.Failure(0, false)
	r.Failure(0, false)
	r.Ignored(false)
	r.Success()
	r.Failure(0, false)
	r.Failure(0, false)
	if answer := r.Decide(0); !answer.Allowed {
		t.Errorf("a success between does not count: %+v", answer)
	}
	r.Failure(0, false)
	if answer := r.Decide(clock.Instant(4 * time.Second)); answer.Allowed || !answer.Open || answer.RetryAfter != 6*time.Second {
		t.Errorf("%+v", answer)
	}
}

func TestThenOneProbeAtATime(t *testing.T) {
	r := opened(t)
	now := clock.Instant(rules.OpenFor)
	if answer := r.Decide(now); !answer.Allowed || !answer.Probe {
		t.Fatalf("%+v", answer)
	}
	if answer := r.Decide(now); answer.Allowed || answer.Open || answer.RetryAfter != rules.OpenFor {
		t.Errorf("a second one at the same time: %+v", answer)
	}
	r.Ignored(true)
	if answer := r.Decide(now); !answer.Probe {
		t.Errorf("it said nothing, so another may: %+v", answer)
	}
	r.Failure(now, true)
	if answer := r.Decide(now); answer.Allowed || !answer.Open || answer.RetryAfter != rules.OpenFor {
		t.Errorf("a probe failed: %+v", answer)
	}
	now = now.Add(rules.OpenFor)
	r.Decide(now)
	r.Success()
	if answer := r.Decide(now); !answer.Allowed || answer.Probe {
		t.Errorf("a probe succeeded: %+v", answer)
	}
}

func TestAProbeThatIsNeverHeardOfDoesNotBlockForEver(t *testing.T) {
	r := opened(t)
	now := clock.Instant(rules.OpenFor)
	r.Decide(now)
	if answer := r.Decide(now.Add(rules.OpenFor)); !answer.Probe {
		t.Errorf("%+v", answer)
	}
}

func TestLateFailuresDoNotKeepItOpen(t *testing.T) {
	r := opened(t)
	r.Failure(clock.Instant(9*time.Second), false)
	if answer := r.Decide(clock.Instant(rules.OpenFor)); !answer.Probe {
		t.Errorf("%+v", answer)
	}
}
