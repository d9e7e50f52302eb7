package outrigger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

type httpError int

func (e httpError) Error() string   { return fmt.Sprint("HTTP ", int(e)) }
func (e httpError) StatusCode() int { return int(e) }

func TestErrorsAreClassified(t *testing.T) {
	for _, c := range []struct {
		err  error
		want outrigger.Result
	}{
		{nil, outrigger.Success},
		{errBoom, outrigger.Failure},
		{context.Canceled, outrigger.Ignored},
		{fmt.Errorf("wrapped: %w", context.Canceled), outrigger.Ignored},
		{context.DeadlineExceeded, outrigger.Failure},
		{status.Error(codes.NotFound, ""), outrigger.Success},
		{fmt.Errorf("wrapped: %w", status.Error(codes.AlreadyExists, "")), outrigger.Success},
		{status.Error(codes.Canceled, ""), outrigger.Ignored},
		{status.Error(codes.Unavailable, ""), outrigger.Failure},
		{status.Error(codes.ResourceExhausted, ""), outrigger.Failure},
		{httpError(404), outrigger.Success},
		{fmt.Errorf("wrapped: %w", httpError(503)), outrigger.Failure},
	} {
		if got := outrigger.Classify(c.err); got != c.want {
			t.Errorf("%v is a %v, not a %v", c.err, got, c.want)
		}
	}
}

func open(t *testing.T, client *outrigger.Client, fail func(*outrigger.Breaker)) *outrigger.Breaker {
	t.Helper()
	breaker := client.Breaker("shop")
	for range 2 {
		fail(breaker)
	}
	if err := client.FlushOutcomes(ctx); err != nil {
		t.Error(err)
	}
	sidecartest.Until(t, "it is open", func() bool { return breaker.State("").State == outrigger.Open })
	return breaker
}

func TestADenialIsAnErrorOrWhatIsGivenInstead(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	breaker := open(t, client, func(b *outrigger.Breaker) {
		if err := b.Do(ctx, func(context.Context) error { return errBoom }); !errors.Is(err, errBoom) {
			t.Error(err)
		}
	})
	price := func(context.Context) (int, error) {
		t.Error("it was called")
		return 0, nil
	}
	_, err := outrigger.Call(ctx, breaker, price)
	var denied *outrigger.DeniedError
	if !errors.As(err, &denied) || denied.Breaker != "shop" || denied.State != outrigger.Open || denied.RetryAfter <= 0 {
		t.Errorf("%+v", err)
	}
	got, err := outrigger.CallOr(ctx, breaker, price, func(_ context.Context, denied *outrigger.DeniedError) (int, error) {
		if denied.Reason != outrigger.ConsecutiveFailures {
			t.Error(denied)
		}
		return 42, nil
	})
	if err != nil || got != 42 {
		t.Error(got, err)
	}
}

func TestTheBodysOwnDenialIsNotThisBreakers(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	inner := &outrigger.DeniedError{Breaker: "another"}
	_, err := outrigger.CallOr(ctx, client.Breaker("shop"),
		func(context.Context) (int, error) { return 0, inner },
		func(context.Context, *outrigger.DeniedError) (int, error) {
			t.Error("it was taken for this breaker's")
			return 0, nil
		})
	if err != inner {
		t.Error(err)
	}
}

func TestAPanicIsAFailure(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	open(t, client, func(b *outrigger.Breaker) {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic is the caller's to see")
			}
		}()
		_ = b.Do(ctx, func(context.Context) error { panic("boom") })
	})
}

func TestTheClassificationCanBeReplaced(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	notFound := status.Error(codes.NotFound, "")
	open(t, client, func(b *outrigger.Breaker) {
		err := b.Do(ctx, func(context.Context) error { return notFound },
			outrigger.ClassifyBy(func(error) outrigger.Result { return outrigger.Failure }))
		if err != notFound {
			t.Error(err)
		}
	})
}

func TestAResultThatThereIsNotIsAFailure(t *testing.T) {
	for _, result := range []outrigger.Result{0, 99} {
		client := clienttest.Connect(t, sidecartest.Start(t, config).Target,
			outrigger.WithBreakerFallback(outrigger.BreakerAllow()))
		open(t, client, func(b *outrigger.Breaker) {
			err := b.Do(ctx, func(context.Context) error { return errBoom },
				outrigger.ClassifyBy(func(error) outrigger.Result { return result }))
			if err != errBoom {
				t.Error(err)
			}
		})
	}
}

func TestTheSameNameIsTheSameBreaker(t *testing.T) {
	client := clienttest.Connect(t, "/nowhere/o.sock")
	if client.Breaker("shop") != client.Breaker("shop") || client.Pool("orders") != client.Pool("orders") {
		t.Error("they forget what they know")
	}
}

func TestAMethodThatIsTooLongIsItsCallersMistake(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	breaker := client.Breaker("shop")
	sidecartest.Until(t, "it is known", func() bool { return breaker.State("").Known })
	var mistake *outrigger.Error
	_, err := breaker.Acquire(ctx, outrigger.Method(string(make([]byte, 257))))
	if !errors.As(err, &mistake) || mistake.Code != codes.InvalidArgument {
		t.Error(err)
	}
}

func BenchmarkADecisionWhileClosed(b *testing.B) {
	client := clienttest.Connect(b, sidecartest.Start(b, config).Target)
	breaker := client.Breaker("shop")
	sidecartest.Until(b, "it is known", func() bool { return breaker.State("").Known })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := breaker.Acquire(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
