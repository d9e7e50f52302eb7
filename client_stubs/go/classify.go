package outrigger

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Classify says what an error means for the service that was called. Cancelled by
// the caller: Ignored. gRPC's codes that are the caller's own doing
// (INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED,
// UNAUTHENTICATED, FAILED_PRECONDITION, OUT_OF_RANGE), and an error that has a
// method StatusCode() int below 500: Success. All else: Failure. No error: Success.
func Classify(err error) Result {
	if err == nil {
		return Success
	}
	if errors.Is(err, context.Canceled) {
		return Ignored
	}
	if said, ok := status.FromError(err); ok {
		return ClassifyCode(said.Code())
	}
	var http interface{ StatusCode() int }
	if errors.As(err, &http) && http.StatusCode() < 500 {
		return Success
	}
	return Failure
}

// ClassifyCode is Classify for a code of gRPC.
func ClassifyCode(code codes.Code) Result {
	switch code {
	case codes.OK, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied,
		codes.Unauthenticated, codes.FailedPrecondition, codes.OutOfRange:
		return Success
	case codes.Canceled:
		return Ignored
	default:
		return Failure
	}
}
