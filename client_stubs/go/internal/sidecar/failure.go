package sidecar

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ErrClosed is the error of a call after Close.
var ErrClosed = errors.New("outrigger: the client is closed")

// Error is a mistake of the caller's, as the sidecar named it.
type Error struct {
	// Code is INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION,
	// PERMISSION_DENIED, UNAUTHENTICATED or OUT_OF_RANGE.
	Code codes.Code
	// Message names the field's path and what is allowed, or what was not found.
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("outrigger: %s: %s", e.Code, e.Message)
}

// GRPCStatus lets status.FromError and status.Code understand it.
func (e *Error) GRPCStatus() *status.Status { return status.New(e.Code, e.Message) }

// NoAnswer means that the sidecar did not answer, and the part's policy decides.
type NoAnswer struct {
	Cause error
}

func (n *NoAnswer) Error() string { return fmt.Sprintf("outrigger: no answer: %v", n.Cause) }
func (n *NoAnswer) Unwrap() error { return n.Cause }

// IsNoAnswer says whether the part's policy is to decide.
func IsNoAnswer(err error) bool {
	var none *NoAnswer
	return errors.As(err, &none)
}

// IsMistake says whether the code can only be a mistake of the caller's.
func IsMistake(code codes.Code) bool {
	switch code {
	case codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition,
		codes.PermissionDenied, codes.Unauthenticated, codes.OutOfRange:
		return true
	default:
		return false
	}
}

// Invalid is the error of an argument that cannot even be sent.
func Invalid(format string, values ...any) error {
	return &Error{Code: codes.InvalidArgument, Message: fmt.Sprintf(format, values...)}
}

// Failure sorts a call's error: the caller's own cancelling, a mistake of the
// caller's, or NoAnswer. ctx is the caller's.
func Failure(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if said := status.Convert(err); IsMistake(said.Code()) {
		return &Error{Code: said.Code(), Message: said.Message()}
	}
	return &NoAnswer{Cause: err}
}
