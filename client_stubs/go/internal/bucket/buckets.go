// Package bucket limits by token buckets of this process alone, for when the
// sidecar does not answer.
package bucket

import (
	"container/list"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
)

// Most is how many buckets are kept; beyond that the least recently used one is
// forgotten.
const Most = 10_000

// Taken is a bucket's answer.
type Taken struct {
	Allowed   bool
	Remaining uint64
	// Until the bucket is full again.
	ResetAfter time.Duration
	// Not allowed: the soonest that it could be; 0 if it never could.
	RetryAfter time.Duration
}

// Buckets are one for each set of attributes. Thread-safe.
type Buckets struct {
	rate  float64 // tokens a second
	burst float64

	mutex sync.Mutex
	// Protected by mutex.
	byKey map[string]*list.Element // of order
	order *list.List               // of *bucket, the last used first
}

type bucket struct {
	key    string
	tokens float64
	asOf   clock.Instant
}

// New has no bucket yet; each begins full. rate is in tokens a second, and above
// 0; burst is at least 1.
func New(rate float64, burst uint64) *Buckets {
	return &Buckets{rate: rate, burst: float64(burst), byKey: map[string]*list.Element{}, order: list.New()}
}

// Take takes all of cost from the attributes' bucket, or none of it. A cost of 0
// peeks whether 1 could be had.
func (b *Buckets) Take(attributes map[string]string, cost uint64, now clock.Instant) Taken {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	found := b.find(keyOf(attributes), now)
	found.tokens = min(b.burst, found.tokens+now.Sub(found.asOf).Seconds()*b.rate)
	found.asOf = now
	needed := float64(max(cost, 1))
	taken := Taken{Allowed: needed <= found.tokens}
	if taken.Allowed {
		found.tokens -= float64(cost)
	} else if needed <= b.burst {
		taken.RetryAfter = b.timeFor(needed - found.tokens)
	}
	taken.Remaining = uint64(found.tokens)
	taken.ResetAfter = b.timeFor(b.burst - found.tokens)
	return taken
}

// timeFor rounds up, so that who waits so long finds the tokens there.
func (b *Buckets) timeFor(tokens float64) time.Duration {
	nanoseconds := math.Ceil(tokens / b.rate * float64(time.Second))
	return time.Duration(min(nanoseconds, math.MaxInt64/2))
}

func (b *Buckets) find(key string, now clock.Instant) *bucket {
	if element := b.byKey[key]; element != nil {
		b.order.MoveToFront(element)
		return element.Value.(*bucket)
	}
	if len(b.byKey) >= Most {
		oldest := b.order.Back()
		delete(b.byKey, b.order.Remove(oldest).(*bucket).key)
	}
	made := &bucket{key: key, tokens: b.burst, asOf: now}
	b.byKey[key] = b.order.PushFront(made)
	return made
}

// keyOf is the same for the same attributes, in whatever order, and for no others.
func keyOf(attributes map[string]string) string {
	names := make([]string, 0, len(attributes))
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	var key strings.Builder
	for _, name := range names {
		for _, text := range []string{name, attributes[name]} {
			key.WriteString(strconv.Itoa(len(text)))
			key.WriteByte(':')
			key.WriteString(text)
		}
	}
	return key.String()
}
