package allow

import (
	"sync"
	"time"

	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

// question is one caller's, from its asking to its answer. It is in the queue,
// or in a message that was sent, or answered, or given up by its caller.
// Protected by the asker's mutex, but for `answered`.
type question struct {
	request *ratelimitv1.AllowRequest
	size    int // bytes, roughly

	// In the queue.
	queued         bool
	previous, next *question
	// In a message.
	message *message
	place   int

	// The answer; written before `answered` is sent to.
	response *ratelimitv1.AllowResponse
	err      error
	answered chan struct{} // holds one
	timer    *time.Timer
}

// questions keeps those that are done with: each has a timer and a channel.
var questions = sync.Pool{New: func() any {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &question{answered: make(chan struct{}, 1), timer: timer}
}}

// forget makes the question ready for another. Nobody else knows it any more.
func (q *question) forget() {
	answered, timer := q.answered, q.timer
	*q = question{answered: answered, timer: timer}
	questions.Put(q)
}

func (q *question) answer(response *ratelimitv1.AllowResponse, err error) {
	q.response, q.err = response, err
	q.answered <- struct{}{}
}

// queue holds the questions that are not sent yet, in order.
type queue struct {
	first, last *question
}

func (q *queue) push(added *question) {
	added.queued = true
	added.previous = q.last
	if q.last == nil {
		q.first = added
	} else {
		q.last.next = added
	}
	q.last = added
}

func (q *queue) remove(gone *question) {
	if gone.previous == nil {
		q.first = gone.next
	} else {
		gone.previous.next = gone.next
	}
	if gone.next == nil {
		q.last = gone.previous
	} else {
		gone.next.previous = gone.previous
	}
	gone.queued, gone.previous, gone.next = false, nil, nil
}

// message is what was sent together.
type message struct {
	id        uint64
	questions []*question // nil: its caller has given up
	left      int         // those that are not nil
	delivered bool        // the answers are being handed out
}

func newMessage(questions []*question) *message {
	m := &message{questions: questions, left: len(questions)}
	for place, q := range questions {
		q.message, q.place = m, place
	}
	return m
}

func (m *message) proto() *ratelimitv1.AllowStreamRequest {
	requests := make([]*ratelimitv1.AllowRequest, 0, m.left)
	for _, q := range m.questions {
		requests = append(requests, q.request)
	}
	return &ratelimitv1.AllowStreamRequest{Id: m.id, Requests: requests}
}
