package outrigger

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger/outrigger/client_stubs/go/internal/bucket"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

// Decision is Allow's answer. Times are 0 where there is none.
type Decision struct {
	// Allowed says whether the request may proceed. True if no limit applies.
	Allowed bool
	// Limit decided: the one that denied, or of those that admitted the one with
	// the least left. Empty if none applies, and of a Fallback.
	Limit string
	// Remaining is what that limit has left, in tokens.
	Remaining uint64
	// ResetAfter is the time until that limit is full again if nothing more is
	// taken.
	ResetAfter time.Duration
	// RetryAfter: denied, the soonest the same request could be admitted if nobody
	// else takes tokens. 0 if it can never be admitted.
	RetryAfter time.Duration
	// Waited is how long the call was parked for its tokens (MaxWait).
	Waited time.Duration
	// Degraded is the sidecar's own word: the fleet's store was out of reach.
	Degraded bool
	// Source says whether the sidecar decided.
	Source Source
	// Statuses are one for each limit that applied, if Detail was asked for.
	Statuses []LimitStatus
}

// LimitStatus is one limit's part in a decision.
type LimitStatus struct {
	// Limit is its configured name.
	Limit string
	// Allowed says whether this limit would have admitted the request.
	Allowed bool
	// Remaining tokens after the decision.
	Remaining uint64
	// Burst is the most that the limit admits at once, in tokens.
	Burst uint64
	// Window is the rate's period.
	Window time.Duration
	// ResetAfter and RetryAfter are as Decision's.
	ResetAfter, RetryAfter time.Duration
	// Shadow: the limit only watches.
	Shadow bool
	// Unlimited: the request is exempt from this limit.
	Unlimited bool
}

func decisionOf(response *ratelimitv1.AllowResponse) Decision {
	decision := Decision{
		Allowed:    response.GetAllowed(),
		Limit:      response.GetLimit(),
		Remaining:  response.GetRemaining(),
		ResetAfter: timeOf(response.GetResetAfter()),
		RetryAfter: timeOf(response.GetRetryAfter()),
		Waited:     timeOf(response.GetWaited()),
		Degraded:   response.GetDegraded(),
	}
	for _, status := range response.GetStatuses() {
		decision.Statuses = append(decision.Statuses, LimitStatus{
			Limit:      status.GetLimit(),
			Allowed:    status.GetAllowed(),
			Remaining:  status.GetRemaining(),
			Burst:      status.GetBurst(),
			Window:     timeOf(status.GetWindow()),
			ResetAfter: timeOf(status.GetResetAfter()),
			RetryAfter: timeOf(status.GetRetryAfter()),
			Shadow:     status.GetShadow(),
			Unlimited:  status.GetUnlimited(),
		})
	}
	return decision
}

func decisionOfBucket(taken bucket.Taken) Decision {
	return Decision{
		Allowed:    taken.Allowed,
		Remaining:  taken.Remaining,
		ResetAfter: taken.ResetAfter,
		RetryAfter: taken.RetryAfter,
		Source:     Fallback,
	}
}

// timeOf is 0 where there is none.
func timeOf(duration *durationpb.Duration) time.Duration {
	if duration == nil {
		return 0
	}
	return duration.AsDuration()
}
