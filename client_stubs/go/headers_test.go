package outrigger_test

import (
	"reflect"
	"testing"
	"time"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

func TestHeadersRoundUpAndQuote(t *testing.T) {
	decision := outrigger.Decision{
		RetryAfter: 2001 * time.Millisecond,
		Statuses: []outrigger.LimitStatus{
			{Limit: `a"b\c` + "é", Remaining: 0, Burst: 20, Window: time.Minute, ResetAfter: 35*time.Second + 1},
			{Limit: "shadow", Shadow: true},
			{Limit: "exempt", Unlimited: true},
			{Limit: "per_org", Remaining: 9, Burst: 10, Window: 500 * time.Millisecond},
		},
	}
	want := []outrigger.Header{
		{Name: "Retry-After", Value: "3"},
		{Name: "RateLimit", Value: `"a\"b\\c?";r=0;t=36, "per_org";r=9;t=0`},
		{Name: "RateLimit-Policy", Value: `"a\"b\\c?";q=20;w=60, "per_org";q=10;w=1`},
	}
	if got := decision.Headers(); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestAnAdmittedAnswerHasNoRetryAfter(t *testing.T) {
	if got := (outrigger.Decision{Allowed: true}).Headers(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if got := (outrigger.Decision{}).Headers(); len(got) != 0 {
		t.Errorf("never to be had: %q", got)
	}
}
