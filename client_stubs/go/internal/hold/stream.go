package hold

import (
	"container/list"
	"context"

	"google.golang.org/grpc/codes"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

// stream is one Hold, from before it opens to after its end.
type stream struct {
	holder *Holder
	wake   chan struct{} // holds one; sent to when `writing` becomes true

	// All below is protected by the holder's mutex.
	queue   list.List           // of *outgoing, not sent yet
	waiting map[uint64]*acquire // by their ids
	leases  map[uint64]*Lease   // by the sidecar's ids
	writing bool                // the writer has been woken, and will look at the queue
	ended   bool
}

// outgoing is a message that was not sent yet.
type outgoing struct {
	message *poolv1.HoldRequest
	element *list.Element
	acquire *acquire // nil unless it is one
}

func newStream(holder *Holder) *stream {
	return &stream{
		holder:  holder,
		wake:    make(chan struct{}, 1),
		waiting: map[uint64]*acquire{},
		leases:  map[uint64]*Lease{},
	}
}

// push is called with the holder's mutex held.
func (s *stream) push(message *poolv1.HoldRequest) *outgoing {
	o := &outgoing{message: message}
	o.element = s.queue.PushBack(o)
	if !s.writing {
		s.writing = true
		s.wake <- struct{}{}
	}
	return o
}

// giveUp takes back an acquire whose caller waits no longer. False: too late, it
// has its answer.
func (s *stream) giveUp(a *acquire) bool {
	s.holder.mutex.Lock()
	defer s.holder.mutex.Unlock()
	if s.waiting[a.id] != a {
		return false
	}
	delete(s.waiting, a.id)
	if a.unsent != nil {
		s.queue.Remove(a.unsent.element)
	} else {
		s.push(&poolv1.HoldRequest{Id: a.id, Request: &poolv1.HoldRequest_Cancel{Cancel: a.id}})
	}
	return true
}

// run is the stream's life.
func (s *stream) run() {
	ctx, cancel := context.WithCancel(s.holder.link.Life())
	defer cancel()
	opened, err := s.holder.client.Hold(ctx)
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

// write sends what is queued. It only ends with ctx, or when sending fails; then
// read tells why.
func (s *stream) write(ctx context.Context, opened poolv1.Pool_HoldClient) {
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		for message := s.take(); message != nil; message = s.take() {
			if opened.Send(message) != nil {
				return
			}
		}
	}
}

// take gives the next message. Nil: there is none, and the writer will be woken.
func (s *stream) take() *poolv1.HoldRequest {
	s.holder.mutex.Lock()
	defer s.holder.mutex.Unlock()
	first := s.queue.Front()
	if first == nil {
		s.writing = false
		return nil
	}
	o := s.queue.Remove(first).(*outgoing)
	if o.acquire != nil {
		o.acquire.unsent = nil
	}
	return o.message
}

func (s *stream) read(opened poolv1.Pool_HoldClient) error {
	for {
		response, err := opened.Recv()
		if err != nil {
			return err
		}
		s.receive(response)
	}
}

func (s *stream) receive(response *poolv1.HoldResponse) {
	s.holder.mutex.Lock()
	defer s.holder.mutex.Unlock()
	switch said := response.GetResponse().(type) {
	case *poolv1.HoldResponse_Acquired:
		s.acquired(response.GetId(), said.Acquired)
	case *poolv1.HoldResponse_Error:
		if a := s.settle(response.GetId()); a != nil {
			a.err = failure(said.Error)
			close(a.answered)
		}
	case *poolv1.HoldResponse_LostLeaseId:
		if lease := s.leases[said.LostLeaseId]; lease != nil {
			delete(s.leases, said.LostLeaseId)
			lease.lose()
		}
	}
}

// acquired is called with the holder's mutex held.
func (s *stream) acquired(id uint64, response *poolv1.AcquireResponse) {
	a := s.settle(id)
	switch {
	case a == nil && response.GetAcquired():
		s.release(response.GetLeaseId(), poolv1.Result_IGNORED)
	case a == nil:
	default:
		if response.GetAcquired() {
			a.lease = newLease(s, a.began, response)
			s.leases[response.GetLeaseId()] = a.lease
		}
		a.response = response
		close(a.answered)
	}
}

// settle is called with the holder's mutex held. Nil: its caller has given up.
func (s *stream) settle(id uint64) *acquire {
	a := s.waiting[id]
	delete(s.waiting, id)
	return a
}

// release is called with the holder's mutex held.
func (s *stream) release(leaseID uint64, result poolv1.Result) {
	if s.ended {
		return // what it held is free
	}
	s.holder.lastID++
	s.push(&poolv1.HoldRequest{Id: s.holder.lastID, Request: &poolv1.HoldRequest_Release{
		Release: &poolv1.ReleaseRequest{LeaseId: leaseID, Result: result},
	}})
}

func failure(wrong *poolv1.HoldError) error {
	code := codes.Code(wrong.GetCode())
	said := &sidecar.Error{Code: code, Message: wrong.GetMessage()}
	if sidecar.IsMistake(code) {
		return said
	}
	return &sidecar.NoAnswer{Cause: said}
}

// end answers all who wait, and tells all who hold: the next acquire opens
// another stream.
func (s *stream) end(err error) {
	s.holder.mutex.Lock()
	defer s.holder.mutex.Unlock()
	s.holder.current = nil
	s.ended = true
	for id, a := range s.waiting {
		delete(s.waiting, id)
		a.err = &sidecar.NoAnswer{Cause: err}
		close(a.answered)
	}
	for id, lease := range s.leases {
		delete(s.leases, id)
		lease.lose()
	}
	s.queue.Init()
}
