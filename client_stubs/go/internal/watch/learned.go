package watch

import (
	"maps"
	"sync"
	"sync/atomic"
)

// maxLearned methods of a breaker are remembered; of the rest the sidecar is asked
// each time.
const maxLearned = 1000

// learned are the generations that Acquire answered for methods. Thread-safe;
// reading takes no lock.
type learned struct {
	mutex sync.Mutex // for writing
	// The map is replaced, never changed; a generation is.
	methods atomic.Pointer[map[string]*atomic.Uint64]
}

func (l *learned) find(method string) (generation uint64, found bool) {
	if methods := l.methods.Load(); methods != nil {
		if own := (*methods)[method]; own != nil {
			return own.Load(), true
		}
	}
	return 0, false
}

func (l *learned) set(method string, generation uint64) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	replaced := map[string]*atomic.Uint64{}
	if methods := l.methods.Load(); methods != nil {
		if own := (*methods)[method]; own != nil {
			own.Store(generation)
			return
		}
		if len(*methods) >= maxLearned {
			return
		}
		replaced = maps.Clone(*methods)
	}
	own := &atomic.Uint64{}
	own.Store(generation)
	replaced[method] = own
	l.methods.Store(&replaced)
}

func (l *learned) clear() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.methods.Store(nil)
}
