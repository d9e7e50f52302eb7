package outrigger

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

// DefaultLoadWait is how long GetOrLoad waits for another's load unless MaxWait
// says otherwise.
const DefaultLoadWait = 5 * time.Second

// LoadOption is one of GetOrLoad's: TTL, StaleFor, Tags, MaxWait, Describe.
type LoadOption interface{ load(*loading) }

// loading is what the options of one load say.
type loading struct {
	stored  []SetOption // of what is Set
	maxWait time.Duration
	info    *LoadInfo
}

func loadingOf(options []LoadOption) *loading {
	l := &loading{maxWait: DefaultLoadWait, info: &LoadInfo{}}
	for _, option := range options {
		option.load(l)
	}
	*l.info = LoadInfo{}
	return l
}

func (m MaxWaitOption) load(l *loading) { l.maxWait = time.Duration(m) }

// LoadInfo says how a load went.
type LoadInfo struct {
	// Loaded: this call ran the loader before it answered.
	Loaded bool
	// Stale: the value is stale; a load in the background may be under way.
	Stale bool
	// Degraded is the sidecar's own word: the fleet's store is out of reach.
	Degraded bool
	// Source is Fallback if the sidecar did not answer; then the loader's value was
	// not stored.
	Source Source
}

// DescribeOption is Describe's.
type DescribeOption struct{ info *LoadInfo }

// Describe fills in *info before the call returns.
func Describe(info *LoadInfo) DescribeOption { return DescribeOption{info} }

func (o DescribeOption) load(l *loading) { l.info = o.info }

// Loader gives a value; or ErrAbsent if there is none; or another error.
type Loader[T any] func(context.Context) (T, error)

// GetOrLoad gives the key's value, and loads it if there is none. Of all callers
// in the fleet one loads; the others wait for it, MaxWait at most, or take a stale
// value while a load runs in the background. If it is known that there is none
// the error is ErrAbsent.
//
// A loader's error is given as it is, and another caller may load at once. In the
// background the loader's context has the caller's values, is not cancelled with
// it, and ends with the client.
func (c *Cache[T]) GetOrLoad(ctx context.Context, key string, load Loader[T], options ...LoadOption) (T, error) {
	var none T
	if err := c.check(key); err != nil {
		return none, err
	}
	set := loadingOf(options)
	response, err := ask(ctx, c.client, &c.client.counters.cache, 0, c.rpc.Get, c.getRequest(key, 0))
	if err == nil && isLoadedElsewhere(response) && set.maxWait > 0 {
		request := c.getRequest(key, set.maxWait)
		response, err = sidecar.Unary(ctx, c.client.link, set.maxWait, c.rpc.Get, request)
		if sidecar.IsNoAnswer(err) {
			c.client.counters.cache.fallbacks.Add(1)
		}
	}
	switch {
	case sidecar.IsNoAnswer(err):
		set.info.Source = Fallback
		set.info.Loaded = true
		return load(ctx)
	case err != nil:
		return none, err
	}
	return c.answer(ctx, key, response, load, set)
}

func (c *Cache[T]) getRequest(key string, wait time.Duration) *cachev1.GetRequest {
	return &cachev1.GetRequest{Namespace: c.namespace, Key: key, MaxWait: durationpb.New(wait)}
}

func isLoadedElsewhere(response *cachev1.GetResponse) bool {
	return response.GetStatus() == cachev1.Status_MISS && len(response.GetFillToken()) == 0
}

// answer uses what was found, and loads what was not.
func (c *Cache[T]) answer(ctx context.Context, key string, response *cachev1.GetResponse, load Loader[T], set *loading) (T, error) {
	var none T
	token := response.GetFillToken()
	set.info.Degraded = response.GetDegraded()
	found := c.find(response)
	if found.usable {
		set.info.Stale = response.GetStatus() == cachev1.Status_STALE
		if len(token) > 0 {
			c.refresh(ctx, []fill{{key, token}}, manyOf(key, load), set.stored)
		}
		if found.absent {
			return none, ErrAbsent
		}
		return found.value, nil
	}
	set.info.Loaded = true
	if len(token) == 0 {
		return load(ctx)
	}
	values, err := c.loadAndStore(ctx, []fill{{key, token}}, manyOf(key, load), set.stored)
	if err != nil {
		return none, err
	}
	return values[key], nil
}

// found is what a response has for its caller.
type found[T any] struct {
	usable bool
	absent bool // usable: it is known that there is none
	value  T
}

// find decodes. What cannot be decoded is as if it were not there.
func (c *Cache[T]) find(response *cachev1.GetResponse) found[T] {
	if response.GetStatus() == cachev1.Status_ABSENT {
		return found[T]{usable: true, absent: true}
	}
	if !hasValue(response) {
		return found[T]{}
	}
	value, err := c.codec.Decode(response.GetValue())
	return found[T]{usable: err == nil, value: value}
}

// manyOf makes a loader of many keys of a loader of one. Its ErrAbsent stays an
// error: the caller is to see it as it is.
func manyOf[T any](key string, load Loader[T]) ManyLoader[T] {
	return func(ctx context.Context, _ []string) (map[string]T, error) {
		value, err := load(ctx)
		if err != nil {
			return nil, err
		}
		return map[string]T{key: value}, nil
	}
}

// Cached wraps a function of one argument, so that its values come from the cache
// under the key that keyOf makes of the argument.
func Cached[A, T any](cache *Cache[T], keyOf func(A) string, load func(context.Context, A) (T, error), options ...LoadOption) func(context.Context, A) (T, error) {
	return func(ctx context.Context, argument A) (T, error) {
		return cache.GetOrLoad(ctx, keyOf(argument), func(ctx context.Context) (T, error) {
			return load(ctx, argument)
		}, options...)
	}
}

func isAbsent(err error) bool { return errors.Is(err, ErrAbsent) }
