// Package outriggergrpc limits what a gRPC server admits, and keeps a gRPC client
// from calling services that fail.
package outriggergrpc

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// AttributesOf says who and what a call is for; method is the full one,
// "/package.Service/Method". Nil: the call is not limited.
type AttributesOf func(ctx context.Context, method string) outrigger.Attributes

// UnaryServerInterceptor admits what the limits admit, and ends the rest with
// RESOURCE_EXHAUSTED. The header metadata has ratelimit and ratelimit-policy, and
// of denials retry-after; their status has RetryInfo.
func UnaryServerInterceptor(limiter *outrigger.Limiter, attributesOf AttributesOf, options ...outrigger.AllowOption) grpc.UnaryServerInterceptor {
	l := newLimit(limiter, attributesOf, options)
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		setHeader := func(headers metadata.MD) error { return grpc.SetHeader(ctx, headers) }
		if err := l.check(ctx, info.FullMethod, setHeader); err != nil {
			return nil, err
		}
		return handler(ctx, request)
	}
}

// StreamServerInterceptor is the same for streams: each is one request.
func StreamServerInterceptor(limiter *outrigger.Limiter, attributesOf AttributesOf, options ...outrigger.AllowOption) grpc.StreamServerInterceptor {
	l := newLimit(limiter, attributesOf, options)
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if err := l.check(stream.Context(), info.FullMethod, stream.SetHeader); err != nil {
			return err
		}
		return handler(server, stream)
	}
}

type limit struct {
	limiter      *outrigger.Limiter
	attributesOf AttributesOf
	options      []outrigger.AllowOption
}

func newLimit(limiter *outrigger.Limiter, attributesOf AttributesOf, options []outrigger.AllowOption) *limit {
	return &limit{limiter, attributesOf, append([]outrigger.AllowOption{outrigger.Detail()}, options...)}
}

func (l *limit) check(ctx context.Context, method string, setHeader func(metadata.MD) error) error {
	attributes := l.attributesOf(ctx, method)
	if attributes == nil {
		return nil
	}
	decision, err := l.limiter.Allow(ctx, attributes, l.options...)
	switch {
	case errors.Is(err, context.Canceled):
		return status.FromContextError(err).Err()
	case err != nil:
		return status.Error(codes.Internal, "the rate limit could not be asked for")
	}
	headers := metadata.MD{}
	for _, header := range decision.Headers() {
		headers.Set(strings.ToLower(header.Name), header.Value)
	}
	if len(headers) > 0 {
		if err := setHeader(headers); err != nil {
			return err
		}
	}
	if decision.Allowed {
		return nil
	}
	return denial(decision)
}

func denial(decision outrigger.Decision) error {
	said := status.New(codes.ResourceExhausted, "too many requests")
	if decision.RetryAfter > 0 {
		info := &errdetails.RetryInfo{RetryDelay: durationpb.New(decision.RetryAfter)}
		if detailed, err := said.WithDetails(info); err == nil {
			said = detailed
		}
	}
	return said.Err()
}
