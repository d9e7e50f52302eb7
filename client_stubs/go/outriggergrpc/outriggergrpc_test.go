package outriggergrpc_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
	"github.com/outrigger/outrigger/client_stubs/go/outriggergrpc"
)

const config = `
limits:
- {name: per_user, key: [user], rate: 2/1h, burst: 2}
breakers:
- {name: shop, consecutive_failures: 2, failure_rate: 0, open_for: 1h}
`

// shop is a service of one message a call; it answers with `code`.
type shop struct {
	grpc_health_v1.UnimplementedHealthServer
	code  atomic.Uint32
	calls atomic.Int64
}

func (s *shop) said() error {
	s.calls.Add(1)
	return status.Error(codes.Code(s.code.Load()), "as told")
}

func (s *shop) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if err := s.said(); err != nil {
		return nil, err
	}
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

func (s *shop) Watch(_ *grpc_health_v1.HealthCheckRequest, stream grpc_health_v1.Health_WatchServer) error {
	if err := stream.Send(&grpc_health_v1.HealthCheckResponse{}); err != nil {
		return err
	}
	return s.said()
}

func serve(t *testing.T, serverOptions []grpc.ServerOption, dialOptions ...grpc.DialOption) (*shop, grpc_health_v1.HealthClient) {
	t.Helper()
	s := &shop{}
	target := sidecartest.Play(t, func(server *grpc.Server) { grpc_health_v1.RegisterHealthServer(server, s) }, serverOptions...)
	dialOptions = append(dialOptions,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithAuthority("localhost"))
	connection, err := grpc.NewClient("unix:"+target, dialOptions...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return s, grpc_health_v1.NewHealthClient(connection)
}

func byUser(ctx context.Context, _ string) outrigger.Attributes {
	headers, _ := metadata.FromIncomingContext(ctx)
	if users := headers.Get("x-user"); len(users) > 0 {
		return outrigger.Attributes{"user": users[0]}
	}
	return nil
}

func limited(t *testing.T) (*shop, grpc_health_v1.HealthClient) {
	t.Helper()
	limiter := clienttest.Connect(t, sidecartest.Start(t, config).Target).Limiter()
	return serve(t, []grpc.ServerOption{
		grpc.UnaryInterceptor(outriggergrpc.UnaryServerInterceptor(limiter, byUser)),
		grpc.StreamInterceptor(outriggergrpc.StreamServerInterceptor(limiter, byUser)),
	})
}

func asUser(user string) context.Context {
	return metadata.AppendToOutgoingContext(context.Background(), "x-user", user)
}

func first(headers metadata.MD, name string) string { return strings.Join(headers.Get(name), "|") }

func expectDenial(t *testing.T, err error, headers metadata.MD) {
	t.Helper()
	said := status.Convert(err)
	if said.Code() != codes.ResourceExhausted {
		t.Fatal(err)
	}
	retry := false
	for _, detail := range said.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			retry = info.GetRetryDelay().AsDuration() > 0
		}
	}
	if !retry || first(headers, "retry-after") == "" || !strings.HasPrefix(first(headers, "ratelimit"), `"per_user";r=0;t=`) {
		t.Errorf("%v %v", said.Details(), headers)
	}
}

func TestAServerEndsUnaryCallsWithResourceExhausted(t *testing.T) {
	s, client := limited(t)
	var headers metadata.MD
	for range 2 {
		if _, err := client.Check(asUser("alice"), nil, grpc.Header(&headers)); err != nil {
			t.Fatal(err)
		}
		if first(headers, "ratelimit-policy") != `"per_user";q=2;w=3600` || first(headers, "retry-after") != "" {
			t.Error(headers)
		}
	}
	_, err := client.Check(asUser("alice"), nil, grpc.Header(&headers))
	expectDenial(t, err, headers)
	for range 3 {
		if _, err := client.Check(context.Background(), nil); err != nil {
			t.Error("without attributes:", err)
		}
	}
	if got := s.calls.Load(); got != 5 {
		t.Errorf("the service had %d calls", got)
	}
}

func TestAServerEndsStreamsWithResourceExhausted(t *testing.T) {
	_, client := limited(t)
	for i := range 3 {
		stream, err := client.Watch(asUser("bob"), &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		headers, headerErr := stream.Header()
		if headerErr != nil {
			t.Error(headerErr)
		}
		if i < 2 {
			if err != nil || first(headers, "ratelimit") == "" {
				t.Errorf("%v %v", err, headers)
			}
			continue
		}
		expectDenial(t, err, headers)
	}
}

func broken(t *testing.T) (*shop, grpc_health_v1.HealthClient, *outrigger.Client) {
	t.Helper()
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	of := outriggergrpc.Always(client.Breaker("shop"))
	s, health := serve(t, nil,
		grpc.WithUnaryInterceptor(outriggergrpc.UnaryClientInterceptor(of)),
		grpc.WithStreamInterceptor(outriggergrpc.StreamClientInterceptor(of)))
	return s, health, client
}

func expectOpen(t *testing.T, client *outrigger.Client) {
	t.Helper()
	if err := client.FlushOutcomes(context.Background()); err != nil {
		t.Error(err)
	}
	breaker := client.Breaker("shop")
	sidecartest.Until(t, "it is open", func() bool { return breaker.State("").State == outrigger.Open })
}

func expectDenied(t *testing.T, err error) {
	t.Helper()
	var denied *outrigger.DeniedError
	if !errors.As(err, &denied) || denied.State != outrigger.Open || status.Code(err) != codes.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestAClientDoesNotCallAServiceThatFails(t *testing.T) {
	s, health, client := broken(t)
	ctx := context.Background()
	for _, code := range []codes.Code{codes.OK, codes.NotFound, codes.InvalidArgument, codes.NotFound} {
		s.code.Store(uint32(code))
		if _, err := health.Check(ctx, nil); status.Code(err) != code {
			t.Error(err)
		}
	}
	s.code.Store(uint32(codes.Unavailable))
	for range 2 {
		if _, err := health.Check(ctx, nil); status.Code(err) != codes.Unavailable {
			t.Error(err)
		}
	}
	expectOpen(t, client)
	before := s.calls.Load()
	_, err := health.Check(ctx, nil)
	expectDenied(t, err)
	_, err = health.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
	expectDenied(t, err)
	if s.calls.Load() != before {
		t.Error("the service was called")
	}
}

func TestAMessageThatCannotBeSentEndsAStream(t *testing.T) {
	_, health, client := broken(t)
	for range 2 {
		_, err := health.Watch(context.Background(), &grpc_health_v1.HealthCheckRequest{Service: "too long"}, grpc.MaxCallSendMsgSize(1))
		if status.Code(err) != codes.ResourceExhausted {
			t.Error(err)
		}
	}
	expectOpen(t, client)
}

func TestAStreamsOutcomeIsKnownAtItsEnd(t *testing.T) {
	s, health, client := broken(t)
	watch := func(ctx context.Context) error {
		stream, err := health.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			return err
		}
		for {
			if _, err := stream.Recv(); err != nil {
				return err
			}
		}
	}
	if err := watch(context.Background()); err != io.EOF {
		t.Error(err)
	}
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		stream, err := health.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		cancel() // the caller's own doing
		if _, err := stream.Recv(); err != nil && status.Code(err) != codes.Canceled {
			t.Error(err)
		}
	}
	s.code.Store(uint32(codes.Internal))
	for range 2 {
		if err := watch(context.Background()); status.Code(err) != codes.Internal {
			t.Error(err)
		}
	}
	expectOpen(t, client)
}
