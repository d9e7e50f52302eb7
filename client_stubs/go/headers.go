package outrigger

import (
	"strconv"
	"strings"
	"time"
)

// The headers of draft-ietf-httpapi-ratelimit-headers-11, and RFC 9110's.
const (
	HeaderRetryAfter      = "Retry-After"
	HeaderRateLimit       = "RateLimit"
	HeaderRateLimitPolicy = "RateLimit-Policy"
)

// Header is one header of an answer.
type Header struct {
	// Name as written; HTTP and gRPC do not mind its case (gRPC wants it lower).
	Name string
	// Value in ASCII.
	Value string
}

// Headers are what a service tells its own caller of the decision: Retry-After
// if it was denied and there is a time; RateLimit and RateLimit-Policy if it was
// asked for with Detail, with an item for each limit that applied.
func (d Decision) Headers() []Header {
	var headers []Header
	if !d.Allowed && d.RetryAfter > 0 {
		headers = append(headers, Header{HeaderRetryAfter, strconv.FormatInt(seconds(d.RetryAfter), 10)})
	}
	var limits, policies []string
	for _, status := range d.Statuses {
		if status.Shadow || status.Unlimited {
			continue
		}
		name := quote(status.Limit)
		limits = append(limits, name+
			";r="+strconv.FormatUint(status.Remaining, 10)+
			";t="+strconv.FormatInt(seconds(status.ResetAfter), 10))
		policies = append(policies, name+
			";q="+strconv.FormatUint(status.Burst, 10)+
			";w="+strconv.FormatInt(seconds(status.Window), 10))
	}
	if len(limits) > 0 {
		headers = append(headers,
			Header{HeaderRateLimit, strings.Join(limits, ", ")},
			Header{HeaderRateLimitPolicy, strings.Join(policies, ", ")})
	}
	return headers
}

// seconds rounds up: who waits so long has waited long enough.
func seconds(d time.Duration) int64 {
	whole := int64(d / time.Second)
	if d%time.Second > 0 {
		whole++
	}
	return whole
}

// quote makes a string of RFC 9651, which has printable ASCII only.
func quote(name string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, letter := range name {
		switch {
		case letter == '"' || letter == '\\':
			quoted.WriteByte('\\')
			quoted.WriteRune(letter)
		case letter < ' ' || letter > '~':
			quoted.WriteByte('?')
		default:
			quoted.WriteRune(letter)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}
