package outrigger

import (
	"context"
	"errors"
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

// loadAndStore runs the loader and stores what it gives; keys that it leaves out
// are stored as absent. On every path each token is used or given back. That a
// value could not be stored is no error.
func (c *Cache[T]) loadAndStore(ctx context.Context, fills []fill, load ManyLoader[T], options []SetOption) (map[string]T, error) {
	loaded := false
	defer func() {
		if !loaded { // it failed, or panics
			c.abandon(ctx, fills)
		}
	}()
	values, err := load(ctx, keysOf(fills))
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	loaded = true
	if isAbsent(err) {
		values = nil
	}
	if ctx.Err() == nil {
		c.store(ctx, fills, values, options)
	} else {
		// Its caller waits no longer; others still wait for the value.
		detached := context.WithoutCancel(ctx)
		store := func() { c.store(detached, fills, values, options) }
		if !c.client.link.Go(store) {
			store() // closing
		}
	}
	return values, err
}

// store sets the values with their tokens.
func (c *Cache[T]) store(ctx context.Context, fills []fill, values map[string]T, options []SetOption) {
	var batch []*cachev1.SetRequest
	var ofBatch []fill
	bytes := 0
	send := func() {
		if len(batch) > 0 {
			c.setMany(ctx, batch, ofBatch)
		}
		batch, ofBatch, bytes = nil, nil, 0
	}
	for _, f := range fills {
		request := c.setRequest(f, values, options)
		if request == nil {
			c.abandon(ctx, []fill{f})
			continue
		}
		if len(batch) == maxKeys || bytes+len(request.Value) > maxSetBytes {
			send()
		}
		batch, ofBatch = append(batch, request), append(ofBatch, f)
		bytes += len(request.Value)
	}
	send()
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

func (c *Cache[T]) setMany(ctx context.Context, batch []*cachev1.SetRequest, fills []fill) {
	if len(batch) == 1 {
		_, err := sidecar.Unary(ctx, c.client.link, 0, c.rpc.Set, batch[0])
		c.settle(ctx, err, fills)
		return
	}
	_, err := sidecar.Unary(ctx, c.client.link, 0, c.rpc.SetMany, &cachev1.SetManyRequest{Requests: batch})
	if status.Code(err) != codes.InvalidArgument {
		c.settle(ctx, err, fills)
		return
	}
	// One of them is too large, say, and none was stored.
	for i, request := range batch {
		_, err := sidecar.Unary(ctx, c.client.link, 0, c.rpc.Set, request)
		c.settle(ctx, err, fills[i:i+1])
		if sidecar.IsNoAnswer(err) || ctx.Err() != nil {
			c.abandon(ctx, fills[i+1:])
			return
		}
	}
}

// settle gives the tokens of what was refused back.
func (c *Cache[T]) settle(ctx context.Context, err error, fills []fill) {
	if err == nil || sidecar.IsNoAnswer(err) {
		return
	}
	if !errors.Is(err, context.Canceled) { // else its caller has gone
		c.client.settings.logger.Warn("a loaded value was not stored",
			"namespace", c.namespace, "key", fills[0].key, "error", err)
	}
	c.abandon(ctx, fills)
}

// abandon gives tokens back, in the background: others may load now.
func (c *Cache[T]) abandon(ctx context.Context, fills []fill) {
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
