package outriggerhttp

import (
	"net/http"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// BreakerOf says which breaker decides about a request, and for which of the
// service's methods (empty: none). Nil: none does.
type BreakerOf func(*http.Request) (breaker *outrigger.Breaker, method string)

// Always has one breaker decide about all requests.
func Always(breaker *outrigger.Breaker) BreakerOf {
	return func(*http.Request) (*outrigger.Breaker, string) { return breaker, "" }
}

// Transport is an http.RoundTripper that asks a breaker before each request, and
// tells it how it went. A denial is a *outrigger.DeniedError (of http.Client: within
// a *url.Error; errors.As finds it), and the request was not made.
type Transport struct {
	// Base makes the requests. Nil: http.DefaultTransport.
	Base http.RoundTripper
	// BreakerOf is required.
	BreakerOf BreakerOf
	// Classify says how a request went; one of response and error is nil. Nil:
	// ClassifyResponse.
	Classify func(*http.Response, error) outrigger.Result
}

// ClassifyResponse: a status below 500 is a Success, any other a Failure; an error
// is what outrigger.Classify says.
func ClassifyResponse(response *http.Response, err error) outrigger.Result {
	switch {
	case err != nil:
		return outrigger.Classify(err)
	case response.StatusCode < 500:
		return outrigger.Success
	default:
		return outrigger.Failure
	}
}

// RoundTrip makes the request if the breaker allows it. The outcome is known when
// the response's headers are there.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	breaker, method := t.BreakerOf(request)
	if breaker == nil {
		return base.RoundTrip(request)
	}
	permit, err := breaker.Acquire(request.Context(), outrigger.Method(method))
	if err != nil {
		closeBody(request)
		return nil, err
	}
	result := outrigger.Failure // unless the round trip returns
	defer func() { permit.Done(result) }()
	response, err := base.RoundTrip(request)
	classify := t.Classify
	if classify == nil {
		classify = ClassifyResponse
	}
	result = classify(response, err)
	return response, err
}

// closeBody does what a RoundTripper must, also if it makes no request.
func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close() // the denial is the error that matters
	}
}
