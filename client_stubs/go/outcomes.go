package outrigger

import (
	"context"
	"maps"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

// UpstreamResult is how a call ended that an adaptive limit admitted.
type UpstreamResult uint8

const (
	// UpstreamSuccess: served as usual; the limit may rise.
	UpstreamSuccess UpstreamResult = iota + 1
	// UpstreamFailure: an error or a timeout; the limit falls.
	UpstreamFailure
	// UpstreamThrottled: the upstream said that it is overloaded; the limit falls.
	UpstreamThrottled
)

// CallReport tells adaptive limits how calls ended.
type CallReport struct {
	// Attributes of the calls, as in Allow.
	Attributes Attributes
	// Limit to report to; empty: every adaptive limit that matches.
	Limit string
	// Result is required.
	Result UpstreamResult
	// Took is how long each of the calls took; 0: not known. For metrics only.
	Took time.Duration
	// Count of the calls that ended so; 0: 1. However many it stands for, a report
	// is one step of the limit.
	Count uint64
}

// Reported is Report's answer.
type Reported struct {
	// CurrentRate is the adaptive limit's rate after the report, in tokens a second;
	// if several matched, the lowest. 0 of a Fallback.
	CurrentRate float64
	// Degraded: the fleet's store was out of reach, and it is this pod's own rate.
	Degraded bool
	// Source is Fallback if the sidecar did not answer, and the report was dropped.
	Source Source
}

// Report tells adaptive limits how calls ended that they admitted. Without a
// sidecar the report is dropped and counted.
func (l *Limiter) Report(ctx context.Context, report CallReport) (Reported, error) {
	request := &ratelimitv1.ReportRequest{
		Attributes: maps.Clone(report.Attributes),
		Limit:      report.Limit,
		Result:     ratelimitv1.ReportRequest_Result(report.Result),
		Count:      report.Count,
	}
	if report.Took > 0 {
		request.Duration = durationpb.New(report.Took)
	}
	checked := &ratelimitv1.AllowRequest{Attributes: request.Attributes, Limit: request.Limit}
	if _, err := sizeOf(checked); err != nil {
		return Reported{}, err
	}
	response, err := ask(ctx, l.client, &l.client.counters.limits, 0, l.rpc.Report, request)
	if sidecar.IsNoAnswer(err) {
		return Reported{Source: Fallback}, nil
	}
	return Reported{CurrentRate: response.GetCurrentRate(), Degraded: response.GetDegraded()}, err
}

// RefundOption is one of Refund's: Cost, OnlyLimit.
type RefundOption interface {
	refund(*ratelimitv1.RefundRequest)
}

// Refund gives back what an earlier Allow took and turned out not to be used; it
// never raises a limit above its burst. Without a sidecar it is dropped and
// counted.
func (l *Limiter) Refund(ctx context.Context, attributes Attributes, options ...RefundOption) error {
	request := &ratelimitv1.RefundRequest{Attributes: maps.Clone(attributes)}
	for _, option := range options {
		option.refund(request)
	}
	checked := &ratelimitv1.AllowRequest{Attributes: request.Attributes, Limit: request.Limit}
	if _, err := sizeOf(checked); err != nil {
		return err
	}
	_, err := ask(ctx, l.client, &l.client.counters.limits, 0, l.rpc.Refund, request)
	if sidecar.IsNoAnswer(err) {
		return nil
	}
	return err
}
