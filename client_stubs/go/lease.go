package outrigger

import (
	"sync"

	"github.com/outrigger/outrigger/client_stubs/go/internal/hold"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

// Endpoint is where to connect to.
type Endpoint struct {
	// Address is host:port; empty: the pool has no endpoints, it only caps.
	Address string
	// Zone is where it is; empty: not configured.
	Zone string
	Role Role
}

// Lease is a connection's slot. It is renewed by itself until Release.
type Lease struct {
	// Endpoint is where to connect to.
	Endpoint Endpoint
	// FencingToken is greater than that of everyone who held the slot before; what
	// you write to can refuse writers with smaller ones. 0 of a Fallback.
	FencingToken uint64
	// Overflow: beyond the pool's cap. Close the connection afterwards, do not keep
	// it.
	Overflow bool
	// Degraded is the sidecar's own word: the fleet's store is out of reach.
	Degraded bool
	// Source is Fallback if it is of this process' own share.
	Source Source

	held  *hold.Lease // nil: of the share
	share *share
	once  sync.Once
}

func leaseOf(held *hold.Lease, response *poolv1.AcquireResponse) *Lease {
	endpoint := response.GetEndpoint()
	return &Lease{
		Endpoint:     Endpoint{Address: endpoint.GetAddress(), Zone: endpoint.GetZone(), Role: endpoint.GetRole()},
		FencingToken: response.GetFencingToken(),
		Overflow:     response.GetOverflow(),
		Degraded:     response.GetDegraded(),
		held:         held,
	}
}

func sharedLease(from *share, address string) *Lease {
	return &Lease{Endpoint: Endpoint{Address: address}, Source: Fallback, share: from}
}

// Release gives the slot back and says how the endpoint did. Close the connection
// before, or keep it for your next lease of the same endpoint: another may have
// the slot at once. Only the first Release counts.
func (l *Lease) Release(result Result) {
	if l.held != nil {
		l.held.Release(poolv1.Result(result.known()))
	} else {
		l.once.Do(l.share.giveBack)
	}
}

// Lost is closed when the lease is lost: the sidecar said so, it went away, or the
// lease could not be renewed in time. Close the connection then; and Release, as
// ever. It is nil for a Fallback's lease, which is never lost.
func (l *Lease) Lost() <-chan struct{} {
	if l.held == nil {
		return nil
	}
	return l.held.Lost()
}

// IsLost says whether it is.
func (l *Lease) IsLost() bool {
	select {
	case <-l.Lost():
		return true
	default:
		return false
	}
}
