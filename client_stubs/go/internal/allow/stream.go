package allow

import (
	"context"
	"io"
	"runtime"

	"google.golang.org/grpc/codes"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

const (
	maxQuestions    = 1000      // of a message; the sidecar's own bound
	maxMessageBytes = 256 << 10 // unless one question is larger
)

// stream is one AllowStream, from before it opens to after its end.
type stream struct {
	asker *Asker
	wake  chan struct{} // holds one; sent to when `writing` becomes true

	// All below is protected by the asker's mutex.
	waiting queue               // not sent yet
	again   []*message          // to be sent in smaller parts
	sent    map[uint64]*message // not answered yet
	lastID  uint64
	writing bool // the writer has been woken, and will look at the queue
}

// wakeWriter is called with the asker's mutex held.
func (s *stream) wakeWriter() {
	if !s.writing {
		s.writing = true
		s.wake <- struct{}{}
	}
}

// run is the stream's life: it opens, reads until the end, and then answers all
// who are under way.
func (s *stream) run() {
	ctx, cancel := context.WithCancel(s.asker.link.Life())
	defer cancel()
	opened, err := s.asker.client.AllowStream(ctx)
	if err == nil {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.write(ctx, opened)
		}()
		err = s.read(opened)
		cancel()
		<-ended
	}
	s.end(err)
}

// write sends what has gathered, whenever there is something. It only ends with
// ctx, or when sending fails; then read tells why.
func (s *stream) write(ctx context.Context, opened ratelimitv1.RateLimiter_AllowStreamClient) {
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		for {
			// Whoever is ready to ask right now gets in, too.
			runtime.Gosched()
			request := s.take()
			if request == nil {
				break
			}
			if opened.Send(request) != nil {
				return
			}
		}
	}
}

// take makes the next message. Nil: there is nothing to send, and the writer
// will be woken.
func (s *stream) take() *ratelimitv1.AllowStreamRequest {
	s.asker.mutex.Lock()
	defer s.asker.mutex.Unlock()
	m := s.next()
	if m == nil {
		s.writing = false
		return nil
	}
	s.lastID++
	m.id = s.lastID
	s.sent[m.id] = m
	return m.proto()
}

// next is called with the asker's mutex held.
func (s *stream) next() *message {
	for len(s.again) > 0 {
		m := s.again[0]
		s.again = s.again[1:]
		if waiting := m.remaining(); len(waiting) > 0 {
			return newMessage(waiting)
		}
	}
	var taken []*question
	bytes := 0
	for q := s.waiting.first; q != nil && len(taken) < maxQuestions; q = s.waiting.first {
		if bytes += q.size; bytes > maxMessageBytes && len(taken) > 0 {
			break
		}
		s.waiting.remove(q)
		taken = append(taken, q)
	}
	if len(taken) == 0 {
		return nil
	}
	return newMessage(taken)
}

// read hands out answers until the stream ends, and gives the reason.
func (s *stream) read(opened ratelimitv1.RateLimiter_AllowStreamClient) error {
	for {
		response, err := opened.Recv()
		if err != nil {
			return err
		}
		s.receive(response)
	}
}

func (s *stream) receive(response *ratelimitv1.AllowStreamResponse) {
	wrong := response.GetError()
	for _, q := range s.settle(response.GetId(), wrong) {
		if q == nil {
			continue
		}
		switch {
		case wrong != nil:
			q.answer(nil, streamFailure(wrong))
		case q.place < len(response.GetResponses()):
			q.answer(response.GetResponses()[q.place], nil)
		default:
			q.answer(nil, &sidecar.NoAnswer{Cause: io.ErrUnexpectedEOF})
		}
	}
}

// settle finds the questions that an answer is about, if their callers wait
// still. A message that one question spoilt is asked again in two halves: of
// such a message nothing was decided.
func (s *stream) settle(id uint64, wrong *ratelimitv1.StreamError) []*question {
	s.asker.mutex.Lock()
	defer s.asker.mutex.Unlock()
	m := s.sent[id]
	if m == nil {
		return nil
	}
	delete(s.sent, id)
	if wrong != nil && m.left > 1 && sidecar.IsMistake(codes.Code(wrong.GetCode())) {
		waiting := m.remaining()
		half := len(waiting) / 2
		s.again = append(s.again, newMessage(waiting[:half]), newMessage(waiting[half:]))
		s.wakeWriter()
		return nil
	}
	m.delivered = true
	return m.questions
}

func streamFailure(wrong *ratelimitv1.StreamError) error {
	code := codes.Code(wrong.GetCode())
	said := &sidecar.Error{Code: code, Message: wrong.GetMessage()}
	if sidecar.IsMistake(code) {
		return said
	}
	return &sidecar.NoAnswer{Cause: said}
}

// end answers all who are under way: the next question opens another stream.
func (s *stream) end(err error) {
	s.asker.mutex.Lock()
	s.asker.current = nil
	var left []*question
	for _, m := range s.sent {
		m.delivered = true
		left = append(left, m.remaining()...)
	}
	for _, m := range s.again {
		m.delivered = true
		left = append(left, m.remaining()...)
	}
	for q := s.waiting.first; q != nil; q = s.waiting.first {
		s.waiting.remove(q)
		left = append(left, q)
	}
	s.asker.mutex.Unlock()
	for _, q := range left {
		q.answer(nil, &sidecar.NoAnswer{Cause: err})
	}
}
