package outriggerotel_test

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	outriggerotel "github.com/outrigger/outrigger/client_stubs/go/otel"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

// heard is a sidecar's part that tells with which headers it was asked.
type heard struct {
	ratelimitv1.UnimplementedRateLimiterServer
	headers chan metadata.MD
}

func (h *heard) Allow(ctx context.Context, _ *ratelimitv1.AllowRequest) (*ratelimitv1.AllowResponse, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	h.headers <- headers
	return &ratelimitv1.AllowResponse{Allowed: true}, nil
}

func (h *heard) AllowStream(stream grpc.BidiStreamingServer[ratelimitv1.AllowStreamRequest, ratelimitv1.AllowStreamResponse]) error {
	for {
		asked, err := stream.Recv()
		if err != nil {
			return nil
		}
		headers, _ := metadata.FromIncomingContext(stream.Context())
		h.headers <- headers
		answers := make([]*ratelimitv1.AllowResponse, len(asked.GetRequests()))
		for i := range answers {
			answers[i] = &ratelimitv1.AllowResponse{Allowed: true}
		}
		if err := stream.Send(&ratelimitv1.AllowStreamResponse{Id: asked.GetId(), Responses: answers}); err != nil {
			return err
		}
	}
}

func listen(t *testing.T) (*outrigger.Client, *heard) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "o.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	sidecar := &heard{headers: make(chan metadata.MD, 10)}
	server := grpc.NewServer()
	ratelimitv1.RegisterRateLimiterServer(server, sidecar)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	client, err := outrigger.Connect(outrigger.WithTarget(socket), outrigger.WithTimeout(10*time.Second),
		outrigger.WithPropagator(outriggerotel.Propagator()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client, sidecar
}

func withSpan(t *testing.T, flags trace.TraceFlags) context.Context {
	t.Helper()
	state, err := trace.ParseTraceState("vendor=1")
	if err != nil {
		t.Fatal(err)
	}
	member, err := baggage.NewMember("tenant", "acme")
	if err != nil {
		t.Fatal(err)
	}
	bag, err := baggage.New(member)
	if err != nil {
		t.Fatal(err)
	}
	span := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: flags, TraceState: state,
	})
	return baggage.ContextWithBaggage(trace.ContextWithSpanContext(context.Background(), span), bag)
}

func TestASampledCallGoesAloneWithItsTrace(t *testing.T) {
	client, sidecar := listen(t)
	decision, err := client.Limiter().Allow(withSpan(t, trace.FlagsSampled), outrigger.Attributes{"user": "1"})
	if err != nil || decision.Source != outrigger.Sidecar {
		t.Fatalf("%+v, %v", decision, err)
	}
	headers := <-sidecar.headers
	for name, want := range map[string]string{
		"traceparent": "00-01000000000000000000000000000000-0200000000000000-01",
		"tracestate":  "vendor=1",
		"baggage":     "tenant=acme",
	} {
		if got := strings.Join(headers.Get(name), ","); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

func TestACallThatIsNotSampledGoesWithTheOthers(t *testing.T) {
	client, sidecar := listen(t)
	decision, err := client.Limiter().Allow(withSpan(t, 0), outrigger.Attributes{"user": "1"})
	if err != nil || decision.Source != outrigger.Sidecar {
		t.Fatalf("%+v, %v", decision, err)
	}
	if headers := <-sidecar.headers; len(headers.Get("traceparent")) > 0 {
		t.Errorf("the stream of many callers has the trace of one: %v", headers)
	}
}
