package outrigger

import (
	"context"
	"sync"
	"time"

	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

// maxWaiters is how many keys that others load one call waits for at a time.
const maxWaiters = 64

// ManyLoader gives the values of many keys; those that it leaves out are absent.
type ManyLoader[T any] func(ctx context.Context, keys []string) (map[string]T, error)

// GetOrLoadMany is GetOrLoad for many keys at once: one call of the loader for
// all that this caller is to load, then those that others load; those of them that
// the others give up are loaded here, by further calls. Absent keys are left out of
// the answer. If the loader fails its error is given, and no values.
func (c *Cache[T]) GetOrLoadMany(ctx context.Context, keys []string, load ManyLoader[T], options ...LoadOption) (map[string]T, error) {
	if err := c.check(keys...); err != nil {
		return nil, err
	}
	if c.client.link.Closed() {
		return nil, ErrClosed
	}
	c.client.counters.cache.calls.Add(1)
	many := &manyLoad[T]{cache: c, load: load, set: loadingOf(options), values: make(map[string]T, len(keys))}
	keys = distinct(keys)
	for first := 0; first < len(keys); first += maxKeys {
		if err := many.look(ctx, keys[first:min(first+maxKeys, len(keys))]); err != nil {
			many.giveUp(ctx)
			return nil, err
		}
	}
	if err := many.loadMissing(ctx); err != nil {
		many.giveUp(ctx)
		return nil, err
	}
	if err := many.awaitOthers(ctx); err != nil {
		many.giveUp(ctx)
		return nil, err
	}
	if err := many.loadMissing(ctx); err != nil {
		return nil, err
	}
	if many.set.info.Source == Fallback {
		c.client.counters.cache.fallbacks.Add(1)
	}
	return many.values, nil
}

// manyLoad is one call's progress.
type manyLoad[T any] struct {
	cache *Cache[T]
	load  ManyLoader[T]
	set   *loading

	values    map[string]T
	mine      []fill   // to be loaded and stored
	unstored  []string // to be loaded only
	elsewhere []string // being loaded by others
}

func distinct(keys []string) []string {
	seen := make(map[string]bool, len(keys))
	var all []string
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			all = append(all, key)
		}
	}
	return all
}

// look sorts the keys by what there is of them.
func (m *manyLoad[T]) look(ctx context.Context, keys []string) error {
	request := &cachev1.GetManyRequest{}
	for _, key := range keys {
		request.Requests = append(request.Requests, m.cache.getRequest(key, 0))
	}
	response, err := sidecar.Unary(ctx, m.cache.client.link, 0, m.cache.rpc.GetMany, request)
	if sidecar.IsNoAnswer(err) || (err == nil && len(response.GetResponses()) != len(keys)) {
		m.set.info.Source = Fallback
		m.unstored = append(m.unstored, keys...)
		return nil
	}
	if err != nil {
		return err
	}
	var stale []fill
	for i, one := range response.GetResponses() {
		m.set.info.Degraded = m.set.info.Degraded || one.GetDegraded()
		if isLoadedElsewhere(one) {
			m.elsewhere = append(m.elsewhere, keys[i])
		} else if m.sort(keys[i], one) && len(one.GetFillToken()) > 0 {
			stale = append(stale, fill{keys[i], one.GetFillToken()})
		}
	}
	if len(stale) > 0 {
		m.cache.refresh(ctx, stale, m.load, m.set.stored)
	}
	return nil
}

// sort takes the value if there is one; else the key is to be loaded.
func (m *manyLoad[T]) sort(key string, response *cachev1.GetResponse) (usable bool) {
	found := m.cache.find(response)
	switch {
	case found.usable && !found.absent:
		m.values[key] = found.value
		m.set.info.Stale = m.set.info.Stale || response.GetStatus() == cachev1.Status_STALE
	case found.usable:
	case len(response.GetFillToken()) > 0:
		m.mine = append(m.mine, fill{key, response.GetFillToken()})
	default:
		m.unstored = append(m.unstored, key)
	}
	return found.usable
}

// loadMissing calls the loader once for all that is to be loaded now.
func (m *manyLoad[T]) loadMissing(ctx context.Context) error {
	mine, unstored := m.mine, m.unstored
	m.mine, m.unstored = nil, nil
	if len(mine)+len(unstored) == 0 {
		return nil
	}
	m.set.info.Loaded = true
	load := func(ctx context.Context, keys []string) (map[string]T, error) {
		return m.load(ctx, append(keys, unstored...))
	}
	loaded, err := m.cache.loadAndStore(ctx, mine, load, m.set.stored)
	if err != nil && !isAbsent(err) {
		return err
	}
	for _, key := range append(keysOf(mine), unstored...) {
		if value, ok := loaded[key]; ok {
			m.values[key] = value
		}
	}
	return nil
}

// waited is what Get said of a key that another loads.
type waited struct {
	key      string
	response *cachev1.GetResponse
	err      error
}

// awaitOthers waits for what others load, MaxWait at most for all of them. If
// another gives up its key is loaded and stored at once, with what has gathered:
// who has the right to load a key must not wait for others.
func (m *manyLoad[T]) awaitOthers(ctx context.Context) error {
	waiting, stop := context.WithCancel(ctx)
	answers := make(chan waited, len(m.elsewhere)) // nobody waits for room in it
	keys := make(chan string, len(m.elsewhere))
	for _, key := range m.elsewhere {
		keys <- key
	}
	close(keys)
	until := time.Now().Add(m.set.maxWait)
	var running sync.WaitGroup
	for range min(len(m.elsewhere), maxWaiters) {
		running.Add(1)
		go func() {
			defer running.Done()
			for key := range keys {
				wait := max(time.Until(until), 0)
				request := m.cache.getRequest(key, wait)
				response, err := sidecar.Unary(waiting, m.cache.client.link, wait, m.cache.rpc.Get, request)
				answers <- waited{key, response, err}
			}
		}()
	}
	defer func() {
		stop()
		running.Wait()
		close(answers)
		for one := range answers { // the loader failed, or panics
			if token := one.response.GetFillToken(); one.err == nil && len(token) > 0 {
				m.cache.abandon(ctx, []fill{{one.key, token}})
			}
		}
	}()
	for left := len(m.elsewhere); left > 0; left-- {
		if err := m.take(ctx, <-answers); err != nil {
			return err
		}
		if len(m.mine) > 0 && len(answers) == 0 {
			if err := m.loadMissing(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// take sorts a key that was waited for.
func (m *manyLoad[T]) take(ctx context.Context, one waited) error {
	if sidecar.IsNoAnswer(one.err) {
		m.set.info.Source = Fallback
		m.unstored = append(m.unstored, one.key)
		return nil
	}
	if one.err != nil {
		return one.err
	}
	if token := one.response.GetFillToken(); m.sort(one.key, one.response) && len(token) > 0 {
		m.cache.refresh(ctx, []fill{{one.key, token}}, m.load, m.set.stored)
	}
	return nil
}

// giveUp gives back the right to load what will not be loaded.
func (m *manyLoad[T]) giveUp(ctx context.Context) {
	m.cache.abandon(ctx, m.mine)
}
