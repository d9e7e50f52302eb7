package outriggerhttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
	outriggerhttp "github.com/outrigger/outrigger/client_stubs/go/outriggerhttp"
)

const config = `
limits:
- {name: per_user, key: [user], rate: 2/1h, burst: 2}
breakers:
- {name: shop, consecutive_failures: 2, failure_rate: 0, open_for: 1h}
`

func byUser(r *http.Request) outrigger.Attributes {
	if user := r.Header.Get("X-User"); user != "" {
		return outrigger.Attributes{"user": user}
	}
	return nil
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, url, user string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User", user)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })

func TestAServerAnswers429WithHeaders(t *testing.T) {
	own := sidecartest.Start(t, config)
	client := clienttest.Connect(t, own.Target)
	server := serve(t, outriggerhttp.Limit(client.Limiter(), byUser)(hello))
	for _, left := range []string{"1", "0"} {
		response, body := get(t, server.URL, "alice")
		if response.StatusCode != 200 || body != "hello" {
			t.Errorf("%d %q", response.StatusCode, body)
		}
		if got := response.Header.Get("RateLimit"); !strings.HasPrefix(got, `"per_user";r=`+left+`;t=`) {
			t.Error(got)
		}
		if got := response.Header.Get("RateLimit-Policy"); got != `"per_user";q=2;w=3600` {
			t.Error(got)
		}
		if got := response.Header.Get("Retry-After"); got != "" {
			t.Error(got)
		}
	}
	response, _ := get(t, server.URL, "alice")
	if response.StatusCode != 429 || response.Header.Get("Retry-After") == "" || response.Header.Get("RateLimit") == "" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
	if response, _ := get(t, server.URL, "bob"); response.StatusCode != 200 {
		t.Errorf("another user: %d", response.StatusCode)
	}
	for range 5 {
		if response, _ := get(t, server.URL, ""); response.StatusCode != 200 || response.Header.Get("RateLimit") != "" {
			t.Errorf("no attributes: %d %v", response.StatusCode, response.Header)
		}
	}
}

func TestAServersOwnAnswers(t *testing.T) {
	own := sidecartest.Start(t, config)
	client := clienttest.Connect(t, own.Target)
	denied := func(w http.ResponseWriter, _ *http.Request, d outrigger.Decision) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "denied by "+d.Limit)
	}
	costly := serve(t, outriggerhttp.Limit(client.Limiter(), byUser,
		outriggerhttp.WithDenied(denied), outriggerhttp.WithAllowOptions(outrigger.Cost(3)))(hello))
	if response, body := get(t, costly.URL, "alice"); response.StatusCode != 503 || body != "denied by per_user" {
		t.Errorf("%d %q", response.StatusCode, body)
	}
	mistaken := serve(t, outriggerhttp.Limit(client.Limiter(), byUser,
		outriggerhttp.WithAllowOptions(outrigger.OnlyLimit("nobody")))(hello))
	if response, _ := get(t, mistaken.URL, "alice"); response.StatusCode != 500 {
		t.Errorf("%d", response.StatusCode)
	}
}

func TestAServerWhoseSidecarIsGoneAnswersByItsPolicy(t *testing.T) {
	own := sidecartest.Start(t, config)
	admitting := clienttest.Connect(t, own.Target)
	denying := clienttest.Connect(t, own.Target, outrigger.WithLimitsFallback(outrigger.LimitsDeny()))
	own.Kill()
	server := serve(t, outriggerhttp.Limit(admitting.Limiter(), byUser)(hello))
	if response, _ := get(t, server.URL, "alice"); response.StatusCode != 200 {
		t.Errorf("%d", response.StatusCode)
	}
	server = serve(t, outriggerhttp.Limit(denying.Limiter(), byUser)(hello))
	response, _ := get(t, server.URL, "alice")
	if response.StatusCode != 429 || response.Header.Get("Retry-After") != "1" || response.Header.Get("RateLimit") != "" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}

func TestATransportDoesNotCallAServiceThatFails(t *testing.T) {
	own := sidecartest.Start(t, config)
	client := clienttest.Connect(t, own.Target)
	calls, status := 0, http.StatusNotFound
	shop := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(status)
	}))
	breaker := client.Breaker("shop")
	caller := &http.Client{Transport: &outriggerhttp.Transport{BreakerOf: outriggerhttp.Always(breaker)}}
	call := func() error {
		response, err := caller.Post(shop.URL, "text/plain", strings.NewReader("hello"))
		if err == nil {
			err = response.Body.Close()
		}
		return err
	}
	for range 5 { // the caller's own mistakes
		if err := call(); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, shop.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := caller.Do(request); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	status = http.StatusInternalServerError
	for range 2 {
		if err := call(); err != nil {
			t.Error(err)
		}
	}
	if err := client.FlushOutcomes(context.Background()); err != nil {
		t.Error(err)
	}
	sidecartest.Until(t, "it is open", func() bool { return breaker.State("").State == outrigger.Open })
	before := calls
	var denied *outrigger.DeniedError
	if err := call(); !errors.As(err, &denied) || denied.Reason != outrigger.ConsecutiveFailures || calls != before {
		t.Errorf("%v after %d calls", err, calls-before)
	}
}
