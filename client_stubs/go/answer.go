package outrigger

import "github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"

// Source says who decided.
type Source uint8

const (
	// Sidecar answered, now or (breakers) by what it has told the process.
	Sidecar Source = iota
	// Fallback means that the sidecar did not answer, and the part's policy decided.
	Fallback
)

// String is "sidecar" or "fallback".
func (s Source) String() string {
	if s == Fallback {
		return "fallback"
	}
	return "sidecar"
}

// Error is a mistake of the caller's, with the sidecar's code and message.
// status.Code and status.FromError of gRPC understand it.
type Error = sidecar.Error

// ErrClosed is the error of a call after Close.
var ErrClosed = sidecar.ErrClosed

// Propagator passes the caller's trace on to the sidecar, so that the sidecar's
// spans are below the caller's. The module
// github.com/outrigger/outrigger/client_stubs/go/otel has OpenTelemetry's.
type Propagator = sidecar.Propagator

// Result is how a call ended. One that is none of the three counts as a Failure.
type Result uint8

const (
	// Success: the service (or the endpoint) did its part.
	Success Result = iota + 1
	// Failure: it did not.
	Failure
	// Ignored says nothing about the service: the call was cancelled, or the
	// caller itself is at fault.
	Ignored
)

// String is "success", "failure" or "ignored".
func (r Result) String() string {
	switch r {
	case Success:
		return "success"
	case Failure:
		return "failure"
	case Ignored:
		return "ignored"
	default:
		return "unspecified"
	}
}

// known is one of the three.
func (r Result) known() Result {
	if r == Success || r == Ignored {
		return r
	}
	return Failure
}
