package bucket

import (
	"fmt"
	"testing"
	"time"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
)

var alice = map[string]string{"user": "alice", "org": "acme"}

func TestWhoWaitsAsToldIsAdmitted(t *testing.T) {
	buckets := New(3, 5)
	now := clock.Instant(0)
	if taken := buckets.Take(alice, 5, now); !taken.Allowed || taken.Remaining != 0 {
		t.Fatalf("%+v", taken)
	}
	for range 100 {
		denied := buckets.Take(alice, 2, now)
		if denied.Allowed || denied.RetryAfter <= 0 {
			t.Fatalf("%+v", denied)
		}
		now = now.Add(denied.RetryAfter)
		if taken := buckets.Take(alice, 2, now); !taken.Allowed {
			t.Fatalf("after %v: %+v", denied.RetryAfter, taken)
		}
	}
}

func TestMoreThanTheBurstCanNeverBeHad(t *testing.T) {
	if taken := New(1, 5).Take(alice, 6, 0); taken.Allowed || taken.RetryAfter != 0 {
		t.Errorf("%+v", taken)
	}
}

func TestAPeekTakesNothing(t *testing.T) {
	buckets := New(1, 1)
	for range 3 {
		if taken := buckets.Take(alice, 0, 0); !taken.Allowed || taken.Remaining != 1 {
			t.Errorf("%+v", taken)
		}
	}
	buckets.Take(alice, 1, 0)
	if taken := buckets.Take(alice, 0, 0); taken.Allowed || taken.RetryAfter != time.Second {
		t.Errorf("%+v", taken)
	}
}

func TestItIsFullAgainWhenItSays(t *testing.T) {
	buckets := New(2, 10)
	taken := buckets.Take(alice, 10, 0)
	if taken.ResetAfter != 5*time.Second {
		t.Fatalf("%+v", taken)
	}
	if taken := buckets.Take(alice, 10, clock.Instant(taken.ResetAfter)); !taken.Allowed {
		t.Errorf("%+v", taken)
	}
}

func TestEachSetOfAttributesHasItsOwn(t *testing.T) {
	buckets := New(0.001, 1)
	for _, attributes := range []map[string]string{
		nil, {"a": "b"}, {"a": "bc"}, {"ab": "c"}, {"a": "b", "c": "d"}, {"a": "b1:c", "d": ""},
	} {
		if !buckets.Take(attributes, 1, 0).Allowed {
			t.Errorf("%v shares another's", attributes)
		}
		if buckets.Take(attributes, 1, 0).Allowed {
			t.Errorf("%v was forgotten", attributes)
		}
	}
}

func TestTheLeastRecentlyUsedIsForgotten(t *testing.T) {
	buckets := New(0.001, 1)
	take := func(user int) bool {
		return buckets.Take(map[string]string{"user": fmt.Sprint(user)}, 1, 0).Allowed
	}
	for user := range Most {
		take(user)
	}
	if take(0) {
		t.Fatal("forgotten too early")
	}
	take(Most) // forgets 1
	if !take(1) {
		t.Error("the least recently used one is known still")
	}
	if take(0) {
		t.Error("another one was forgotten")
	}
	if len(buckets.byKey) != Most || buckets.order.Len() != Most {
		t.Errorf("%d and %d are kept", len(buckets.byKey), buckets.order.Len())
	}
}
