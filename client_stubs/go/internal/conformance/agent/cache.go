package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

type cacheArgs struct {
	Namespace  string        `json:"namespace"`
	Key        string        `json:"key"`
	Keys       []string      `json:"keys"`
	Value      string        `json:"value"`
	Loader     loaderArgs    `json:"loader"`
	TTLMS      *milliseconds `json:"ttl_ms"`
	StaleForMS *milliseconds `json:"stale_for_ms"`
	Tags       []string      `json:"tags"`
	MaxWaitMS  *milliseconds `json:"max_wait_ms"`
	Glob       string        `json:"glob"`
	Soft       bool          `json:"soft"`
	Hold       string        `json:"hold"`
}

type loaderArgs struct {
	Value  *string           `json:"value"`
	Absent bool              `json:"absent"`
	Error  *string           `json:"error"`
	Hold   string            `json:"hold"`
	Values map[string]string `json:"values"`
}

// loaders counts the loaders that ran, and holds those that are to wait.
// Thread-safe.
type loaders struct {
	mutex sync.Mutex
	// Protected by mutex.
	counts map[[2]string]int
	holds  map[string]chan struct{}
}

func newLoaders() *loaders {
	return &loaders{counts: map[[2]string]int{}, holds: map[string]chan struct{}{}}
}

func (l *loaders) began(namespace, key string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.counts[[2]string{namespace, key}]++
}

func (l *loaders) count(namespace, key string) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.counts[[2]string{namespace, key}]
}

func (l *loaders) hold(name string) chan struct{} {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.holds[name] == nil {
		l.holds[name] = make(chan struct{})
	}
	return l.holds[name]
}

func (l *loaders) release(name string) {
	held := l.hold(name)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	select {
	case <-held:
	default:
		close(held)
	}
}

// await waits for the hold of that name, if there is one.
func (l *loaders) await(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	select {
	case <-l.hold(name):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *agent) cache(namespace string) *outrigger.Cache[string] {
	return outrigger.NewCache[string](a.current(), namespace)
}

func (args cacheArgs) loadOptions() []outrigger.LoadOption {
	var options []outrigger.LoadOption
	if args.TTLMS != nil {
		options = append(options, outrigger.TTL(args.TTLMS.duration()))
	}
	if args.StaleForMS != nil {
		options = append(options, outrigger.StaleFor(args.StaleForMS.duration()))
	}
	if len(args.Tags) > 0 {
		options = append(options, outrigger.Tags(args.Tags...))
	}
	if args.MaxWaitMS != nil {
		options = append(options, outrigger.MaxWait(args.MaxWaitMS.duration()))
	}
	return options
}

func (a *agent) getOrLoad(ctx context.Context, args cacheArgs) (any, error) {
	load := func(ctx context.Context) (string, error) {
		a.loaders.began(args.Namespace, args.Key)
		if err := a.loaders.await(ctx, args.Loader.Hold); err != nil {
			return "", err
		}
		switch {
		case args.Loader.Error != nil:
			return "", fmt.Errorf("%w: %s", errLoader, *args.Loader.Error)
		case args.Loader.Absent:
			return "", outrigger.ErrAbsent
		case args.Loader.Value == nil:
			return "", errors.New("the loader has nothing to say")
		}
		return *args.Loader.Value, nil
	}
	var info outrigger.LoadInfo
	options := append(args.loadOptions(), outrigger.Describe(&info))
	value, err := a.cache(args.Namespace).GetOrLoad(ctx, args.Key, load, options...)
	answer := object{"value": value, "loaded": info.Loaded, "source": info.Source.String()}
	if errors.Is(err, outrigger.ErrAbsent) {
		answer["value"], err = nil, nil
	}
	return answer, err
}

func (a *agent) getOrLoadMany(ctx context.Context, args cacheArgs) (any, error) {
	loaded := []string{}
	load := func(ctx context.Context, keys []string) (map[string]string, error) {
		loaded = append(loaded, keys...)
		return args.Loader.Values, nil
	}
	found, err := a.cache(args.Namespace).GetOrLoadMany(ctx, args.Keys, load, args.loadOptions()...)
	if err != nil {
		return nil, err
	}
	values := object{}
	for _, key := range args.Keys {
		values[key] = nil
		if value, ok := found[key]; ok {
			values[key] = value
		}
	}
	slices.Sort(loaded)
	return object{"values": values, "loaded": loaded}, nil
}

func (a *agent) unhold(_ context.Context, args cacheArgs) (any, error) {
	a.loaders.release(args.Hold)
	return object{}, nil
}

func (a *agent) loads(_ context.Context, args cacheArgs) (any, error) {
	return object{"count": a.loaders.count(args.Namespace, args.Key)}, nil
}

func (a *agent) cacheGet(ctx context.Context, args cacheArgs) (any, error) {
	entry, err := a.cache(args.Namespace).Get(ctx, args.Key)
	if err != nil {
		return nil, err
	}
	answer := object{"found": entry.Found, "value": nil}
	if entry.Found {
		answer["value"] = entry.Value
	}
	return answer, nil
}

func (a *agent) cacheSet(ctx context.Context, args cacheArgs) (any, error) {
	var options []outrigger.SetOption
	if args.TTLMS != nil {
		options = append(options, outrigger.TTL(args.TTLMS.duration()))
	}
	if args.StaleForMS != nil {
		options = append(options, outrigger.StaleFor(args.StaleForMS.duration()))
	}
	if len(args.Tags) > 0 {
		options = append(options, outrigger.Tags(args.Tags...))
	}
	stored, err := a.cache(args.Namespace).Set(ctx, args.Key, args.Value, options...)
	if err != nil {
		return nil, err
	}
	return object{"stored": stored.Stored, "source": stored.Source.String()}, nil
}

func (a *agent) cacheDelete(ctx context.Context, args cacheArgs) (any, error) {
	deleted, err := a.cache(args.Namespace).Delete(ctx, args.Key)
	if err != nil {
		return nil, err
	}
	return object{"deleted": deleted.Deleted}, nil
}

func (a *agent) cacheInvalidate(ctx context.Context, args cacheArgs) (any, error) {
	_, err := a.cache(args.Namespace).Invalidate(ctx, outrigger.Invalidation{
		Keys: args.Keys, Tags: args.Tags, Glob: args.Glob, Soft: args.Soft,
	})
	return object{}, err
}
