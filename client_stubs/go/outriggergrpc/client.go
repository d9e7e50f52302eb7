package outriggergrpc

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// BreakerOf says which breaker decides about calls of the full method
// "/package.Service/Method". Nil: none does.
type BreakerOf func(method string) *outrigger.Breaker

// Always has one breaker decide about all calls.
func Always(breaker *outrigger.Breaker) BreakerOf {
	return func(string) *outrigger.Breaker { return breaker }
}

// Denied is the error of a call that a breaker denied, and that was not made: its
// status is UNAVAILABLE, and errors.As finds the *outrigger.DeniedError.
type Denied struct {
	*outrigger.DeniedError
}

// GRPCStatus is UNAVAILABLE.
func (d *Denied) GRPCStatus() *status.Status { return status.New(codes.Unavailable, d.Error()) }

// Unwrap gives the breaker's own error.
func (d *Denied) Unwrap() error { return d.DeniedError }

// UnaryClientInterceptor asks a breaker before each call, and tells it how the call
// ended, by outrigger.Classify. The breaker's method is the call's full one.
func UnaryClientInterceptor(breakerOf BreakerOf) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, response any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		breaker := breakerOf(method)
		if breaker == nil {
			return invoke(ctx, method, request, response, connection, options...)
		}
		permit, err := acquire(ctx, breaker, method)
		if err != nil {
			return err
		}
		result := outrigger.Failure // unless the call returns
		defer func() { permit.Done(result) }()
		err = invoke(ctx, method, request, response, connection, options...)
		result = outrigger.Classify(err)
		return err
	}
}

// StreamClientInterceptor is the same for streams, whose outcome is known at their
// end: when RecvMsg gives an error (io.EOF: Success), SendMsg another than io.EOF, or
// ctx ends.
func StreamClientInterceptor(breakerOf BreakerOf) grpc.StreamClientInterceptor {
	return func(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
		breaker := breakerOf(method)
		if breaker == nil {
			return open(ctx, description, connection, method, options...)
		}
		permit, err := acquire(ctx, breaker, method)
		if err != nil {
			return nil, err
		}
		opened := false
		defer func() {
			if !opened { // it panics
				permit.Done(outrigger.Failure)
			}
		}()
		stream, err := open(ctx, description, connection, method, options...)
		opened = true
		if err != nil {
			permit.Done(outrigger.Classify(err))
			return nil, err
		}
		watched := &watchedStream{ClientStream: stream, permit: permit, single: !description.ServerStreams}
		watched.stop = context.AfterFunc(ctx, func() { watched.end(outrigger.Classify(ctx.Err())) })
		return watched, nil
	}
}

func acquire(ctx context.Context, breaker *outrigger.Breaker, method string) (outrigger.Permit, error) {
	permit, err := breaker.Acquire(ctx, outrigger.Method(method))
	var denied *outrigger.DeniedError
	if errors.As(err, &denied) {
		return permit, &Denied{denied}
	}
	return permit, err
}

// watchedStream tells the breaker how the stream ended, once.
type watchedStream struct {
	grpc.ClientStream
	permit outrigger.Permit
	single bool // the server sends one message
	stop   func() bool
	once   sync.Once
}

func (w *watchedStream) end(result outrigger.Result) {
	w.once.Do(func() { w.permit.Done(result) })
}

// SendMsg ends the stream if it fails; io.EOF: RecvMsg tells why it has ended.
func (w *watchedStream) SendMsg(message any) error {
	err := w.ClientStream.SendMsg(message)
	if err != nil && err != io.EOF {
		w.end(outrigger.Classify(err))
		w.stop()
	}
	return err
}

// RecvMsg is where a stream's end is seen.
func (w *watchedStream) RecvMsg(message any) error {
	err := w.ClientStream.RecvMsg(message)
	switch {
	case err == io.EOF, err == nil && w.single:
		w.end(outrigger.Success)
		w.stop()
	case err != nil:
		w.end(outrigger.Classify(err))
		w.stop()
	}
	return err
}
