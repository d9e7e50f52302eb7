// Package outriggerhttp limits what a net/http server admits, and keeps a net/http
// client from calling services that fail.
package outriggerhttp

import (
	"context"
	"errors"
	"net/http"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// AttributesOf says who and what a request is for. Nil: it is not limited.
type AttributesOf func(*http.Request) outrigger.Attributes

// Option is one of Limit's: WithDenied, WithFailed, WithAllowOptions.
type Option func(*limit)

// WithDenied writes the answer to a denied request, after the headers were set.
// Unset: 429 with a line of text.
func WithDenied(denied func(http.ResponseWriter, *http.Request, outrigger.Decision)) Option {
	return func(l *limit) { l.denied = denied }
}

// WithFailed writes the answer if the limiter gave an error, which is a mistake in
// the attributes or the configuration (or the client is closed). Unset: 500 with a
// line of text.
func WithFailed(failed func(http.ResponseWriter, *http.Request, error)) Option {
	return func(l *limit) { l.failed = failed }
}

// WithAllowOptions are given to each Allow, e.g. outrigger.OnlyLimit("per_user").
func WithAllowOptions(options ...outrigger.AllowOption) Option {
	return func(l *limit) { l.options = append(l.options, options...) }
}

// Limit is a middleware that admits what the limits admit, and answers 429 to the
// rest. Answers have the headers RateLimit and RateLimit-Policy of
// draft-ietf-httpapi-ratelimit-headers-11, and denials Retry-After.
func Limit(limiter *outrigger.Limiter, attributesOf AttributesOf, options ...Option) func(http.Handler) http.Handler {
	l := &limit{
		limiter:      limiter,
		attributesOf: attributesOf,
		denied: func(w http.ResponseWriter, _ *http.Request, _ outrigger.Decision) {
			http.Error(w, "too many requests", http.StatusTooManyRequests)
		},
		failed: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "internal error", http.StatusInternalServerError)
		},
		options: []outrigger.AllowOption{outrigger.Detail()},
	}
	for _, option := range options {
		option(l)
	}
	return l.wrap
}

type limit struct {
	limiter      *outrigger.Limiter
	attributesOf AttributesOf
	denied       func(http.ResponseWriter, *http.Request, outrigger.Decision)
	failed       func(http.ResponseWriter, *http.Request, error)
	options      []outrigger.AllowOption
}

func (l *limit) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		attributes := l.attributesOf(r)
		if attributes == nil {
			next.ServeHTTP(w, r)
			return
		}
		decision, err := l.limiter.Allow(r.Context(), attributes, l.options...)
		switch {
		case errors.Is(err, context.Canceled):
			return // nobody waits for an answer
		case err != nil:
			l.failed(w, r, err)
			return
		}
		for _, header := range decision.Headers() {
			w.Header().Set(header.Name, header.Value)
		}
		if !decision.Allowed {
			l.denied(w, r, decision)
			return
		}
		next.ServeHTTP(w, r)
	})
}
