// Package outriggerotel passes OpenTelemetry's context on to the sidecar, whose
// spans are then below the caller's:
//
//	client, err := outrigger.Connect(outrigger.WithPropagator(outriggerotel.Propagator()))
package outriggerotel

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// Propagator passes on W3C's traceparent, tracestate and baggage, which the
// sidecar understands, whatever the process' global propagator is.
func Propagator() outrigger.Propagator {
	return propagator{propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})}
}

type propagator struct{ headers propagation.TextMapPropagator }

func (p propagator) Inject(ctx context.Context, set func(name, value string)) {
	p.headers.Inject(ctx, carrier(set))
}

func (propagator) Sampled(ctx context.Context) bool {
	return trace.SpanContextFromContext(ctx).IsSampled()
}

// carrier is only written to.
type carrier func(name, value string)

func (carrier) Get(string) string        { return "" }
func (c carrier) Set(name, value string) { c(name, value) }
func (carrier) Keys() []string           { return nil }
