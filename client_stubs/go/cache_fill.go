package outrigger

import (
	"bytes"
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

const (
	// maxKeys of one GetMany or SetMany; the sidecar's own bound.
	maxKeys = 1000
	// maxSetBytes of values in one SetMany, unless one value is larger.
	maxSetBytes = 4 << 20
)

// fill is the right to load a key.
type fill struct {
	key   string
	token []byte
}

func keysOf(fills []fill) []string {
	keys := make([]string, 0, len(fills))
	for _, f := range fills {
		keys = append(keys, f.key)
	}
	return keys
}

// batch is what one message stores.
type batch struct {
	requests []*cachev1.SetRequest
	fills    []fill // of the requests
}

// loadAndStore runs the loader and stores what it gives; keys that it leaves out
// are stored as absent. On every path each token is used or given back. That a
// value could not be stored is no error.
func (c *Cache[T]) loadAndStore(ctx context.Context, fills []fill, load ManyLoader[T], options []SetOption) (map[string]T, error) {
	settled := false
	defer func() {
		if !settled { // the loader failed; or it, or the codec, panics
			c.abandon(ctx, fills)
		}
	}()
	values, err := load(ctx, keysOf(fills))
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	if isAbsent(err) {
		values = nil
	}
	batches := c.encodeAll(ctx, fills, values, options)
	settled = true
	if ctx.Err() == nil {
		c.store(ctx, batches)
	} else {
		c.storeDetached(ctx, batches)
	}
	return values, err
}

// encodeAll gives what is to be stored. The token of a value that cannot be encoded
// is given back.
func (c *Cache[T]) encodeAll(ctx context.Context, fills []fill, values map[string]T, options []SetOption) []batch {
	var batches []batch
	var last batch
	size := 0
	for _, f := range fills {
		request := c.setRequest(f, values, options)
		if request == nil {
			c.abandon(ctx, []fill{f})
			continue
		}
		if len(last.fills) == maxKeys || (len(last.fills) > 0 && size+len(request.Value) > maxSetBytes) {
			batches = append(batches, last)
			last, size = batch{}, 0
		}
		last.requests, last.fills = append(last.requests, request), append(last.fills, f)
		size += len(request.Value)
	}
	return append(batches, last)
}

// setRequest is nil if the value could not be encoded.
func (c *Cache[T]) setRequest(f fill, values map[string]T, options []SetOption) *cachev1.SetRequest {
	request := &cachev1.SetRequest{Namespace: c.namespace, Key: f.key}
	if value, ok := values[f.key]; ok {
		data, err := c.encode(f.key, value)
		if err != nil {
			c.client.settings.logger.Warn("a loaded value was not stored", "error", err)
			return nil
		}
		request.Value = data
	} else {
		request.Absent = true
	}
	for _, option := range options {
		option.set(request)
	}
	if request.Absent {
		// The options are about values; an absence has the namespace's own times.
		request.Ttl, request.StaleFor = nil, nil
	}
	request.Condition = &cachev1.SetRequest_FillToken{FillToken: f.token}
	return request
}

// storeDetached is for a caller that waits no longer; others still wait for the
// values, which are the caller's to change from now on.
func (c *Cache[T]) storeDetached(ctx context.Context, batches []batch) {
	for _, b := range batches {
		for _, request := range b.requests {
			request.Value = bytes.Clone(request.Value)
		}
	}
	detached := context.WithoutCancel(ctx)
	store := func() { c.store(detached, batches) }
	if !c.client.link.Go(store) {
		store() // closing
	}
}

// store sets the values with their tokens.
func (c *Cache[T]) store(ctx context.Context, batches []batch) {
	for _, b := range batches {
		if len(b.fills) > 1 {
			c.setMany(ctx, b)
		} else {
			c.setEach(ctx, b)
		}
	}
}

func (c *Cache[T]) setMany(ctx context.Context, b batch) {
	_, err := sidecar.Unary(ctx, c.client.link, 0, c.rpc.SetMany, &cachev1.SetManyRequest{Requests: b.requests})
	switch status.Code(err) {
	case codes.InvalidArgument, codes.ResourceExhausted:
		c.setEach(ctx, b) // one of them, or all together, is too large, say, and none was stored
	default:
		c.settle(ctx, err, b.fills)
	}
}

func (c *Cache[T]) setEach(ctx context.Context, b batch) {
	for i, request := range b.requests {
		_, err := sidecar.Unary(ctx, c.client.link, 0, c.rpc.Set, request)
		c.settle(ctx, err, b.fills[i:i+1])
		if isGone(err) || ctx.Err() != nil {
			c.abandon(ctx, b.fills[i+1:])
			return
		}
	}
}

// settle gives the tokens of what was not stored back.
func (c *Cache[T]) settle(ctx context.Context, err error, fills []fill) {
	if err == nil {
		return
	}
	if ctx.Err() == nil && !isGone(err) {
		c.client.settings.logger.Warn("a loaded value was not stored",
			"namespace", c.namespace, "key", fills[0].key, "error", err)
	}
	c.abandon(ctx, fills)
}

// isGone says whether the sidecar did not answer. It did to a message that is too
// large for it: RESOURCE_EXHAUSTED.
func isGone(err error) bool {
	return sidecar.IsNoAnswer(err) && status.Code(err) != codes.ResourceExhausted
}

// abandon gives tokens back, in the background: others may load now.
func (c *Cache[T]) abandon(ctx context.Context, fills []fill) {
	if len(fills) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	give := func() {
		for _, f := range fills {
			request := &cachev1.AbandonRequest{Namespace: c.namespace, Key: f.key, FillToken: f.token}
			if _, err := sidecar.Unary(ctx, c.client.link, 0, c.rpc.Abandon, request); err != nil {
				return // the sidecar takes them back itself, after fill_timeout
			}
		}
	}
	if !c.client.link.Go(give) {
		give() // closing
	}
}

// refresh loads in the background; if too many loads run there already the tokens
// are given back.
func (c *Cache[T]) refresh(ctx context.Context, fills []fill, load ManyLoader[T], options []SetOption) {
	ctx = context.WithoutCancel(ctx)
	run := func(ctx context.Context) error {
		_, err := c.loadAndStore(ctx, fills, load, options)
		if isAbsent(err) {
			return nil
		}
		return err
	}
	name := fmt.Sprintf("%s %q", c.namespace, fills[0].key)
	if !c.client.refreshes.run(ctx, name, run) {
		c.abandon(ctx, fills)
	}
}
