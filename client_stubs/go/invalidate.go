package outrigger

import (
	"context"

	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

// Deleted is Delete's answer.
type Deleted struct {
	// Deleted: there was a value, and it is gone.
	Deleted bool
	// Degraded: the fleet's store is out of reach; this pod's copy is gone, and the
	// deletion is repeated when the store is back.
	Degraded bool
	// Source is Fallback if the sidecar did not answer; whether the value is gone is
	// not known then.
	Source Source
}

// Delete removes one key. A load of it that is under way is refused when it is
// done.
func (c *Cache[T]) Delete(ctx context.Context, key string) (Deleted, error) {
	if err := c.check(key); err != nil {
		return Deleted{}, err
	}
	request := &cachev1.DeleteRequest{Namespace: c.namespace, Key: key}
	response, err := ask(ctx, c.client, &c.client.counters.cache, 0, c.rpc.Delete, request)
	if sidecar.IsNoAnswer(err) {
		return Deleted{Source: Fallback}, nil
	}
	return Deleted{Deleted: response.GetDeleted(), Degraded: response.GetDegraded()}, err
}

// Invalidation says what is not to be used any more: all that any of these name.
type Invalidation struct {
	// Keys, at most 1,000.
	Keys []string
	// Tags, at most 1,000; costs the same however many values have them.
	Tags []string
	// Glob of keys: '*' stands for any bytes, '?' for one. At most 1,024 bytes; "*"
	// is the whole namespace.
	Glob string
	// Soft makes values stale instead of unusable, so that one caller loads and the
	// others do not wait.
	Soft bool
}

// Invalidated is Invalidate's answer.
type Invalidated struct {
	// Count of the keys that had a value; -1 if that is not counted (tags, a glob,
	// a Fallback).
	Count int
	// Degraded: the fleet's store is out of reach; done in this pod, and repeated
	// when the store is back.
	Degraded bool
	// Source is Fallback if the sidecar did not answer; whether it was done is not
	// known then.
	Source Source
}

// Invalidate makes values unusable, or stale. Loads of them that are under way
// are refused when they are done.
func (c *Cache[T]) Invalidate(ctx context.Context, what Invalidation) (Invalidated, error) {
	for _, texts := range [][]string{what.Keys, what.Tags, {what.Glob}} {
		if err := c.check(texts...); err != nil {
			return Invalidated{}, err
		}
	}
	request := &cachev1.InvalidateRequest{
		Namespace: c.namespace, Keys: what.Keys, Tags: what.Tags, Glob: what.Glob, Soft: what.Soft,
	}
	response, err := ask(ctx, c.client, &c.client.counters.cache, 0, c.rpc.Invalidate, request)
	if sidecar.IsNoAnswer(err) {
		return Invalidated{Count: -1, Source: Fallback}, nil
	}
	if err != nil {
		return Invalidated{}, err
	}
	done := Invalidated{Count: -1, Degraded: response.GetDegraded()}
	if response.Invalidated != nil {
		done.Count = int(response.GetInvalidated())
	}
	return done, nil
}
