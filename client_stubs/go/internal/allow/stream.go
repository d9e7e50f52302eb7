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
	maxQuestions = 1000 // of a message; the sidecar's own bound
	// MaxBytes of a message. A question that is larger must go alone, as Allow; it is
	// a mistake, which the sidecar is to name.
	MaxBytes = 256 << 10
)

// stream is one AllowStream, from before it opens to after its end.
type stream struct {
	asker *Asker
	wake  chan struct{} // holds one; sent to when `writing` becomes true

	// All below is protected by the asker's mutex.
	waiting queue               // not sent yet
	sent    map[uint64]*message // not answered yet
	writing bool                // the writer has been woken, and will look at the queue
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
	s.asker.lastID++
	m.id = s.asker.lastID
	s.sent[m.id] = m
	return m.proto()
}

// next is called with the asker's mutex held.
func (s *stream) next() *message {
	var taken []*question
	bytes := 0
	for q := s.waiting.first; q != nil && len(taken) < maxQuestions; q = s.waiting.first {
		if bytes += q.size; bytes > MaxBytes && len(taken) > 0 {
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
	questions := s.settle(response.GetId())
	for _, q := range questions {
		if q == nil {
			continue
		}
		switch {
		case wrong != nil:
			q.answer(nil, failure(wrong, len(questions)))
		case q.place < len(response.GetResponses()):
			q.answer(response.GetResponses()[q.place], nil)
		default:
			q.answer(nil, &sidecar.NoAnswer{Cause: io.ErrUnexpectedEOF})
		}
	}
}

// settle finds the questions that an answer is about; nil for those whose callers
// have given up.
func (s *stream) settle(id uint64) []*question {
	s.asker.mutex.Lock()
	defer s.asker.mutex.Unlock()
	m := s.sent[id]
	if m == nil {
		return nil
	}
	delete(s.sent, id)
	m.delivered = true
	return m.questions
}

// failure is what a message's error means for one of its questions. That of a
// message of many may be due to any of them; nothing was decided then.
func failure(wrong *ratelimitv1.StreamError, questions int) error {
	code := codes.Code(wrong.GetCode())
	said := &sidecar.Error{Code: code, Message: wrong.GetMessage()}
	switch {
	case !sidecar.IsMistake(code):
		return &sidecar.NoAnswer{Cause: said}
	case questions > 1:
		return errAskAlone
	default:
		return said
	}
}

// end answers all who are under way: the next question opens another stream.
func (s *stream) end(err error) {
	s.asker.mutex.Lock()
	s.asker.current = nil
	var left []*question
	for _, m := range s.sent {
		m.delivered = true
		for _, q := range m.questions {
			if q != nil {
				left = append(left, q)
			}
		}
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
