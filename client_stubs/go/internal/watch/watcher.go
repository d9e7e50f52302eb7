// Package watch keeps what the sidecar tells of its breakers, so that decisions
// can be made in the process.
package watch

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

// Times between two tries to watch.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

// Watcher holds one Watch for all breakers of a client. Thread-safe.
type Watcher struct {
	link    *sidecar.Link
	client  breakerv1.BreakerClient
	start   sync.Once
	session atomic.Uint64

	mutex sync.Mutex
	// Protected by mutex.
	byName map[string]*Told
}

// NewWatcher watches nothing before Start.
func NewWatcher(link *sidecar.Link, client breakerv1.BreakerClient) *Watcher {
	return &Watcher{link: link, client: client, byName: map[string]*Told{}}
}

// Start begins to watch, the first time.
func (w *Watcher) Start() {
	w.start.Do(func() { w.link.Go(w.run) })
}

// Session is the present stream's, for AcquireRequest; 0: there is none.
func (w *Watcher) Session() uint64 { return w.session.Load() }

// Told gives what is told of the breaker, now and later.
func (w *Watcher) Told(breaker string) *Told {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	told := w.byName[breaker]
	if told == nil {
		told = &Told{}
		w.byName[breaker] = told
	}
	return told
}

// run watches until the client is closed, over as many streams as it takes.
func (w *Watcher) run() {
	pause := firstPause
	for w.link.Life().Err() == nil {
		if w.watch() {
			pause = firstPause
		}
		w.session.Store(0)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-w.link.Life().Done():
			timer.Stop()
		}
		pause = min(2*pause, longestPause)
	}
}

// watch reads one stream to its end. What the one before told holds until its time
// is over, or until this one tells anything.
func (w *Watcher) watch() (told bool) {
	ctx, cancel := context.WithCancel(w.link.Life())
	defer cancel()
	stream, err := w.client.Watch(ctx, &breakerv1.WatchRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return false
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return told
		}
		if !told {
			w.clear()
			told = true
		}
		if session := response.GetSession(); session != 0 {
			w.session.Store(session)
		}
		if response.GetBreaker() == "" {
			w.clear() // some messages were left out
			continue
		}
		w.Told(response.GetBreaker()).set(response.GetMethod(), stateOf(response, clock.Now()))
	}
}

func (w *Watcher) clear() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, told := range w.byName {
		told.clear()
	}
}
