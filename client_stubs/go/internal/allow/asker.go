// Package allow asks the sidecar for decisions. Questions that are asked at the
// same time go out as one message of one stream; nobody waits for more to come.
package allow

import (
	"context"
	"errors"
	"sync"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

var (
	errDeadline = errors.New("the deadline has passed")
	errClosing  = errors.New("the client was closed")
	errAskAlone = errors.New("another question spoilt the message")
)

// Asker holds the stream. Thread-safe.
type Asker struct {
	link   *sidecar.Link
	client ratelimitv1.RateLimiterClient

	mutex sync.Mutex
	// All below is protected by mutex.
	current *stream // nil: the next question opens one
	lastID  uint64
}

// NewAsker opens nothing yet.
func NewAsker(link *sidecar.Link) *Asker {
	return &Asker{link: link, client: ratelimitv1.NewRateLimiterClient(link.Channel)}
}

// Ask waits for the answer at most until the link's timeout or ctx's end. `size`
// is roughly that of the request in bytes. A question that was sent together with
// a mistake is asked again by itself. Its error is one of sidecar.Failure's.
func (a *Asker) Ask(ctx context.Context, request *ratelimitv1.AllowRequest, size int) (*ratelimitv1.AllowResponse, error) {
	began := clock.Now()
	response, err := a.askTogether(ctx, request, size)
	if err == errAskAlone {
		return sidecar.Unary(ctx, a.link, began.Sub(clock.Now()), a.client.Allow, request)
	}
	return response, err
}

func (a *Asker) askTogether(ctx context.Context, request *ratelimitv1.AllowRequest, size int) (*ratelimitv1.AllowResponse, error) {
	q := questions.Get().(*question)
	q.request, q.size = request, size
	q.timer.Reset(a.link.Timeout)
	if !a.enqueue(q) {
		q.timer.Stop()
		q.forget()
		return nil, &sidecar.NoAnswer{Cause: errClosing}
	}
	var late error
	select {
	case <-q.answered:
	case <-q.timer.C:
		late = &sidecar.NoAnswer{Cause: errDeadline}
	case <-ctx.Done():
		late = sidecar.Failure(ctx, ctx.Err())
	}
	q.timer.Stop()
	if late != nil && a.giveUp(q) {
		q.forget()
		return nil, late
	}
	if late != nil {
		<-q.answered // it is being handed out right now
	}
	response, err := q.response, q.err
	q.forget()
	return response, err
}

// enqueue opens a stream if there is none. False: the client is closed.
func (a *Asker) enqueue(q *question) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.current == nil {
		opened := &stream{asker: a, wake: make(chan struct{}, 1), sent: map[uint64]*message{}}
		if !a.link.Go(opened.run) {
			return false
		}
		a.current = opened
	}
	a.current.waiting.push(q)
	a.current.wakeWriter()
	return true
}

// giveUp takes the question back from wherever it is. False: too late, it has
// its answer.
func (a *Asker) giveUp(q *question) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	switch {
	case q.queued:
		a.current.waiting.remove(q)
	case q.message == nil || q.message.delivered:
		return false
	default:
		m := q.message
		m.questions[q.place] = nil
		m.left--
		if m.left == 0 && a.current != nil {
			delete(a.current.sent, m.id)
		}
	}
	return true
}

// Pending is how many messages wait for an answer, and questions for being sent.
func (a *Asker) Pending() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.current == nil {
		return 0
	}
	pending := len(a.current.sent)
	for q := a.current.waiting.first; q != nil; q = q.next {
		pending++
	}
	return pending
}
